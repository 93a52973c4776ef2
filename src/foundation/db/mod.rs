//! The connection pool and the migrations.

mod store;

use std::time::Duration;

use sqlx::{
    Connection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// The schema's whole history, embedded in the binary.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// A connection that rested longer is asked before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Connects lazily: a database that is away makes requests wait up to two seconds and then answer
/// 503, it does not stop the server.
pub fn connect(options: PgConnectOptions, connections: u32) -> PgPool {
    let options = options
        .application_name("linkgate")
        .options([
            // A stuck lock or a forgotten transaction must not take the whole pool with it.
            ("statement_timeout", "10s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
            // Planned once: planning a statement over arrays costs more than running it.
            ("plan_cache_mode", "force_generic_plan"),
            // Compiling a query to machine code takes longer than any of ours runs.
            ("jit", "off"),
        ])
        .statement_cache_capacity(256);
    trusting(PgPoolOptions::new().max_connections(connections))
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(2))
        .idle_timeout(Duration::from_mins(10))
        .max_lifetime(Duration::from_mins(30))
        .connect_lazy_with(options)
}

/// A connection kept from one statement to the next: giving it back to its pool costs a round trip.
pub struct Kept {
    pool: PgPool,
    connection: Option<PoolConnection<Postgres>>,
    /// The last one taken was not left here again.
    lost: bool,
}

impl Kept {
    /// None is taken yet.
    pub fn of(pool: &PgPool) -> Self {
        Self {
            pool: pool.clone(),
            connection: None,
            lost: false,
        }
    }

    /// The connection, and where to leave it after a statement that ended well. One that is not left
    /// there is not trusted again.
    pub async fn take(&mut self) -> sqlx::Result<PoolConnection<Postgres>> {
        let may_be_broken = std::mem::replace(&mut self.lost, true);
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        // Opening a connection is a future of some hundred kilobytes, which every batch would carry about.
        Box::pin(self.acquire(may_be_broken)).await
    }

    async fn acquire(&self, may_be_broken: bool) -> sqlx::Result<PoolConnection<Postgres>> {
        let mut connection = self.pool.acquire().await?;
        // Where one broke, all that rest in the pool may have.
        while may_be_broken && connection.ping().await.is_err() {
            connection = self.pool.acquire().await?;
        }
        Ok(connection)
    }

    /// Keeps it for the next statement.
    pub fn keep(&mut self, connection: PoolConnection<Postgres>) {
        self.connection = Some(connection);
        self.lost = false;
    }

    /// Gives it back to the pool.
    pub fn release(&mut self) {
        self.connection = None;
    }
}

/// Asking each connection before use would double the round trips of the hot path. One that rested
/// may have died with its server; a request that met it would fail for nothing.
fn trusting(pool: PgPoolOptions) -> PgPoolOptions {
    pool.test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// A small pool to the same database for work that outlives the server's workers: a connection dies
/// with the runtime that opened it, and each worker has a runtime of its own. Who finds none free waits
/// for it with that much patience.
pub fn beside(db: &PgPool, connections: u32, patience: Duration) -> PgPool {
    trusting(PgPoolOptions::new().max_connections(connections))
        .acquire_timeout(patience)
        .idle_timeout(Duration::from_mins(10))
        .max_lifetime(Duration::from_mins(30))
        .connect_lazy_with((*db.connect_options()).clone())
}

/// How the database's schema compares with this binary's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// They are the same.
    Current,
    /// So many migrations are missing.
    Behind(usize),
    /// The database was migrated by a newer Linkgate.
    Ahead,
}

/// Compares the schema without changing anything.
pub async fn schema_state(options: &PgConnectOptions) -> Result<SchemaState, sqlx::Error> {
    let mut connection = sqlx::ConnectOptions::connect(options).await?;
    let applied = store::list_applied_migrations(&mut connection).await?;
    if applied
        .iter()
        .any(|version| !MIGRATIONS.version_exists(*version))
    {
        return Ok(SchemaState::Ahead);
    }
    let missing = MIGRATIONS
        .iter()
        .filter(|known| !applied.contains(&known.version))
        .count();
    Ok(if missing == 0 {
        SchemaState::Current
    } else {
        SchemaState::Behind(missing)
    })
}

/// Applies what is missing, under a lock that several nodes starting at once wait for.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = sqlx::ConnectOptions::connect(options).await?;
    MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}
