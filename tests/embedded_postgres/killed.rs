//! What `kill -9` leaves, and how the next start deals with it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use linkgate::foundation::embedded_postgres::{Mode, StartError};
use nix::sys::signal::{Signal, kill};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgPool};

use crate::harness::{Folder, eventually, notes, write_note};

const HELPER_FOLDER: &str = "LINKGATE_TEST_HELPER_FOLDER";

/// A `serve` in a process of its own, to be killed.
struct Helper {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Helper {
    fn spawn(folder: &Folder) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "killed::helper_serves_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(HELPER_FOLDER, &folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    fn wait_until_ready(&mut self) {
        let ready = self
            .said
            .by_ref()
            .lines()
            .any(|line| line.unwrap().contains("helper is ready"));
        assert!(ready, "the helper ended early");
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

async fn works(pool: &PgPool) -> bool {
    pool.execute("SELECT text FROM note").await.is_ok()
}

#[tokio::test]
async fn a_killed_postmaster_comes_back_with_what_was_acknowledged() {
    let folder = Folder::new("postmaster");
    let postgres = folder.serve().await;
    write_note(&postgres, "first").await;
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .connect_with(postgres.connect_options())
        .await
        .unwrap();
    let writers: Vec<_> = (0..3)
        .map(|writer| tokio::spawn(write_until_closed(pool.clone(), writer)))
        .collect();
    for round in 1..=3 {
        eventually("the writers are busy", async || {
            notes(&postgres).await.len() > round * 100
        })
        .await;
        let killed = folder.server().unwrap();
        let begin = Instant::now();
        kill(killed, Signal::SIGKILL).unwrap();
        eventually("another server works behind the same pool", async || {
            folder.server().is_some_and(|server| server != killed) && works(&pool).await
        })
        .await;
        println!("back after {:?}", begin.elapsed());
    }
    pool.close().await;
    let kept = notes(&postgres).await;
    for writer in writers {
        let acknowledged = writer.await.unwrap();
        println!("{} rows acknowledged", acknowledged.len());
        assert!(!acknowledged.is_empty());
        assert!(acknowledged.iter().all(|text| kept.contains(text)));
    }
    postgres.stop().await;
}

/// Writes and writes, and returns what the server acknowledged.
async fn write_until_closed(pool: PgPool, writer: u32) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let text = format!("{writer}-{number}");
        let written = sqlx::query("INSERT INTO note VALUES ($1)")
            .bind(&text)
            .execute(&pool)
            .await;
        match written {
            Ok(_) => acknowledged.push(text),
            Err(sqlx::Error::PoolClosed) => break,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    acknowledged
}

#[tokio::test]
async fn a_killed_serve_leaves_a_server_that_the_next_takes_over() {
    let folder = Folder::new("orphan");
    let mut helper = Helper::spawn(&folder);
    helper.wait_until_ready();
    helper.kill();
    let orphan = folder.server().unwrap();
    assert!(kill(orphan, None).is_ok(), "the server runs on");

    let postgres = folder.serve().await;
    assert_ne!(folder.server(), Some(orphan));
    assert_eq!(notes(&postgres).await, ["before the kill"]);
    postgres.stop().await;
    assert_eq!(folder.server(), None);
}

#[tokio::test]
async fn a_killed_serve_leaves_a_server_that_commands_can_use() {
    let folder = Folder::new("orphan-command");
    let mut helper = Helper::spawn(&folder);
    helper.wait_until_ready();
    helper.kill();

    let command = folder.start(Mode::Command).await.unwrap();
    assert_eq!(notes(&command).await, ["before the kill"]);
    command.stop().await;
    assert_eq!(folder.server(), None, "nobody needs it any more");
}

#[tokio::test]
async fn both_killed_lose_nothing() {
    let folder = Folder::new("both");
    let mut helper = Helper::spawn(&folder);
    helper.wait_until_ready();
    helper.kill();
    kill(folder.server().unwrap(), Signal::SIGKILL).unwrap();

    let postgres = folder.serve().await;
    assert_eq!(notes(&postgres).await, ["before the kill"]);
    postgres.stop().await;
}

#[tokio::test]
async fn a_first_start_killed_half_way_does_not_spoil_the_next() {
    let folder = Folder::new("initdb");
    let helper = Helper::spawn(&folder);
    eventually("the cluster is in the making", async || {
        unfinished(&folder.data())
            .iter()
            .any(|path| path.join("PG_VERSION").exists())
    })
    .await;
    helper.kill();
    assert!(!folder.cluster().exists());

    let postgres = folder.serve().await;
    write_note(&postgres, "made anew").await;
    postgres.stop().await;
    let postgres = folder.serve().await;
    assert_eq!(notes(&postgres).await, ["made anew"]);
    postgres.stop().await;
}

fn unfinished(data_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(data_dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains("postgres.new-"))
        .collect()
}

#[tokio::test]
async fn a_server_dropped_without_a_stop_ends_and_can_be_started_again() {
    let folder = Folder::new("dropped");
    for mode in [Mode::Serve, Mode::Command] {
        drop(folder.start(mode).await.unwrap());
        eventually("the server has ended", async || folder.server().is_none()).await;
        eventually("its directory is free", async || {
            match folder.start(Mode::Serve).await {
                Ok(postgres) => {
                    postgres.stop().await;
                    true
                }
                Err(StartError::InUse { .. }) => false,
                Err(error) => panic!("{error}"),
            }
        })
        .await;
    }
}

#[tokio::test]
#[ignore = "other tests run this in a process of its own"]
async fn helper_serves_until_it_is_killed() {
    let Some(folder) = env::var_os(HELPER_FOLDER) else {
        return;
    };
    let folder = Folder(PathBuf::from(folder));
    let postgres = folder.serve().await;
    write_note(&postgres, "before the kill").await;
    println!("helper is ready");
    std::future::pending::<()>().await;
}
