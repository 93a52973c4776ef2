//! Small files that are there whole or not at all, and the end of PostgreSQL's log.
//!
//! Root may work in a directory of an ordinary user's (`sudo linkgate …`). So nothing here follows
//! a link at a name that user could have laid, and what root makes there belongs to that user,
//! who could not start Linkgate any more otherwise.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::fs::{fchown, lchown};
use std::path::Path;

use nix::fcntl::OFlag;

use super::StartError;
use super::system_user::is_root;

/// From this size on the log is set aside at the next start; the one set aside before goes.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// How many lines of the log an error shows.
const LAST_LINES: usize = 12;

/// Replaces the file at once, durably, readable by PostgreSQL's user too.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), StartError> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    remove_if_there(&fresh)?;
    let write = || {
        let mut file = open_or_create(&fresh)?;
        file.write_all(content)?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(StartError::system("writing", path))
}

/// The file's text, or nothing where there is no such file.
pub(super) fn read_if_there(path: &Path) -> Result<Option<String>, StartError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StartError::system("reading", path)(error)),
    }
}

/// Removes the file if it is there.
pub(super) fn remove_if_there(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StartError::system("removing", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes renames and new files in `dir` survive a power cut.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StartError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StartError::system("writing", dir))
}

/// Opens the log for appending, after setting aside one that has grown big.
pub(super) fn open_log(path: &Path) -> Result<File, StartError> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.old"))
            .map_err(StartError::system("renaming", path))?;
    }
    open_or_create(path).map_err(StartError::system("opening", path))
}

/// Opens a file for reading and appending that only its owner may read.
pub(super) fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            if let Some(owner) = owner_of_the_place(path)? {
                fchown(&file, Some(owner), None)?;
            }
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)
        }
        Err(error) => Err(error),
    }
}

/// Makes a directory unless it is there.
pub(super) fn make_dir(path: &Path, mode: u32) -> Result<(), StartError> {
    let make = || match fs::DirBuilder::new().mode(mode).create(path) {
        Ok(()) => match owner_of_the_place(path)? {
            Some(owner) => lchown(path, Some(owner), None),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    };
    make().map_err(StartError::system("creating", path))
}

fn owner_of_the_place(path: &Path) -> io::Result<Option<u32>> {
    match path.parent().filter(|_| is_root()) {
        Some(parent) => fs::metadata(parent).map(|parent| Some(parent.uid())),
        None => Ok(None),
    }
}

/// The last lines written to the log since it had `start` bytes.
pub(super) fn log_since(path: &Path, start: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(LOG_LIMIT).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    last_lines(&read().unwrap_or_default())
}

/// The last lines of what a program wrote.
pub(super) fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(LAST_LINES);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}
