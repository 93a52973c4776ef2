//! What most commands work with: the settings, the migrated database, the time, randomness.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sqlx::{PgConnection, PgPool};
use url::Url;

use super::{database::Database, secret_key_file};
use crate::{
    account::password::{Cost, Hasher},
    client::{registration::Rules, store::DefinedScope},
    config::{Config, Problems, Purpose},
    event::{self, Event},
    foundation::{
        clock::{Clock, SystemClock},
        embedded_postgres::Mode,
        keys::{Keys, SecretKeys},
        outbound::Outbound,
        random::{Random, SystemRandom},
    },
    telemetry,
    web::state::PublicUrl,
};

/// The most connections of one command.
const CONNECTIONS: u32 = 8;

/// What a command works with.
pub struct Context {
    /// The settings.
    pub config: Config,
    /// The database, with this binary's schema.
    pub db: PgPool,
    /// When the command was given.
    pub now: DateTime<Utc>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Where the private database's data is.
    private_data_dir: Option<PathBuf>,
}

/// Reads the settings and starts the logs of a command, which tells little unless asked to.
pub fn load_config(file: Option<&Path>) -> Result<Config, Problems> {
    let config = Config::load(file, Purpose::Managing)?;
    telemetry::start(config.log.as_deref().unwrap_or("warn"), config.log_format);
    Ok(config)
}

/// Does the work with the database, and lets go of that whatever comes of it.
pub async fn with_database<T>(
    file: Option<&Path>,
    work: impl AsyncFnOnce(&Context) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let reached = Reached::reach(file).await?;
    let done = work(&reached.context).await;
    reached.release().await;
    done
}

/// A database within reach. Dropped without [`release`](Self::release), one that was started for the
/// moment is asked to shut down, and nobody waits for its end.
pub struct Reached {
    /// What to work with.
    pub context: Context,
    database: Database,
}

impl Reached {
    /// Reaches for the database, or starts the private one.
    pub async fn reach(file: Option<&Path>) -> anyhow::Result<Self> {
        let config = load_config(file)?;
        let database = Database::reach(&config, Mode::Command).await?;
        if let Err(error) = database.make_current(&config, false).await {
            database.release().await;
            return Err(error);
        }
        let context = Context {
            db: database.connect(CONNECTIONS),
            config,
            now: SystemClock.now(),
            random: Arc::new(SystemRandom),
            private_data_dir: database.private_data_dir().map(Path::to_owned),
        };
        Ok(Self { context, database })
    }

    /// Lets go of it.
    pub async fn release(self) {
        self.context.db.close().await;
        self.database.release().await;
    }
}

impl Context {
    /// Where browsers and platforms reach the server.
    pub fn public_url(&self) -> anyhow::Result<PublicUrl> {
        public_url(&self.config)
    }

    /// What registration needs to know.
    pub fn rules<'a>(&'a self, defined_scopes: &'a [DefinedScope]) -> anyhow::Result<Rules<'a>> {
        let public_url = self.public_url()?;
        Ok(Rules::new(
            &self.config.lifetimes,
            &public_url,
            defined_scopes,
            Outbound::new(self.config.outbound_private, public_url.is_loopback()),
        ))
    }

    /// What opens the keys.
    pub async fn secret_keys(&self) -> anyhow::Result<SecretKeys> {
        let data_dir = self.private_data_dir.as_deref();
        secret_key_file::open(&self.config, data_dir, &self.db, &*self.random).await
    }

    /// The keys, opened.
    pub async fn keys(&self) -> anyhow::Result<Keys> {
        let secret_keys = self.secret_keys().await?;
        Ok(Keys::open(self.db.clone(), secret_keys, &*self.random, self.now).await?)
    }

    /// Hashes a password as the server does.
    pub async fn hash(&self, password: SecretString) -> anyhow::Result<String> {
        Ok(self.hasher()?.hash(password).await?)
    }

    /// What hashes passwords.
    pub fn hasher(&self) -> anyhow::Result<Hasher> {
        Hasher::new(
            Cost::default(),
            self.config.password_hashes,
            self.random.clone(),
        )
    }

    /// Writes a line of history about something that is done already.
    pub async fn record(&self, event: Event) -> anyhow::Result<()> {
        event::store::insert_events(&self.db, &[event])
            .await
            .context("done, but not written into the history")
    }
}

/// Writes a line of history; in the transaction of the change, so that neither is without the other.
pub async fn record(db: &mut PgConnection, event: Event) -> sqlx::Result<()> {
    event::store::insert_events(db, &[event]).await
}

/// Where browsers and platforms reach a server of these settings.
pub fn public_url(config: &Config) -> anyhow::Result<PublicUrl> {
    Ok(match &config.public_url {
        Some(url) => PublicUrl::new(url),
        None => PublicUrl::new(&Url::parse(&format!("http://{}", config.listen))?),
    })
}
