//! Who may do what with a data directory, as locks the kernel frees when their holder dies.
//!
//! Three locks: `change` is held for the moment in which the server is looked for, started or
//! stopped; `serve` by the one `linkgate serve`, as long as it lives; `use` is shared by everybody
//! who works with the database, so that the last command out stops what it no longer needs.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::StartError;
use super::files;
use crate::foundation::owned_files;

/// How long another process may take to start or stop the server.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How often a wait looks again.
pub(super) const GLANCE: Duration = Duration::from_millis(20);

/// The right to look for, start and stop the server.
#[derive(Debug)]
pub(super) struct ChangeLock {
    _file: File,
}

/// The right to be the one `linkgate serve` of a data directory.
#[derive(Debug)]
pub(super) struct ServeLock {
    _file: File,
}

/// The sign that somebody works with the database.
#[derive(Debug)]
pub(super) struct UseLock {
    _file: File,
}

impl ChangeLock {
    /// Waits until nobody else is starting or stopping the server.
    pub(super) async fn acquire(data_dir: &Path) -> Result<Self, StartError> {
        let file = open(data_dir, "change")?;
        let wait = async {
            while !try_exclusive(&file, data_dir)? {
                sleep(GLANCE).await;
            }
            Ok(())
        };
        match timeout(PATIENCE, wait).await {
            Ok(taken) => taken.map(|()| Self { _file: file }),
            Err(_) => Err(StartError::Busy {
                data_dir: data_dir.to_owned(),
                log: data_dir.join("postgres.log"),
            }),
        }
    }
}

impl ServeLock {
    /// Takes the data directory, or names the process that has it. The caller holds `change`.
    pub(super) fn claim(data_dir: &Path, _change: &ChangeLock) -> Result<Self, StartError> {
        let mut file = open(data_dir, "serve")?;
        if !try_exclusive(&file, data_dir)? {
            let mut text = String::new();
            // The number is a courtesy: without it the refusal still says what it must.
            let _ = file.read_to_string(&mut text);
            return Err(StartError::InUse {
                data_dir: data_dir.to_owned(),
                pid: text.trim().parse().ok(),
            });
        }
        let mut record = || {
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())
        };
        record().map_err(StartError::system("writing a lock in", data_dir))?;
        Ok(Self { _file: file })
    }

    /// Whether a `linkgate serve` has this data directory. The caller holds `change`.
    pub(super) fn is_claimed(data_dir: &Path, _change: &ChangeLock) -> Result<bool, StartError> {
        let file = open(data_dir, "serve")?;
        Ok(!try_exclusive(&file, data_dir)?)
    }
}

impl UseLock {
    /// Joins those who work with the database. The caller holds `change`.
    pub(super) fn share(data_dir: &Path, _change: &ChangeLock) -> Result<Self, StartError> {
        let file = open(data_dir, "use")?;
        // Nobody keeps this lock to himself for longer than a look.
        file.lock_shared()
            .map_err(StartError::system("locking", data_dir))?;
        Ok(Self { _file: file })
    }

    /// Whether nobody works with the database.
    pub(super) fn is_free(data_dir: &Path) -> Result<bool, StartError> {
        try_exclusive(&open(data_dir, "use")?, data_dir)
    }
}

fn open(data_dir: &Path, name: &str) -> Result<File, StartError> {
    let locks = data_dir.join("locks");
    files::make_dir(&locks, 0o700)?;
    let path = locks.join(name);
    owned_files::open_or_create(&path).map_err(StartError::system("opening", path))
}

fn try_exclusive(file: &File, data_dir: &Path) -> Result<bool, StartError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => {
            Err(StartError::system("locking a file in", data_dir)(error))
        }
    }
}
