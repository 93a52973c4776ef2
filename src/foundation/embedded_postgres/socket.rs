//! The folder of the Unix socket: the only way in, closed to everybody but its owner and root.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files;
use super::placement::Placement;
use super::system_user::is_root;
use super::{StartError, Surroundings};

/// The number that names the socket; no port is opened.
pub(super) const PORT: u16 = 5432;

/// Makes the socket's folder, beside the data or, where that path is longer than a socket's may
/// be, in the run or temporary directory under a name that the data directory alone decides.
pub(super) fn folder(
    placement: &Placement,
    surroundings: &Surroundings,
) -> Result<PathBuf, StartError> {
    let beside = placement.data_dir.join("run");
    let folder = if fits(&beside) {
        beside
    } else {
        let short = short_parent(surroundings).join(short_name(&placement.data_dir));
        if !fits(&short) {
            return Err(StartError::SocketPath { path: short });
        }
        short
    };
    placement.user.own_private_dir(&folder)?;
    Ok(folder)
}

/// Removes what a killed server left. Its lock file names a process id, and PostgreSQL would
/// refuse to start if that number belonged to somebody else by now.
pub(super) fn clear(folder: &Path) -> Result<(), StartError> {
    let socket = socket_in(folder);
    files::remove_if_there(&socket.with_added_extension("lock"))?;
    files::remove_if_there(&socket)
}

fn fits(folder: &Path) -> bool {
    SocketAddr::from_pathname(socket_in(folder)).is_ok()
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Root's own runtime directory is closed to PostgreSQL's user; `/run` is open to both.
fn short_parent(surroundings: &Surroundings) -> PathBuf {
    let runtime_dir = if is_root() {
        Some(PathBuf::from("/run"))
    } else {
        surroundings.runtime_dir.clone()
    };
    runtime_dir
        .filter(|dir| dir.is_dir())
        .unwrap_or_else(|| surroundings.temp_dir.clone())
}

fn short_name(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
    digest
        .iter()
        .take(8)
        .fold(String::from("linkgate-"), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_depends_on_the_data_directory_alone() {
        let name = short_name(Path::new("/srv/linkgate/data"));
        assert_eq!(name, short_name(Path::new("/srv/linkgate/data")));
        assert_ne!(name, short_name(Path::new("/srv/linkgate/data2")));
        assert_eq!(name.len(), "linkgate-".len() + 16);
    }

    #[test]
    fn a_path_longer_than_a_socket_may_be_does_not_fit() {
        assert!(fits(Path::new("/srv/linkgate/data/run")));
        assert!(!fits(&Path::new("/srv").join("long".repeat(30))));
    }
}
