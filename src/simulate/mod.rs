//! Plays an assistant platform and a person against a running server, over real HTTP: from the
//! authorization request to the end of the link. What it makes for itself it takes away again.

mod browser;
mod cek;
mod chat;
mod chatbot;
mod page;
mod platform;
mod play;
mod signing_key;
mod store;

use std::{fmt, future::Future, time::Duration};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use secrecy::SecretString;
use serde::Serialize;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use self::{cek::Cek, chat::Chat, play::Play, signing_key::SigningKey};
use crate::{
    chatbot::store::list_actions,
    client::{self, Client, ClientAuthentication},
    event::milestone::SIMULATOR,
    foundation::{
        clock::Clock,
        ids::ClientId,
        random::Random,
        secret::{ClientSecretKind, Plain},
    },
    link::{self, EndReason, code::AuthorizationCode},
};

/// How long the simulation's own secret and key would work if nothing took them away.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Options {
    /// As which platform.
    pub client_id: ClientId,
    /// As whom.
    pub email: String,
    /// Their password.
    pub password: SecretString,
    /// Where the server is reached; its public URL, unless it is asked past its proxy.
    pub base_url: Url,
}

/// Where this very server listens: what it plays against when it is told to from its own console.
pub struct Here(pub Url);

/// One step, as it went.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was done, such as `authorize`.
    pub name: String,
    /// Whether it went as it must.
    pub ok: bool,
    /// How long it took, to a tenth.
    pub ms: f64,
    /// What came of it, or what went wrong, for people.
    pub detail: String,
    /// Whether the client gives no reason to do it; the detail says why.
    #[serde(skip)]
    pub skipped: bool,
}

/// All steps up to the first that failed.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether all went as they must.
    pub ok: bool,
    /// The steps in their order.
    pub steps: Vec<Step>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self {
            Self { skipped: true, .. } => '–',
            Self { ok: true, .. } => '✓',
            _ => '✗',
        };
        write!(
            f,
            "{mark} {:<12} {:>7.1} ms  {}",
            self.name, self.ms, self.detail
        )
    }
}

/// What the simulation needs of the process it runs in.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The server's database.
    pub db: &'a PgPool,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub random: &'a dyn Random,
}

/// Plays everything, telling each step as it is done; interrupted, it takes away what it made, too.
/// Fails only where it can't begin.
pub async fn run(
    options: &Options,
    surroundings: Surroundings<'_>,
    tell: &mut dyn FnMut(&Step),
    interrupted: impl Future<Output = ()>,
) -> anyhow::Result<Report> {
    let Surroundings { db, random, .. } = surroundings;
    let client = client::store::find_client(db, &options.client_id).await?;
    let client = client.with_context(|| format!("there is no client {}", options.client_id))?;
    let actions = list_actions(db, &client.id).await?;
    let http = http_client(&options.base_url)?;
    let secret = TemporarySecret::make(&client, surroundings).await?;
    let key = match SigningKey::register(&client, surroundings).await {
        Ok(key) => key,
        Err(error) => {
            secret.remove(db).await?;
            return Err(error);
        }
    };
    let cek = key
        .as_ref()
        .map(|key| Cek::new(&client, &options.base_url, &http, key, random));
    let mut steps = Steps::new(tell);
    let chat = Chat::of(&client, options, &http, surroundings);
    let mut play = Play::new(options, &client, &actions, http.clone(), cek);
    let playing = async {
        play.run(secret.plain(), surroundings, &mut steps).await?;
        match &chat {
            Some(chat) => chat.play(surroundings, &mut steps).await,
            None => Some(()),
        }
    };
    tokio::select! {
        _ = playing => {}
        () = interrupted => steps.fail("interrupted"),
    }
    let mut ended = end_link_of(play.code.as_deref(), surroundings).await;
    if let Some(chat) = &chat {
        ended = ended.and(chat.end(surroundings).await);
    }
    drop(play);
    let removed = secret.remove(db).await;
    if let Some(key) = key {
        key.remove(db).await?;
    }
    ended.and(removed)?;
    Ok(steps.report())
}

