//! Who asks: each player has one connection and does the same thing over and over.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::{
    Scenario,
    data::{self, Data},
    http::Connection,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// One connection, and what it does.
pub struct Player {
    connection: Connection,
    part: Part,
    /// How long each request took.
    pub times: Vec<Duration>,
}

/// Everything a person and a platform need to link.
struct Linking {
    authorize: String,
    cookies: String,
    basic: String,
    origin: String,
}

/// Stops the time of one request after the other.
struct Laps<'a> {
    times: &'a mut Vec<Duration>,
    began: Instant,
}

impl Laps<'_> {
    fn done(&mut self) {
        let now = Instant::now();
        self.times
            .push(now - std::mem::replace(&mut self.began, now));
    }
}

enum Part {
    /// Each address in turn.
    Get {
        requests: Vec<(String, String)>,
        next: usize,
    },
    /// Posts the same JSON object with each token in turn.
    Act {
        path: String,
        tokens: Vec<String>,
        next: usize,
    },
    /// Refreshes each link in turn, with the token it got last.
    Refresh {
        tokens: Vec<String>,
        basic: String,
        next: usize,
    },
    /// Authorizes, approves and redeems.
    Link(Linking),
    /// Logs in.
    LogIn { cookies: String, form: String },
}

impl Player {
    /// The `index`th of `count` players of a scenario against Linkgate.
    pub async fn of_linkgate(
        scenario: Scenario,
        data: &Data,
        connection: Connection,
        (index, count): (u32, u32),
    ) -> anyhow::Result<Self> {
        let mut connection = connection;
        let part = match scenario {
            Scenario::Resolve => Part::Get {
                requests: own_links(index, count)
                    .map(|link| {
                        let token = data.access_token(link);
                        (
                            "/resolve".to_owned(),
                            format!("Authorization: Bearer {token}\r\n"),
                        )
                    })
                    .collect(),
                next: 0,
            },
            Scenario::Action => Part::Act {
                path: format!("/action/{}/{}", data.client.id, data::ACTION),
                tokens: own_links(index, count)
                    .map(|link| data.access_token(link))
                    .collect(),
                next: 0,
            },
            Scenario::Refresh => {
                let mut tokens = Vec::new();
                for link in own_links(index, count).take(100) {
                    tokens.push(data.refresh_token(link).await?);
                }
                Part::Refresh {
                    tokens,
                    basic: data.basic.clone(),
                    next: 0,
                }
            }
            Scenario::Link => Part::Link(Linking {
                authorize: authorization_request(data),
                cookies: data.cookies(index + 1).await?,
                basic: data.basic.clone(),
                origin: connection.origin(),
            }),
            Scenario::Login => {
                let answer = connection.get("/login", "").await?;
                let cookie = answer.header("set-cookie").context("no cookie")?;
                let cookie = cookie.split(';').next().unwrap_or_default();
                let cookies = format!("Cookie: {cookie}\r\n");
                let csrf = field(answer.body, "csrf")?;
                let form = format!(
                    "csrf={csrf}&email=person{}%40example.com&password=",
                    index + 1
                );
                let form = form + &data::PASSWORD.replace(' ', "+");
                Part::LogIn { cookies, form }
            }
        };
        Ok(Self {
            connection,
            part,
            times: Vec::new(),
        })
    }

    /// The `index`th of `count` players of a scenario against the bare handlers.
    pub fn of_bare(scenario: Scenario, connection: Connection, (index, count): (u32, u32)) -> Self {
        let path = scenario.name();
        Self {
            connection,
            part: Part::Get {
                requests: own_links(index, count)
                    .map(|link| (format!("/{path}/{}", data::link_id(link)), String::new()))
                    .collect(),
                next: 0,
            },
            times: Vec::new(),
        }
    }

    /// Does it once. `began`: when it was due.
    pub async fn play(&mut self, began: Instant) -> anyhow::Result<()> {
        let Self {
            connection,
            part,
            times,
        } = self;
        let mut laps = Laps { times, began };
        match part {
            Part::Get { requests, next } => {
                let (path, headers) = in_turn(requests, next)?;
                let status = connection.get(path, headers).await?.status;
                ensure!(status == 200, "{path} answered {status}");
                laps.done();
            }
            Part::Act { path, tokens, next } => {
                let body = format!(r#"{{"accessToken":"{}"}}"#, in_turn(tokens, next)?);
                let answer = connection.post(path, "application/json", "", &body).await?;
                ensure!(answer.status == 200, "{path} answered {}", answer.status);
                laps.done();
            }
            Part::Refresh {
                tokens,
                basic,
                next,
            } => {
                let token = in_turn(tokens, next)?;
                let body = format!("grant_type=refresh_token&refresh_token={token}");
                let answer = connection.post("/oauth/token", FORM, basic, &body).await?;
                ensure!(
                    answer.status == 200,
                    "refresh: {} {}",
                    answer.status,
                    answer.body
                );
                let issued = between(answer.body, "\"refresh_token\":\"", "\"");
                issued.context("no refresh token")?.clone_into(token);
                laps.done();
            }
            Part::Link(linking) => linking.link(connection, &mut laps).await?,
            Part::LogIn { cookies, form } => {
                let answer = connection.post("/login", FORM, cookies, form).await?;
                ensure!(answer.status == 303, "login: {}", answer.status);
                laps.done();
            }
        }
        Ok(())
    }
}

impl Linking {
    async fn link(&self, connection: &mut Connection, laps: &mut Laps<'_>) -> anyhow::Result<()> {
        let page = connection.get(&self.authorize, &self.cookies).await?;
        ensure!(page.status == 200, "authorize: {}", page.status);
        let (csrf, flow) = (field(page.body, "csrf")?, field(page.body, "flow")?);
        let named = field(page.body, "named")?;
        let form = format!("csrf={csrf}&flow={flow}&named={named}&decision=approve");
        laps.done();
        let headers = format!("{}Origin: {}\r\n", self.cookies, self.origin);
        let back = connection.post("/consent", FORM, &headers, &form).await?;
        let location = back.header("location").context("not redirected")?;
        let code = between(location, "code=", "&").context("no code")?;
        let uri = "https%3A%2F%2Fplatform.example%2Fcallback";
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={uri}");
        laps.done();
        let tokens = connection.post("/oauth/token", FORM, &self.basic, &form);
        let tokens = tokens.await?;
        ensure!(
            tokens.status == 200,
            "redeem: {} {}",
            tokens.status,
            tokens.body
        );
        laps.done();
        Ok(())
    }
}

/// The links this player works on; no two players share one.
fn own_links(index: u32, count: u32) -> impl Iterator<Item = u32> {
    let each = data::LINKS / count;
    (1..=each).map(move |n| index * each + n)
}

/// As CLOVA asks, with 300 characters of state.
fn authorization_request(data: &Data) -> String {
    format!(
        "/oauth/authorize?client_id={}&redirect_uri=https%3A%2F%2Fplatform.example%2Fcallback\
         &response_type=code&state={}",
        data.client.id,
        "0123456789".repeat(30)
    )
}

fn in_turn<'a, T>(all: &'a mut [T], next: &mut usize) -> anyhow::Result<&'a mut T> {
    let count = all.len();
    let chosen = all
        .get_mut(*next % count.max(1))
        .context("nothing to ask for");
    *next = (*next + 1) % count.max(1);
    chosen
}

fn field<'a>(page: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let opening = format!("name=\"{name}\" value=\"");
    between(page, &opening, "\"").with_context(|| format!("no field {name}"))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(after).next()
}
