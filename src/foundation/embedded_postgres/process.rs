//! Whether the server that `postmaster.pid` names is really there, and really ours.
//!
//! PostgreSQL itself only asks whether some process has that number, and refuses to start if one
//! does: after a reboot or in a new container that may be anybody, or a zombie nobody collects.

use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::StartError;
use super::files;
use super::system_user::SystemUser;

/// What a server wrote about itself into its data directory.
#[derive(Debug, Clone)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    /// Where its socket is.
    pub(super) socket_folder: Option<PathBuf>,
    /// Whether it accepts connections.
    pub(super) ready: bool,
}

impl PidFile {
    /// Reads it, if there is one and it is complete enough to name a process.
    pub(super) fn read(cluster: &Path) -> Result<Option<Self>, StartError> {
        let text = match std::fs::read(path(cluster)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StartError::system("reading", path(cluster))(error)),
        };
        Ok(Self::parse(&text))
    }

    /// Lines: process, data directory, start time, port, socket folder, address, shared memory,
    /// state.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let pid = std::str::from_utf8(lines.next()?)
            .ok()?
            .trim()
            .parse()
            .ok()?;
        let socket_folder = lines
            .nth(3)
            .filter(|line| !line.is_empty())
            .map(|line| PathBuf::from(std::ffi::OsString::from_vec(line.to_vec())));
        let state = lines.nth(2).unwrap_or_default();
        Some(Self {
            pid,
            socket_folder,
            ready: state.trim_ascii() == b"ready",
        })
    }

    /// The running server of this cluster, if there is one. A file that names somebody else's
    /// process is removed, since it would keep a new server from starting; one that names a dead
    /// process stays, since PostgreSQL checks by it whether the old server's children are gone.
    pub(super) fn of_running_server(
        cluster: &Path,
        user: &SystemUser,
    ) -> Result<Option<Self>, StartError> {
        let Some(found) = Self::read(cluster)? else {
            return Ok(None);
        };
        if is_server(found.pid, cluster, user) {
            return Ok(Some(found));
        }
        if exists(found.pid) {
            files::remove_if_there(&path(cluster))?;
        }
        Ok(None)
    }
}

fn path(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

/// Sends a signal; a process that is gone already is no error.
pub(super) fn send(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

fn exists(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| kill(Pid::from_raw(pid), None).is_ok())
}

/// Whether process `pid` lives, belongs to `user` and was started on this cluster.
#[cfg(target_os = "linux")]
pub(super) fn is_server(pid: u32, cluster: &Path, user: &SystemUser) -> bool {
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;

    let about = PathBuf::from(format!("/proc/{pid}"));
    let owned = fs::metadata(&about).is_ok_and(|about| about.uid() == user.uid);
    // `pid (name) state …`, and the name may hold anything. A zombie's command line is empty.
    let alive = fs::read_to_string(about.join("stat")).is_ok_and(|stat| {
        stat.rsplit(") ")
            .next()
            .is_some_and(|rest| !rest.starts_with(['Z', 'X']))
    });
    let command = fs::read(about.join("cmdline")).unwrap_or_default();
    owned
        && alive
        && command
            .split(|byte| *byte == 0)
            .any(|argument| argument == cluster.as_os_str().as_bytes())
}

/// Whether process `pid` lives, belongs to `user` and was started on this cluster.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_server(pid: u32, cluster: &Path, user: &SystemUser) -> bool {
    let answer = std::process::Command::new("/bin/ps")
        .args(["-ww", "-o", "uid=,stat=,command=", "-p", &pid.to_string()])
        .output();
    let Ok(answer) = answer else {
        return exists(pid);
    };
    let line = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let mut words = line.split_whitespace();
    let owned = words.next() == Some(user.uid.to_string().as_str());
    let alive = words.next().is_some_and(|state| !state.starts_with('Z'));
    owned && alive && line.contains(&format!("-D {} ", cluster.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_tells_process_socket_and_state() {
        let text =
            b"4711\n/srv/data/postgres\n1700000000\n5432\n/srv/data/run\n\n  123 456\nready   \n";
        let found = PidFile::parse(text).unwrap();
        assert_eq!(found.pid, 4711);
        assert_eq!(found.socket_folder, Some(PathBuf::from("/srv/data/run")));
        assert!(found.ready);
    }

    #[test]
    fn a_server_still_starting_is_not_ready() {
        let found = PidFile::parse(b"4711\n/srv/data/postgres\n1700000000\n5432\n").unwrap();
        assert!(!found.ready);
        assert!(PidFile::parse(b"").is_none());
    }

    #[test]
    fn another_program_with_the_number_is_not_the_server() {
        let user = SystemUser::current().unwrap();
        let own = std::process::id();
        assert!(exists(own));
        assert!(!is_server(own, Path::new("/srv/data/postgres"), &user));
    }
}