fn http_client(base_url: &Url) -> reqwest::Result<reqwest::Client> {
    let http = reqwest::Client::builder()
        .user_agent(SIMULATOR)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE);
    let http = match base_url.scheme() {
        "http" => http.no_proxy(), // Plain http is loopback, which no proxy leads to.
        _ => http,
    };
    http.build()
}

/// Whatever step the simulation came to, the link it made must not stay.
async fn end_link_of(code: Option<&str>, surroundings: Surroundings<'_>) -> sqlx::Result<()> {
    let Surroundings { db, clock, .. } = surroundings;
    let code = code.and_then(AuthorizationCode::parse);
    if let Some(code) = code
        && let Some(link) = store::find_link_of_code(db, code.hash()).await?
    {
        link::store::end(db, link, EndReason::Account, clock.now()).await?;
    }
    Ok(())
}

/// A client secret beside the client's own ones, because those are stored as hashes alone.
struct TemporarySecret(Option<(Uuid, Plain<ClientSecretKind>)>);

impl TemporarySecret {
    async fn make(client: &Client, surroundings: Surroundings<'_>) -> anyhow::Result<Self> {
        let Surroundings { db, clock, random } = surroundings;
        match client.authentication() {
            ClientAuthentication::ClientSecret => {}
            ClientAuthentication::None => return Ok(Self(None)),
            ClientAuthentication::PrivateKeyJwt => bail!(
                "{} proves itself with keys of its own (private_key_jwt), which a simulation does not have: simulate a client with a secret",
                client.id
            ),
        }
        let (id, plain) = (random.uuid(), Plain::random(random));
        let now = clock.now();
        client::secret::store::insert_temporary_secret(
            db,
            &client.id,
            (id, &plain.hash()),
            now + LIFETIME,
            now,
        )
        .await?;
        Ok(Self(Some((id, plain))))
    }

    fn plain(&self) -> Option<&Plain<ClientSecretKind>> {
        self.0.as_ref().map(|(_, plain)| plain)
    }

    async fn remove(self, db: &PgPool) -> sqlx::Result<()> {
        match self.0 {
            Some((id, _)) => client::secret::store::delete_secret(db, id).await,
            None => Ok(()),
        }
    }
}

/// Takes the time of each step and tells of it.
struct Steps<'a> {
    done: Vec<Step>,
    tell: &'a mut dyn FnMut(&Step),
}

impl<'a> Steps<'a> {
    fn new(tell: &'a mut dyn FnMut(&Step)) -> Self {
        Self {
            done: Vec::new(),
            tell,
        }
    }

    /// Does a step. `None`: it failed, and with it the simulation.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long real requests took is measured, nothing is decided by it"
    )]
    async fn step<T>(
        &mut self,
        name: impl Into<String>,
        work: impl Future<Output = anyhow::Result<(T, String)>>,
    ) -> Option<T> {
        let began = std::time::Instant::now();
        let outcome = work.await;
        let ms = (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        let (ok, detail, value) = match outcome {
            Ok((value, detail)) => (true, detail, Some(value)),
            Err(error) => (false, format!("{error:#}"), None),
        };
        self.add(Step {
            name: name.into(),
            ok,
            ms,
            detail,
            skipped: false,
        });
        value
    }

    fn skip(&mut self, name: &str, why: &str) {
        self.add(Step {
            name: name.to_owned(),
            ok: true,
            ms: 0.0,
            detail: format!("skipped: {why}"),
            skipped: true,
        });
    }

    fn fail(&mut self, why: &str) {
        self.add(Step {
            name: why.to_owned(),
            ok: false,
            ms: 0.0,
            detail: "stopped before the end".to_owned(),
            skipped: false,
        });
    }

    fn add(&mut self, step: Step) {
        (self.tell)(&step);
        self.done.push(step);
    }

    fn report(self) -> Report {
        Report {
            ok: !self.done.is_empty() && self.done.iter().all(|step| step.ok),
            steps: self.done,
        }
    }
}
