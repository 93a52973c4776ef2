//! Small files that are there whole or not at all, and the end of PostgreSQL's log.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::StartError;
use crate::foundation::owned_files;

/// From this size on the log is set aside at the next start; the one set aside before goes.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// How many lines of the log an error shows.
const LAST_LINES: usize = 12;

/// Replaces the file at once, durably, readable by PostgreSQL's user too.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), StartError> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let write = || {
        owned_files::remove_if_there(&fresh)?;
        let mut file = owned_files::create(&fresh)?;
        file.write_all(content)?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        path.parent().map_or(Ok(()), owned_files::sync_dir)
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
    owned_files::remove_if_there(path).map_err(StartError::system("removing", path))
}

/// Makes renames and new files in `dir` survive a power cut.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StartError> {
    owned_files::sync_dir(dir).map_err(StartError::system("writing", dir))
}

/// Opens the log for appending, after setting aside one that has grown big.
pub(super) fn open_log(path: &Path) -> Result<File, StartError> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.old"))
            .map_err(StartError::system("renaming", path))?;
    }
    owned_files::open_or_create(path).map_err(StartError::system("opening", path))
}

/// Makes a directory unless it is there.
pub(super) fn make_dir(path: &Path, mode: u32) -> Result<(), StartError> {
    owned_files::make_dir(path, mode).map_err(StartError::system("creating", path))
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
