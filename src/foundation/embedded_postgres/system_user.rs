//! The operating system's user as whom PostgreSQL runs: it refuses root.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use super::StartError;

/// A user PostgreSQL can run as; never root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SystemUser {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Whether this process runs as root and so must hand PostgreSQL to somebody else.
pub(super) fn is_root() -> bool {
    Uid::effective().is_root()
}

impl SystemUser {
    /// The user of this process.
    pub(super) fn current() -> Result<Self, StartError> {
        Self::with_id(Uid::effective().as_raw())
    }

    /// The user with this id; it needs a name, since PostgreSQL looks it up.
    pub(super) fn with_id(uid: u32) -> Result<Self, StartError> {
        User::from_uid(Uid::from_raw(uid))
            .ok()
            .flatten()
            .map(Self::from)
            .ok_or(StartError::NamelessUser { uid })
    }

    /// The user that PostgreSQL's own packages make. `nobody` would also exist everywhere, but
    /// other programs run as it and could read the data.
    pub(super) fn of_the_packages() -> Result<Self, StartError> {
        ["postgres", "_postgres"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(Self::from)
            .ok_or(StartError::NoOrdinaryUser)
    }

    /// Makes `command` run as this user. Started with root's user id, the standard library also
    /// drops root's supplementary groups.
    pub(super) fn run(&self, command: &mut Command) {
        if is_root() {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Whether this user can enter `dir`: asked of the kernel itself, since mode bits alone don't
    /// tell (access lists, mounts, security modules).
    pub(super) fn can_enter(&self, dir: &Path) -> Result<bool, StartError> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.run(&mut command);
        let status = command
            .status()
            .map_err(StartError::system("running as another user", "/bin/sh"))?;
        Ok(status.success())
    }

    /// Makes sure that `dir` is a directory that only this user (and root) can look into. One
    /// that somebody else made is refused: in a shared folder it would be a trap.
    pub(super) fn own_private_dir(&self, dir: &Path) -> Result<(), StartError> {
        let made = fs::DirBuilder::new().mode(0o700).create(dir);
        if let Err(error) = made
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(StartError::system("creating", dir)(error));
        }
        let found = fs::symlink_metadata(dir).map_err(StartError::system("reading", dir))?;
        if !found.is_dir() {
            return Err(StartError::Unexpected {
                path: dir.to_owned(),
                expected: "a directory",
            });
        }
        if found.uid() != self.uid {
            if !(is_root() && found.uid() == 0) {
                return Err(StartError::OtherOwner {
                    path: dir.to_owned(),
                    owner: found.uid(),
                    user: self.name.clone(),
                });
            }
            chown(dir, Some(self.uid), Some(self.gid))
                .map_err(StartError::system("changing the owner of", dir))?;
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
            .map_err(StartError::system("changing the mode of", dir))
    }
}

impl From<User> for SystemUser {
    fn from(user: User) -> Self {
        Self {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        }
    }
}
