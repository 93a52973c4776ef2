//! A data directory of the test's own, and words for what is done with it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use linkgate::foundation::embedded_postgres::{EmbeddedPostgres, Mode, StartError, Surroundings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{ConnectOptions, Connection, Executor, Row};

/// A directory of this test's own, removed with whatever is in it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("lg-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub fn cluster(&self) -> PathBuf {
        self.data().join("postgres")
    }

    pub fn server(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok().map(Pid::from_raw)
    }

    pub async fn start(&self, mode: Mode) -> Result<EmbeddedPostgres, StartError> {
        EmbeddedPostgres::start(&self.data(), mode, &self.surroundings()).await
    }

    pub async fn serve(&self) -> EmbeddedPostgres {
        let begin = Instant::now();
        let postgres = self.start(Mode::Serve).await.unwrap();
        println!("started in {:?}", begin.elapsed());
        postgres
    }

    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            program_folders: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
            runtime_dir: None,
            temp_dir: env::temp_dir(),
            system_data_dir: self.0.join("system"),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(server) = self.server() {
            let _ = kill(server, Signal::SIGQUIT);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

pub async fn write_note(postgres: &EmbeddedPostgres, text: &str) {
    let mut connection = postgres.connect_options().connect().await.unwrap();
    connection
        .execute("CREATE TABLE IF NOT EXISTS note (text text NOT NULL)")
        .await
        .unwrap();
    sqlx::query("INSERT INTO note VALUES ($1)")
        .bind(text)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

pub async fn notes(postgres: &EmbeddedPostgres) -> Vec<String> {
    let mut connection = postgres.connect_options().connect().await.unwrap();
    let rows = connection
        .fetch_all("SELECT text FROM note ORDER BY text")
        .await
        .unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
