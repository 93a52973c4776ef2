//! The private PostgreSQL: what Linkgate runs by itself when it is given no database.
//!
//! [`EmbeddedPostgres::start`] finds the installed server programs, makes the cluster at the
//! first start, starts the server on a Unix socket only, and starts it again if it dies. It
//! survives `kill -9` of either process: an orphaned server is taken over by the next start.

mod cluster;
mod data_lock;
mod error;
mod files;
mod placement;
mod postmaster;
mod process;
mod programs;
mod settings;
mod socket;
mod store;
mod supervisor;
mod system_user;
mod visit;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

pub use error::StartError;

use data_lock::{ChangeLock, GLANCE, ServeLock, UseLock};
use placement::Placement;
use postmaster::{Launch, Postmaster};
use process::PidFile;
use settings::Settings;
use supervisor::Tenure;
use visit::Visit;

/// How long `serve` waits for running commands to end before it refuses to start.
const COMMANDS: Duration = Duration::from_secs(10);

/// What the server is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `linkgate serve`: alone on its data directory, and the server is started again if it dies.
    Serve,
    /// Any other command: beside a running `serve` it uses that one's server; otherwise it starts
    /// one, and the last command out stops it.
    Command,
}

/// What the machine offers, as the environment tells it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The folders of `PATH`, where server programs are looked for first.
    pub program_folders: Vec<PathBuf>,
    /// `XDG_RUNTIME_DIR`, where a socket goes whose path would be too long beside the data.
    pub runtime_dir: Option<PathBuf>,
    /// The temporary directory, where it goes otherwise.
    pub temp_dir: PathBuf,
    /// `/var/lib/linkgate`: where the data goes if Linkgate runs as root and PostgreSQL's user
    /// can't reach the data directory asked for.
    pub system_data_dir: PathBuf,
}

/// A running private PostgreSQL. Dropped without [`stop`](Self::stop), it is asked to shut down
/// if it is ours to stop, and nobody waits for its end.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    data_dir: PathBuf,
    notice: Option<String>,
    connect_options: PgConnectOptions,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Serving {
        stop: oneshot::Sender<()>,
        supervisor: JoinHandle<()>,
    },
    Visiting(Box<Visit>),
}

impl EmbeddedPostgres {
    /// Starts the server on `data_dir`, or finds it running, and waits until it accepts
    /// connections.
    pub async fn start(
        data_dir: &Path,
        mode: Mode,
        surroundings: &Surroundings,
    ) -> Result<Self, StartError> {
        let placement = placement::place(data_dir, &surroundings.system_data_dir)?;
        if let Some(notice) = &placement.notice {
            tracing::warn!("{notice}");
        }
        let (socket_folder, role) = match mode {
            Mode::Serve => serve(&placement, surroundings).await?,
            Mode::Command => {
                let (socket_folder, visit) = visit::begin(&placement, surroundings).await?;
                (socket_folder, Role::Visiting(Box::new(visit)))
            }
        };
        Ok(Self {
            data_dir: placement.data_dir,
            notice: placement.notice,
            connect_options: postmaster::connect_options(&socket_folder),
            role,
        })
    }

    /// How to connect; it stays valid when the server is started again.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.connect_options.clone()
    }

    /// Where the data really is: not always the directory asked for.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What the operator must be told about where the data is, if it is not where they asked.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Shuts the server down and waits for its end, closing open connections; a command leaves it
    /// running for those who still use it.
    pub async fn stop(self) {
        // Failing to get it must not keep the server from stopping.
        let change = ChangeLock::acquire(&self.data_dir).await;
        match self.role {
            Role::Serving { stop, supervisor } => {
                let _ = stop.send(());
                let _ = supervisor.await;
            }
            Role::Visiting(visit) => visit.end().await,
        }
        drop(change);
    }
}

async fn serve(
    placement: &Placement,
    surroundings: &Surroundings,
) -> Result<(PathBuf, Role), StartError> {
    let data_dir = &placement.data_dir;
    let mut change = ChangeLock::acquire(data_dir).await?;
    let serve = ServeLock::claim(data_dir, &change)?;
    let commands_end = async {
        while !UseLock::is_free(data_dir)? {
            // A command that ends needs the lock to stop its server.
            drop(change);
            sleep(GLANCE).await;
            change = ChangeLock::acquire(data_dir).await?;
        }
        Ok(change)
    };
    let change = timeout(COMMANDS, commands_end).await.unwrap_or_else(|_| {
        Err(StartError::CommandRunning {
            data_dir: data_dir.clone(),
        })
    })?;
    let cluster = placement.cluster();
    if let Some(orphan) = PidFile::of_running_server(&cluster, &placement.user)? {
        // Started anew, it is a child that can be watched, with the settings of today.
        tracing::info!(pid = orphan.pid, "taking over a PostgreSQL left running");
        Postmaster::found(orphan.pid, cluster, placement.user.clone())
            .shut_down()
            .await;
    }
    let launch = prepare(placement, surroundings).await?;
    let postmaster = launch.run().await?;
    let tenure = Tenure {
        _serve: serve,
        _use: UseLock::share(data_dir, &change)?,
    };
    let socket_folder = launch.socket_folder.clone();
    let (stop, stopped) = oneshot::channel();
    let supervisor = tokio::spawn(supervisor::supervise(launch, postmaster, stopped, tenure));
    Ok((socket_folder, Role::Serving { stop, supervisor }))
}

/// Checks versions, makes the cluster at the first start, and says how to start the server.
async fn prepare(placement: &Placement, surroundings: &Surroundings) -> Result<Launch, StartError> {
    let cluster = placement.cluster();
    let made_by = cluster::made_by(&cluster)?;
    let installed = programs::installed(&surroundings.program_folders);
    let programs = programs::choose(installed, made_by.as_deref(), &cluster)?;
    if made_by.is_none() {
        tracing::info!(
            data_dir = %placement.data_dir.display(),
            "making a new PostgreSQL {} database", programs.major
        );
        cluster::create(placement, &programs).await?;
    }
    Ok(Launch {
        postgres: programs.postgres(),
        cluster,
        settings: Settings::write(&placement.data_dir, &placement.user)?,
        socket_folder: socket::folder(placement, surroundings)?,
        log: placement.log(),
        user: placement.user.clone(),
    })
}
