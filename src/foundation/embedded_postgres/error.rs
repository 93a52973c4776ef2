//! Why the private PostgreSQL could not be started, each in words that name the way out.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the private PostgreSQL could not be started. Shown to the operator as it is.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another `linkgate serve` holds the data directory.
    #[error(
        "the data directory {} is in use by another `linkgate serve`{}: stop that one first, or set LINKGATE_DATA_DIR to another directory",
        data_dir.display(), process(*pid)
    )]
    InUse {
        /// The directory both want.
        data_dir: PathBuf,
        /// The process that holds it, where it left its id.
        pid: Option<u32>,
    },
    /// A `linkgate` command keeps the database running; the server starts when it has ended.
    #[error(
        "another `linkgate` command is still working in the data directory {}: try again when it has ended",
        data_dir.display()
    )]
    CommandRunning {
        /// The directory both want.
        data_dir: PathBuf,
    },
    /// Another process has been starting or stopping this database for too long.
    #[error(
        "another `linkgate` process has been starting or stopping the database in {} for a minute: see {}",
        data_dir.display(), log.display()
    )]
    Busy {
        /// The directory both want.
        data_dir: PathBuf,
        /// Where PostgreSQL writes what it is doing.
        log: PathBuf,
    },
    /// No PostgreSQL server programs on this machine.
    #[error(
        "PostgreSQL's server programs (initdb, postgres; version {oldest} or newer) are not installed: run `{install}`, or set LINKGATE_DATABASE_URL to use a server of yours"
    )]
    ProgramsMissing {
        /// The oldest major version that will do.
        oldest: u32,
        /// The command that installs them here.
        install: &'static str,
    },
    /// There are some, but none that will do.
    #[error(
        "PostgreSQL's server programs are too old: only version {newest} is installed, and Linkgate needs {oldest} or newer: install one (https://www.postgresql.org/download/), or set LINKGATE_DATABASE_URL to use a server of yours"
    )]
    ProgramsTooOld {
        /// The newest major version found on this machine.
        newest: u32,
        /// The oldest major version that will do.
        oldest: u32,
    },
    /// The data was made by a major version that is not installed.
    #[error(
        "the database in {} was made by PostgreSQL {made_by}, but installed is only {installed}: install PostgreSQL {made_by} beside it (Debian: `apt-get install postgresql-{made_by}`) and start again, or convert the data first with pg_upgrade, or with pg_dump and psql (https://www.postgresql.org/docs/current/upgrading.html)",
        cluster.display()
    )]
    OtherVersion {
        /// The database's directory.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: String,
        /// The major versions found on this machine.
        installed: String,
    },
    /// Started as root on a machine with no user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` to run it as: start Linkgate as an ordinary user, or create one with `useradd --system postgres`"
    )]
    NoOrdinaryUser,
    /// The user id has no name, and PostgreSQL demands one.
    #[error(
        "user id {uid} has no name in the user database, and PostgreSQL refuses to run without one: add it to /etc/passwd, or start Linkgate as another user"
    )]
    NamelessUser {
        /// The id without a name.
        uid: u32,
    },
    /// The data belongs to a user this process can't act as.
    #[error(
        "{} belongs to the user id {owner}, but PostgreSQL would run as `{user}`: start Linkgate as the owner, or run `chown -R {user} {}` as root",
        path.display(), path.display()
    )]
    OtherOwner {
        /// What belongs to somebody else.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who would have to use it.
        user: String,
    },
    /// There is data already, but PostgreSQL's user can't reach it any more.
    #[error(
        "there is a database in {}, but the user `{user}`, as whom PostgreSQL runs, can't enter that directory: allow it for each of its parents (`chmod o+x`), or move the data",
        data_dir.display()
    )]
    OutOfReach {
        /// The directory with the data.
        data_dir: PathBuf,
        /// Who can't enter it.
        user: String,
    },
    /// A directory of the data directory holds something else than expected.
    #[error("{} is not {expected}: move it away and start again", path.display())]
    Unexpected {
        /// What is in the way.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// No folder is short enough for a Unix socket.
    #[error(
        "the path {} is too long for a Unix socket: set LINKGATE_DATA_DIR to a shorter one",
        path.display()
    )]
    SocketPath {
        /// The shortest path tried.
        path: PathBuf,
    },
    /// The operating system refused something.
    #[error("{} {}: {source}", doing, path.display())]
    System {
        /// What was tried, for example "creating".
        doing: &'static str,
        /// On which file, directory or program.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// PostgreSQL ended, or never got ready; `log` holds its last words.
    #[error("PostgreSQL did not start: {reason}{}", indented(log))]
    Failed {
        /// What was seen from outside.
        reason: String,
        /// The last lines it wrote.
        log: String,
    },
}

impl StartError {
    /// Turns an I/O error into one that says what was being done, and where.
    pub(super) fn system(
        doing: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::System {
            doing,
            path,
            source,
        }
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})"))
        .unwrap_or_default()
}

fn indented(log: &str) -> String {
    log.lines().flat_map(|line| ["\n    ", line]).collect()
}
