//! One run of the server: started and waited for, watched, shut down.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::StartError;
use super::cluster;
use super::files;
use super::process::{self, PidFile};
use super::settings::Settings;
use super::socket::{self, PORT};
use super::store::{DATABASE, ROLE};
use super::system_user::SystemUser;

/// How long recovery after a crash may take; a gigabyte of log at most needs far less.
const RECOVERY: Duration = Duration::from_mins(5);

/// How long the children of a killed server may hold its shared memory: attempts and pause.
const LEFTOVER_ATTEMPTS: u32 = 100;
const LEFTOVER_PAUSE: Duration = Duration::from_millis(100);

/// How often the state of a starting or ending server is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// First ask for a fast shutdown, then for one that leaves recovery to the next start.
const SHUTDOWN: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(30)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(10)),
];

/// Everything needed to start the server, as often as it takes.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) postgres: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) settings: Settings,
    pub(super) socket_folder: PathBuf,
    pub(super) log: PathBuf,
    pub(super) user: SystemUser,
}

/// A running server. Dropping one that this process started asks it to shut down, without
/// waiting; one that was found running goes on.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: u32,
    child: Option<Child>,
    cluster: PathBuf,
    user: SystemUser,
}

/// Why one attempt did not lead to a server.
enum Attempt {
    /// The children of a killed server aren't gone yet.
    Leftovers(StartError),
    Hopeless(StartError),
}

impl Launch {
    /// Starts the server and waits until it answers.
    pub(super) async fn run(&self) -> Result<Postmaster, StartError> {
        let mut attempts = 1;
        loop {
            match self.attempt().await {
                Ok(postmaster) => return Ok(postmaster),
                Err(Attempt::Leftovers(_)) if attempts < LEFTOVER_ATTEMPTS => {
                    attempts += 1;
                    sleep(LEFTOVER_PAUSE).await;
                }
                Err(Attempt::Leftovers(error) | Attempt::Hopeless(error)) => return Err(error),
            }
        }
    }

    async fn attempt(&self) -> Result<Postmaster, Attempt> {
        // Clears away a `postmaster.pid` that names a stranger.
        PidFile::of_running_server(&self.cluster, &self.user).map_err(Attempt::Hopeless)?;
        socket::clear(&self.socket_folder).map_err(Attempt::Hopeless)?;
        let log = files::open_log(&self.log).map_err(Attempt::Hopeless)?;
        let log_start = log.metadata().map_or(0, |log| log.len());
        let mut postmaster = self.spawn(&log).map_err(Attempt::Hopeless)?;
        let reason = match timeout(RECOVERY, postmaster.ready()).await {
            Ok(Ok(())) => match answers(&connect_options(&self.socket_folder)).await {
                Ok(()) => return Ok(postmaster),
                Err(error) => format!("it refuses Linkgate: {error}"),
            },
            Ok(Err(reason)) => reason,
            Err(_) => format!("it was not ready after {} seconds", RECOVERY.as_secs()),
        };
        let log = files::log_since(&self.log, log_start);
        let leftovers =
            log.contains("pre-existing shared memory block") || log.contains("lock file \"");
        let error = StartError::Failed { reason, log };
        Err(if leftovers {
            Attempt::Leftovers(error)
        } else {
            Attempt::Hopeless(error)
        })
    }

    fn spawn(&self, log: &std::fs::File) -> Result<Postmaster, StartError> {
        let writer = || {
            log.try_clone()
                .map(Stdio::from)
                .map_err(StartError::system("opening", &self.log))
        };
        let mut command = cluster::command(&self.postgres, &self.user);
        command
            .args(self.settings.arguments(&self.cluster, &self.socket_folder))
            .stdout(writer()?)
            .stderr(writer()?);
        let child = command
            .spawn()
            .map_err(StartError::system("running", &self.postgres))?;
        Ok(Postmaster {
            pid: child.id().unwrap_or_default(),
            child: Some(child),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
        })
    }
}

impl Postmaster {
    /// A server that another process started.
    pub(super) fn found(pid: u32, cluster: PathBuf, user: SystemUser) -> Self {
        Self {
            pid,
            child: None,
            cluster,
            user,
        }
    }

    /// Waits until the server accepts connections, or says how it ended.
    async fn ready(&mut self) -> Result<(), String> {
        loop {
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                return Err(format!("it ended at once ({status})"));
            }
            let found = PidFile::read(&self.cluster).ok().flatten();
            if found.is_some_and(|found| found.ready && found.pid == self.pid) {
                return Ok(());
            }
            sleep(GLANCE).await;
        }
    }

    /// Waits until the server ends; what it ended with is known of a child only.
    pub(super) async fn ended(&mut self) -> Option<ExitStatus> {
        if let Some(child) = &mut self.child
            && let Ok(status) = child.wait().await
        {
            return Some(status);
        }
        while process::is_server(self.pid, &self.cluster, &self.user) {
            sleep(GLANCE).await;
        }
        None
    }

    /// Shuts the server down and waits for its end. Open connections are closed.
    pub(super) async fn shut_down(mut self) {
        for (signal, patience) in SHUTDOWN {
            self.send(signal);
            if timeout(patience, self.ended()).await.is_ok() {
                return;
            }
            tracing::warn!("PostgreSQL did not end on {signal}");
        }
    }

    /// Asks the server to shut down, whoever started it, and does not wait for its end.
    pub(super) fn dismiss(mut self) {
        self.send(Signal::SIGINT);
        self.child = None;
    }

    /// Leaves the server running when this process ends.
    pub(super) fn release(mut self) {
        self.child = None;
    }

    fn send(&self, signal: Signal) {
        let ended = match &self.child {
            // No id: it has ended and was collected, and the number may be another's by now.
            Some(child) => child.id().is_none(),
            None => !process::is_server(self.pid, &self.cluster, &self.user),
        };
        if !ended {
            process::send(self.pid, signal);
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.send(Signal::SIGINT);
        }
    }
}

/// How Linkgate connects to the server behind this socket.
pub(super) fn connect_options(socket_folder: &std::path::Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_folder)
        .port(PORT)
        .username(ROLE)
        .database(DATABASE)
        .ssl_mode(PgSslMode::Disable)
}

/// Whether the server lets Linkgate in.
pub(super) async fn answers(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    options.connect().await?.close().await
}
