//! Where the data lives and as whom PostgreSQL works on it: the same answer at every start.
//!
//! ```text
//! data/
//!   moved-to            only where the data had to go elsewhere: the path
//!   locks/              who serves, who uses, who is starting or stopping
//!   postgres/           the cluster, owned by PostgreSQL's user
//!   postgres-settings/  postgresql.conf (yours to tune), pg_hba.conf and pg_ident.conf
//!   postgres.log        PostgreSQL's own words
//!   run/                the socket, where the path is short enough
//! ```

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, lchown};
use std::path::{Path, PathBuf};

use super::StartError;
use super::files;
use super::system_user::{SystemUser, is_root};

/// Where the data is, whose it is, and what the operator must be told about it.
#[derive(Debug)]
pub(super) struct Placement {
    pub(super) data_dir: PathBuf,
    pub(super) user: SystemUser,
    pub(super) notice: Option<String>,
}

impl Placement {
    /// Where PostgreSQL keeps its data.
    pub(super) fn cluster(&self) -> PathBuf {
        cluster_of(&self.data_dir)
    }

    /// Where PostgreSQL writes what happens to it.
    pub(super) fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }
}

fn cluster_of(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres")
}

/// Decides where the data lives; creates the directory. As root, data that PostgreSQL's user
/// could not reach goes to `system_data_dir`, and a note in `requested` keeps it so.
pub(super) fn place(requested: &Path, system_data_dir: &Path) -> Result<Placement, StartError> {
    let data_dir = create(requested)?;
    if !is_root() {
        let user = SystemUser::current()?;
        return here_as_owner(data_dir, user);
    }
    if let Some(elsewhere) = noted(&data_dir)? {
        return moved(&data_dir, &elsewhere);
    }
    if let Some(owner) = owner(&cluster_of(&data_dir))? {
        return as_before(data_dir, owner);
    }
    let user = SystemUser::of_the_packages()?;
    open_to(&data_dir, &user)?;
    if user.can_enter(&data_dir)? {
        return Ok(Placement {
            data_dir,
            user,
            notice: None,
        });
    }
    moved(&data_dir, system_data_dir)
}

fn create(dir: &Path) -> Result<PathBuf, StartError> {
    if !dir.is_dir() {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).map_err(StartError::system("creating", parent))?;
        }
        let made = fs::DirBuilder::new().mode(0o700).create(dir);
        // Two processes may start at once.
        if let Err(error) = made
            && !dir.is_dir()
        {
            return Err(StartError::system("creating", dir)(error));
        }
    }
    dir.canonicalize()
        .map_err(StartError::system("entering", dir))
}

fn here_as_owner(data_dir: PathBuf, user: SystemUser) -> Result<Placement, StartError> {
    let cluster = cluster_of(&data_dir);
    if let Some(owner) = owner(&cluster)?
        && owner != user.uid
    {
        return Err(StartError::OtherOwner {
            path: cluster,
            owner,
            user: user.name,
        });
    }
    Ok(Placement {
        data_dir,
        user,
        notice: None,
    })
}

/// Root takes over data that is there already: whoever owns it goes on running PostgreSQL.
fn as_before(data_dir: PathBuf, owner: u32) -> Result<Placement, StartError> {
    if owner == 0 {
        return Err(StartError::OtherOwner {
            path: cluster_of(&data_dir),
            owner,
            user: SystemUser::of_the_packages()?.name,
        });
    }
    let user = SystemUser::with_id(owner)?;
    open_to(&data_dir, &user)?;
    if user.can_enter(&data_dir)? {
        return Ok(Placement {
            data_dir,
            user,
            notice: None,
        });
    }
    Err(StartError::OutOfReach {
        data_dir,
        user: user.name,
    })
}

fn moved(requested: &Path, elsewhere: &Path) -> Result<Placement, StartError> {
    let data_dir = create(elsewhere)?;
    let is_noted = noted(requested)?.is_some();
    let user = match owner(&cluster_of(&data_dir))? {
        Some(owner) => {
            let mut place = as_before(data_dir, owner)?.told(requested);
            if let Some(notice) = place.notice.as_mut().filter(|_| !is_noted) {
                notice.push_str(", with the database that is there already");
            }
            return Ok(place);
        }
        None => SystemUser::of_the_packages()?,
    };
    open_to(&data_dir, &user)?;
    if !user.can_enter(&data_dir)? {
        return Err(StartError::OutOfReach {
            data_dir,
            user: user.name,
        });
    }
    let note = note_in(requested);
    files::write_whole(&note, data_dir.as_os_str().as_bytes())?;
    lchown(&note, Some(0), None).map_err(StartError::system("changing the owner of", &note))?;
    let placement = Placement {
        data_dir,
        user,
        notice: None,
    };
    Ok(placement.told(requested))
}

impl Placement {
    fn told(mut self, requested: &Path) -> Self {
        self.notice = Some(format!(
            "PostgreSQL runs as the user `{}` (it refuses root), who can't enter {}: the data is in {}",
            self.user.name,
            requested.display(),
            self.data_dir.display()
        ));
        self
    }
}

fn note_in(requested: &Path) -> PathBuf {
    requested.join("moved-to")
}

fn noted(requested: &Path) -> Result<Option<PathBuf>, StartError> {
    let note = note_in(requested);
    // One that another user laid there would lead root anywhere.
    if owner(&note)? != Some(0) {
        return Ok(None);
    }
    let text = files::read_if_there(&note)?;
    Ok(text
        .map(|text| PathBuf::from(text.trim()))
        .filter(|path| path.is_absolute()))
}

/// Lets `user` through a data directory that root keeps to itself: through, not into its list.
fn open_to(data_dir: &Path, user: &SystemUser) -> Result<(), StartError> {
    let found = fs::metadata(data_dir).map_err(StartError::system("reading", data_dir))?;
    let closed_by_root = found.uid() == 0 && found.gid() == 0 && found.mode() & 0o001 == 0;
    if !closed_by_root {
        return Ok(());
    }
    chown(data_dir, None, Some(user.gid))
        .map_err(StartError::system("changing the group of", data_dir))?;
    let mode = found.mode() & 0o7700 | 0o010;
    fs::set_permissions(data_dir, fs::Permissions::from_mode(mode))
        .map_err(StartError::system("changing the mode of", data_dir))
}

fn owner(path: &Path) -> Result<Option<u32>, StartError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found.uid())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StartError::system("reading", path)(error)),
    }
}
