//! A server of the test's own, and those who meet it: a person's browser and a platform.

mod admins;
mod answer;
mod browser;
pub mod canary;
mod capture;
pub mod cek;
pub mod chatbot;
mod clock;
#[path = "../../command/mod.rs"]
mod command;
mod console;
mod factors;
mod html;
mod keys;
mod mail;
mod passkeys;
mod pkce;
mod platform;
mod server;
mod setup;
mod signer;
mod stage;

use std::{env, path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use linkgate::{
    account::password::Cost,
    app::{self, Parts},
    config::Config,
    foundation::{
        clock::Clock,
        db,
        random::{Random, SystemRandom},
    },
    web::state::AppState,
};
use sqlx::{AssertSqlSafe, PgPool, Postgres, pool::PoolConnection};

use self::server::Server;
pub use self::{
    answer::Answer,
    browser::{Browser, Redirect},
    clock::{ManualClock, days, hours, minutes, seconds},
    command::SECRET_KEY,
    console::Desk,
    factors::{Authenticator, recovery_codes},
    html::{Form, text as page_text},
    mail::{Letter, MailServer},
    passkeys::{Device, question},
    pkce::Pkce,
    platform::{Platform, Tokens, basic, tokens},
    setup::{Person, Registered, draft, preset, public_draft},
    signer::{Signer, jwk_set, with_member},
    stage::Stage,
};

/// What people log in with, unless a test says otherwise.
pub const PASSWORD: &str = "correct horse battery";
/// Where the platforms of these tests get their answers.
pub const REDIRECT_URI: &str = "https://platform.test/callback";

/// Hashing costs what a test can bear; that it can cost more is a test of its own.
pub const COST: Cost = Cost {
    memory: 64,
    passes: 2,
    lanes: 1,
};

/// The settings of a node with these too.
pub fn config(settings: &[(&str, &str)]) -> Config {
    let variables = server::fixed(settings).into_iter();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::read(None, variables).unwrap()
}

/// A folder that is nobody else's, and not there yet.
pub fn fresh_folder() -> PathBuf {
    let random: &dyn Random = &SystemRandom;
    env::temp_dir().join(format!("lgd-{}", random.uuid()))
}

/// One node. It stops when it is dropped.
pub struct TestApp {
    /// The test's database, for set-up and for looking at what a request left behind.
    pub db: PgPool,
    /// Stands still until the test moves it.
    pub clock: Arc<ManualClock>,
    /// Where requests go, `http://127.0.0.1:PORT`.
    pub url: String,
    /// Where health is asked; a process doesn't say.
    pub ops_url: String,
    issuer: String,
    server: Option<Server>,
    // Letters go there where a test has no mail server.
    data: PathBuf,
    // sqlx drops the database once all connections are back; this one waits for the server's stop.
    lease: Option<PoolConnection<Postgres>>,
}

impl TestApp {
    /// A server with the default settings.
    pub async fn spawn(db: PgPool) -> Self {
        Self::spawn_with(db, &[]).await
    }

    /// A server with these `LINKGATE_…` settings too.
    pub async fn spawn_with(db: PgPool, settings: &[(&str, &str)]) -> Self {
        Self::start(db, Arc::new(ManualClock::default()), settings).await
    }

    /// Another server on the same database, with the same clock and public URL.
    pub async fn second_node(&self) -> Self {
        self.node_with(&[]).await
    }

    /// A server with these settings too, whose passwords cost that much.
    pub async fn spawn_hashing(db: PgPool, settings: &[(&str, &str)], cost: Cost) -> Self {
        let started = Self::start_hashing(db, Arc::default(), settings, cost).await;
        started.unwrap()
    }

    async fn start(pool: PgPool, clock: Arc<ManualClock>, settings: &[(&str, &str)]) -> Self {
        Self::try_start(pool, clock, settings).await.unwrap()
    }

    /// A server that may refuse to start.
    pub async fn try_start(
        pool: PgPool,
        clock: Arc<ManualClock>,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        Self::start_hashing(pool, clock, settings, COST).await
    }

    async fn start_hashing(
        pool: PgPool,
        clock: Arc<ManualClock>,
        settings: &[(&str, &str)],
        cost: Cost,
    ) -> anyhow::Result<Self> {
        let data = fresh_folder();
        let ours = [("LINKGATE_DATA_DIR", data.to_str().unwrap())];
        let config = config(&[&ours, settings].concat());
        let parts = Parts {
            // Each node has connections of its own, as it has in production.
            db: db::connect(
                (*pool.connect_options()).clone(),
                config.database_connections,
            ),
            secret_keys: config.secret_keys.clone().unwrap(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            cost,
        };
        capture::folder();
        canary::note(canary::Kind::SecretKey, SECRET_KEY);
        canary::note(canary::Kind::Password, PASSWORD);
        let running = app::start(&config, parts).await?;
        let lease = Some(pool.acquire().await?);
        Ok(Self {
            db: pool,
            clock,
            url: format!("http://{}", running.address),
            ops_url: format!("http://{}", running.ops_address),
            issuer: running.public_url.issuer().to_owned(),
            server: Some(Server::Instance(Box::new(running))),
            data,
            lease,
        })
    }

    /// Another server on the same database with these settings too.
    pub async fn node_with(&self, settings: &[(&str, &str)]) -> Self {
        let ours = [("LINKGATE_PUBLIC_URL", self.issuer.as_str())];
        let settings = [&ours, settings].concat();
        let (db, clock) = (self.db.clone(), self.clock.clone());
        match self.server.as_ref().unwrap() {
            Server::Instance(_) => Self::start(db, clock, &settings).await,
            Server::Process(..) => Self::start_process(db, clock, &settings).await,
        }
    }

    /// The time on the test's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The server's public URL.
    pub fn issuer(&self) -> String {
        self.issuer.clone()
    }

    /// What the server works with.
    pub fn state(&self) -> &AppState {
        match self.server.as_ref().unwrap() {
            Server::Instance(running) => running.state(),
            Server::Process(..) => panic!("nobody sees into another process"),
        }
    }

    /// Stops it in order: what was to be written behind is written then.
    pub async fn stop(mut self) {
        self.server.take().unwrap().stop().await;
        drop(std::fs::remove_dir_all(&self.data));
        capture::dump(self.lease.as_mut().unwrap()).await.unwrap();
    }

    /// One round of the cleaner, which otherwise comes every five minutes.
    pub async fn clean(&self) {
        linkgate::ops::background::clean_once(self.state())
            .await
            .unwrap();
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// The platform a client was registered for.
    pub fn platform(&self, client: &Registered) -> Platform {
        Platform::new(&self.url, client)
    }

    /// How many rows of `table` there are where `condition` holds.
    pub async fn count(&self, table: &str, condition: &str) -> i64 {
        let sql = format!("select count(*) from {table} where {condition}");
        let counting = sqlx::query_scalar(AssertSqlSafe(sql));
        counting.fetch_one(&self.db).await.unwrap()
    }

    /// How many rows of `table` have the SHA-256 of that secret in `column`. Not through [`Self::count`]:
    /// the text of a statement is logged.
    pub async fn count_hashes(&self, table: &str, column: &str, secret: &str) -> i64 {
        let sql = format!("select count(*) from {table} where {column} = sha256($1::text::bytea)");
        let counting = sqlx::query_scalar(AssertSqlSafe(sql)).bind(secret);
        counting.fetch_one(&self.db).await.unwrap()
    }

    /// One value of the database, as text.
    pub async fn value(&self, sql: &str) -> Option<String> {
        let asking = sqlx::query_scalar(AssertSqlSafe(format!("select ({sql})::text")));
        asking.fetch_one(&self.db).await.unwrap()
    }

    /// The state and the end reason of the only link, such as `ended by code_replayed`.
    pub async fn only_link(&self) -> String {
        let sql = "select state || coalesce(' by ' || end_reason::text, '') from link";
        self.value(sql).await.unwrap()
    }

    /// Waits until so many links were written to have been made.
    pub async fn written_behind(&self, links: i64) {
        let made = "kind in ('link_redeemed', 'chat_connected')";
        while self.count("event", made).await < links {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a request waits for something that a transaction of the test holds.
    pub async fn until_blocked(&self) {
        let waiting = "datname = current_database() and wait_event_type = 'Lock'";
        let seen = async {
            while self.count("pg_stat_activity", waiting).await == 0 {
                tokio::task::yield_now().await;
            }
        };
        let seen = tokio::time::timeout(std::time::Duration::from_secs(30), seen);
        seen.await.unwrap();
    }

    /// Changes the database behind the server's back, as a restored backup would.
    pub async fn change(&self, sql: &str) {
        let done = sqlx::query(AssertSqlSafe(sql.to_owned()));
        let done = done.execute(&self.db).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing to change: {sql}");
    }

    /// Takes something away from the database that a request may need.
    pub async fn change_schema(&self, sql: &str) {
        let done = sqlx::query(AssertSqlSafe(sql.to_owned()));
        done.execute(&self.db).await.unwrap();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let (Some(server), Some(mut lease)) = (self.server.take(), self.lease.take()) {
            let data = self.data.clone();
            tokio::spawn(async move {
                server.stop().await;
                drop(std::fs::remove_dir_all(data));
                capture::dump(&mut lease).await.unwrap();
            });
        }
    }
}
