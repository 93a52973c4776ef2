//! Files in a place that may be somebody else's.
//!
//! Root may work in a directory of an ordinary user's (`sudo linkgate …`). So nothing here follows
//! a link at a name that user could have laid, and what root makes there belongs to that user,
//! who could not start Linkgate any more otherwise.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown},
    path::Path,
};

use nix::{fcntl::OFlag, unistd::Uid};

/// Makes a file, for reading and appending, that only its owner may open; it must not be there.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true).mode(0o600);
    let file = options.open(path)?;
    if let Some(owner) = owner_of_the_place(path)? {
        fchown(&file, Some(owner), None)?;
    }
    Ok(file)
}

/// The same, or the file that is there.
pub fn open_or_create(path: &Path) -> io::Result<File> {
    match create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            open_with(OpenOptions::new().read(true).append(true), path)
        }
        created => created,
    }
}

/// Opens a file that is there, for reading.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Makes a directory unless it is there.
pub fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => match owner_of_the_place(path)? {
            Some(owner) => lchown(path, Some(owner), None),
            None => Ok(()),
        },
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open_dir(path).map(drop),
        Err(error) => Err(error),
    }
}

/// Changes the mode of a directory.
pub fn set_dir_mode(path: &Path, mode: u32) -> io::Result<()> {
    open_dir(path)?.set_permissions(Permissions::from_mode(mode))
}

/// Removes the file if it is there.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes renames and new files in `dir` survive a power cut.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn open_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    match options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path) {
        Err(error) if is_link(path) => Err(io::Error::new(
            error.kind(),
            "it is a symbolic link; put the file itself there",
        )),
        opened => opened,
    }
}

fn open_dir(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path);
    match opened {
        Err(error) if is_link(path) => Err(io::Error::new(
            error.kind(),
            "it is a symbolic link; put the directory itself there",
        )),
        opened => opened,
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

fn owner_of_the_place(path: &Path) -> io::Result<Option<u32>> {
    match path.parent().filter(|_| Uid::effective().is_root()) {
        Some(parent) => fs::metadata(parent).map(|parent| Some(parent.uid())),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_laid_at_a_name_is_not_followed() {
        let folder = std::env::temp_dir().join(format!("linkgate-files-{}", std::process::id()));
        fs::create_dir_all(folder.join("elsewhere")).unwrap();
        fs::write(folder.join("elsewhere/file"), "theirs").unwrap();
        let (dir, file) = (folder.join("dir"), folder.join("file"));
        symlink("elsewhere", &dir).unwrap();
        symlink("elsewhere/file", &file).unwrap();

        assert!(make_dir(&dir, 0o755).is_err());
        assert!(set_dir_mode(&dir, 0o777).is_err());
        assert!(create(&file).is_err());
        let error = open_or_create(&file).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert!(open(&file).is_err());
        let mode = |path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_ne!(mode(folder.join("elsewhere")), 0o777);

        fs::remove_file(&dir).unwrap();
        make_dir(&dir, 0o700).unwrap();
        make_dir(&dir, 0o700).unwrap();
        set_dir_mode(&dir, 0o755).unwrap();
        assert_eq!(mode(dir), 0o755);
        fs::remove_dir_all(&folder).unwrap();
    }
}
