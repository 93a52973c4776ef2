//! What a process of tests leaves behind for `tests/leaks`: its logs at the finest level, and the
//! tables of its databases. Only where `scripts/test` names a folder for it.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{self, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use sqlx::{AssertSqlSafe, PgConnection};
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Everything but the HTTP client that the tests themselves use: it is not the server's. What the
/// server and the command say with it is looked at in `tests/cli/logs.rs`.
const FILTER: &str = "trace,hyper=off,hyper_util=off,reqwest=off";

static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();

/// The folder of this process, named after its (first) test; from the first call on, logs go there.
pub fn folder() -> Option<&'static Path> {
    let folder = FOLDER.get_or_init(|| {
        let all = all()?;
        let test = thread::current().name().unwrap_or("unknown").to_owned();
        let test = test.replace("::", ".");
        let name = format!("{}.{test}-{}", env!("CARGO_CRATE_NAME"), process::id());
        let folder = all.join(name);
        fs::create_dir_all(&folder).unwrap();
        log_into(&folder);
        Some(folder)
    });
    folder.as_deref()
}

#[expect(
    clippy::disallowed_methods,
    reason = "said to the tests, not to the server"
)]
fn all() -> Option<PathBuf> {
    env::var_os("LINKGATE_TEST_LEAKS").map(PathBuf::from)
}

fn log_into(folder: &Path) {
    let file = File::create(folder.join("log")).unwrap();
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_ansi(false)
        // What a span is told shows even if nothing happens in it.
        .with_span_events(FmtSpan::NEW)
        .with_writer(Mutex::new(file));
    log.try_init().unwrap();
}

/// How finely another process of this test logs, and where to.
pub fn of_a_process() -> (&'static str, Stdio) {
    static PROCESSES: AtomicU32 = AtomicU32::new(0);
    let Some(folder) = folder() else {
        return ("warn", Stdio::inherit());
    };
    let number = PROCESSES.fetch_add(1, Ordering::Relaxed);
    let log = File::create(folder.join(format!("log.{number}")));
    (FILTER, log.unwrap().into())
}

/// Writes down every row of every table.
pub async fn dump(db: &mut PgConnection) -> sqlx::Result<()> {
    let Some(folder) = folder() else {
        return Ok(());
    };
    let names = "select format('%I', tablename) from pg_tables where schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut *db).await?;
    let mut dump = String::new();
    for table in tables {
        let sql = format!("select string_agg(t::text, E'\\n') from {table} t");
        let rows: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *db)
            .await?;
        dump.extend([table.as_str(), "\n", &rows.unwrap_or_default(), "\n"]);
    }
    let database: String = sqlx::query_scalar("select current_database()")
        .fetch_one(db)
        .await?;
    // The nodes of a test share a database: the last one's dump stays.
    fs::write(folder.join(format!("dump.{database}")), dump).unwrap();
    Ok(())
}

/// In hexadecimal digits.
pub fn hex(text: &str) -> String {
    let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    digits.collect()
}
