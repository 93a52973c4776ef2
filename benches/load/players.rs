//! Who asks: each player has one connection and does the same thing over and over.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::{
    Scenario,
    data::{self, Data},
    http::Connection,
    signed,
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// The cookie by which a device is known.
const DEVICE: &str = "dev";
/// What a login says that may come again.
pub const TURNED_AWAY: &str = "login: 503 with Retry-After";

/// What a player does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A scenario's.
    Of(Scenario),
    /// Sends CEK requests that nobody signed, and is refused.
    Forge,
}

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

/// One post of JSON.
struct Posted {
    path: String,
    headers: String,
    body: String,
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
    /// Posts each in turn.
    Post {
        requests: Vec<Posted>,
        next: usize,
        media_type: &'static str,
        /// What it must be answered with.
        status: u16,
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
    /// The `index`th of `count` players who do that to Linkgate.
    pub async fn of_linkgate(
        work: Work,
        data: &Data,
        mut connection: Connection,
        place: (u32, u32),
    ) -> anyhow::Result<Self> {
        let (index, count) = place;
        let client = &data.client.id;
        let tokens = || own_links(index, count).map(|link| (link, data.access_token(link)));
        let part = match work {
            Work::Forge => forge(data, place),
            Work::Of(Scenario::Resolve) => Part::Get {
                requests: tokens()
                    .map(|(_, token)| ("/resolve".to_owned(), bearer(&token)))
                    .collect(),
                next: 0,
            },
            Work::Of(Scenario::Action) => {
                let act = |(_, token)| Posted {
                    path: format!("/action/{client}/{}", data::ACTION),
                    headers: String::new(),
                    body: format!(r#"{{"accessToken":"{token}"}}"#),
                };
                Part::post(tokens().map(act), 200)
            }
            Work::Of(Scenario::ActionV2) => {
                let act = |(_, token): (u32, String)| Posted {
                    path: format!("/action/{client}"),
                    headers: bearer(&token),
                    body: data::SEVERAL.to_owned(),
                };
                Part::post(tokens().map(act), 200)
            }
            Work::Of(Scenario::Cek) => {
                let turns = data.turns()?.iter().skip(usize::try_from(index)?);
                let send = |turn: &signed::Turn| Posted {
                    path: format!("/cek/{client}"),
                    headers: turn.headers.clone(),
                    body: turn.body.clone(),
                };
                Part::post(turns.step_by(usize::try_from(count)?).map(send), 200)
            }
            Work::Of(Scenario::Introspect) => introspect(data, place),
            Work::Of(Scenario::Confirm) => confirm(data, place),
            Work::Of(Scenario::Refresh) => refresh(data, place).await?,
            Work::Of(Scenario::Link) => Part::Link(Linking {
                authorize: authorization_request(data),
                cookies: data.cookies(index + 1).await?,
                basic: data.basic.clone(),
                origin: connection.origin(),
            }),
            Work::Of(Scenario::Login) => log_in(&mut connection, index).await?,
        };
        Ok(Self {
            connection,
            part,
            times: Vec::new(),
        })
    }

    /// The `index`th of `count` players of a scenario against the bare handlers.
    pub fn of_bare(
        scenario: Scenario,
        data: &Data,
        connection: Connection,
        (index, count): (u32, u32),
    ) -> anyhow::Result<Self> {
        let path = |link| format!("/{}/{}", scenario.name(), data::link_id(link));
        let part = if scenario == Scenario::Cek {
            let turns = data.turns()?.iter().skip(usize::try_from(index)?);
            let send = |turn: &signed::Turn| Posted {
                path: path(turn.link),
                headers: turn.headers.clone(),
                body: turn.body.clone(),
            };
            Part::post(turns.step_by(usize::try_from(count)?).map(send), 200)
        } else {
            Part::Get {
                requests: own_links(index, count)
                    .map(|link| (path(link), String::new()))
                    .collect(),
                next: 0,
            }
        };
        Ok(Self {
            connection,
            part,
            times: Vec::new(),
        })
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
            Part::Post {
                requests,
                next,
                media_type,
                status,
            } => {
                let Posted {
                    path,
                    headers,
                    body,
                } = in_turn(requests, next)?;
                // Who is refused unread has lost the connection.
                if *status == 403 {
                    *connection = connection.again().await?;
                }
                let answered = connection.post(path, media_type, headers, body);
                let answered = answered.await?.status;
                ensure!(answered == *status, "{path} answered {answered}");
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
                enter(connection, cookies, form).await?;
                laps.done();
            }
        }
        Ok(())
    }
}

impl Part {
    fn post(requests: impl Iterator<Item = Posted>, status: u16) -> Self {
        Self::Post {
            requests: requests.collect(),
            next: 0,
            media_type: JSON,
            status,
        }
    }
}

/// Requests of CEK that nobody signed.
fn forge(data: &Data, (index, count): (u32, u32)) -> Part {
    let client = &data.client.id;
    let unsigned = own_links(index, count).take(100).map(|link| Posted {
        path: format!("/cek/{client}"),
        headers: String::new(),
        body: signed::launch(link, &data.access_token(link)),
    });
    Part::post(unsigned, 403)
}

async fn enter(connection: &mut Connection, cookies: &str, form: &str) -> anyhow::Result<()> {
    let answer = connection.post("/login", FORM, cookies, form).await?;
    let told = answer.header("retry-after").is_some();
    ensure!(answer.status != 503 || !told, TURNED_AWAY);
    ensure!(answer.status == 303, "login: {}", answer.status);
    Ok(())
}

/// Asks about access tokens that are good.
fn introspect(data: &Data, (index, count): (u32, u32)) -> Part {
    let asked = own_links(index, count).map(|link| Posted {
        path: "/oauth/introspect".to_owned(),
        headers: data.basic.clone(),
        body: format!("token={}", data.access_token(link)),
    });
    Part::Post {
        requests: asked.collect(),
        next: 0,
        media_type: FORM,
        status: 200,
    }
}

/// Asks whether people are connected who all are.
fn confirm(data: &Data, (index, count): (u32, u32)) -> Part {
    let client = &data.client.id;
    let asked = own_links(index, count).map(|link| Posted {
        path: format!("/chatbot/{client}/confirm"),
        headers: String::new(),
        body: format!(r#"{{"userId":"user{link}","platform":"bench","domainCode":"bench"}}"#),
    });
    Part::post(asked, 200)
}

async fn refresh(data: &Data, (index, count): (u32, u32)) -> anyhow::Result<Part> {
    let mut tokens = Vec::new();
    for link in own_links(index, count).take(100) {
        tokens.push(data.refresh_token(link).await?);
    }
    Ok(Part::Refresh {
        tokens,
        basic: data.basic.clone(),
        next: 0,
    })
}

/// From a device that logged in before: whose first login it is gets a letter about it, once.
async fn log_in(connection: &mut Connection, index: u32) -> anyhow::Result<Part> {
    let answer = connection.get("/login", "").await?;
    let cookie = answer.header("set-cookie").context("no cookie")?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let csrf = field(answer.body, "csrf")?;
    let form = format!(
        "csrf={csrf}&email=person{}%40example.com&password=",
        index + 1
    );
    let form = form + &data::PASSWORD.replace(' ', "+");
    let cookies = format!("Cookie: {cookie}\r\n");
    let answer = connection.post("/login", FORM, &cookies, &form).await?;
    let device = answer.cookie(DEVICE).context("no device cookie")?;
    let cookies = format!("Cookie: {cookie}; {device}\r\n");
    Ok(Part::LogIn { cookies, form })
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
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
