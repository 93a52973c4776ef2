//! The database of a command: the configured one, or the private one, started for the moment.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret;
use sqlx::{PgPool, postgres::PgConnectOptions};

use crate::{
    config::{self, Config},
    foundation::{
        db::{self, SchemaState},
        embedded_postgres::{EmbeddedPostgres, Mode},
    },
};

/// How long a database may take to answer the first question.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database within reach, its schema not looked at yet.
pub struct Database {
    options: PgConnectOptions,
    private: Option<EmbeddedPostgres>,
}

impl Database {
    /// Reaches for the configured database, or starts the private one (or finds it running).
    pub async fn reach(config: &Config, mode: Mode) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let options = url.expose_secret().parse::<PgConnectOptions>()?;
            return Ok(Self {
                options,
                private: None,
            });
        }
        let private =
            EmbeddedPostgres::start(&config.data_dir, mode, &config::surroundings()).await?;
        Ok(Self {
            options: private.connect_options(),
            private: Some(private),
        })
    }

    /// Where the private database's data really is.
    pub fn private_data_dir(&self) -> Option<&Path> {
        Some(self.private.as_ref()?.data_dir())
    }

    /// What the operator must be told about where the data is.
    pub fn notice(&self) -> Option<&str> {
        self.private.as_ref()?.notice()
    }

    /// How its schema compares with this binary's.
    pub async fn schema(&self) -> anyhow::Result<SchemaState> {
        let state = tokio::time::timeout(PATIENCE, db::schema_state(&self.options));
        let reached = match state.await {
            Ok(state) => state.map_err(anyhow::Error::from),
            Err(_) => Err(anyhow::anyhow!("no answer within {PATIENCE:?}")),
        };
        reached.with_context(|| {
            let (host, port) = (self.options.get_host(), self.options.get_port());
            match self.private {
                None => {
                    format!("LINKGATE_DATABASE_URL: the database at {host}:{port} can't be reached")
                }
                Some(_) => "the private PostgreSQL can't be reached".to_owned(),
            }
        })
    }

    /// Applies what is missing; several at once wait for each other.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        db::migrate(&self.options)
            .await
            .context("the database's schema can't be brought up to date")
    }

    /// Makes sure the schema is this binary's. An empty database gets it where migrations are on;
    /// one with a past is migrated only if `serving`, since other nodes may be at work on it.
    pub async fn make_current(&self, config: &Config, serving: bool) -> anyhow::Result<()> {
        match self.schema().await? {
            SchemaState::Current => Ok(()),
            SchemaState::Behind(missing) => {
                let is_empty = missing == db::MIGRATIONS.iter().count();
                if config.migrate && (serving || is_empty) {
                    return self.migrate().await;
                }
                bail!("the database lacks {missing} migrations: run `linkgate migrate` first")
            }
            SchemaState::Ahead => bail!(AHEAD),
        }
    }

    /// A pool of at most so many connections.
    pub fn connect(&self, connections: u32) -> PgPool {
        db::connect(self.options.clone(), connections)
    }

    /// Stops the private database, if this command started it and nobody else uses it.
    pub async fn release(self) {
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}

/// What is said about a schema that a newer version made.
pub const AHEAD: &str = "the database was migrated by a newer Linkgate: run that version, or restore a backup of before";
