//! `secret.key` in the data directory: the secret key of a private PostgreSQL nobody configured one for.

use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::{Context as _, bail};
use sqlx::PgPool;

use crate::{
    config::Config,
    foundation::{
        keys::{SecretKey, SecretKeys, store::is_sealed},
        owned_files,
        random::Random,
    },
};

/// The configured secret key, or the one in the data directory, made where there is none yet.
pub async fn open(
    config: &Config,
    private_data_dir: Option<&Path>,
    db: &PgPool,
    random: &dyn Random,
) -> anyhow::Result<SecretKeys> {
    if let Some(configured) = &config.secret_keys {
        return Ok(configured.clone());
    }
    let data_dir = private_data_dir
        .context("LINKGATE_SECRET_KEY must be set together with LINKGATE_DATABASE_URL")?;
    let path = data_dir.join("secret.key");
    if !path.exists() {
        // Another key would open nothing, and its file would hide that the right one is gone.
        if is_sealed(db).await? {
            bail!(
                "{} is gone, but the database was sealed with it: restore the file, or set LINKGATE_SECRET_KEY",
                path.display()
            );
        }
        make(&path, random).with_context(|| format!("making {}", path.display()))?;
    }
    let current = read(&path).with_context(|| path.display().to_string())?;
    Ok(SecretKeys {
        current,
        previous: None,
    })
}

fn read(path: &Path) -> anyhow::Result<SecretKey> {
    let mut file = owned_files::open(path)?;
    let mut text = zeroize::Zeroizing::new(String::new());
    file.read_to_string(&mut text)?;
    // A backup tool may have restored it for all to read.
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(
            "{} could be read by others; it is made private",
            path.display()
        );
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(SecretKey::parse(&text)?)
}

/// Two commands may do it at once: the file appears whole, and the first one stays.
fn make(path: &Path, random: &dyn Random) -> io::Result<()> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    owned_files::remove_if_there(&draft)?;
    let mut file = owned_files::create(&draft)?;
    writeln!(file, "{}", *SecretKey::random(random).expose())?;
    file.sync_all()?;
    let placed = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    };
    fs::remove_file(&draft)?;
    placed?;
    path.parent().map_or(Ok(()), owned_files::sync_dir)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, chown, symlink};

    use super::*;
    use crate::foundation::random::SystemRandom;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = std::env::temp_dir().join(format!("linkgate-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("secret.key");
        make(&path, &SystemRandom).unwrap();
        let first = read(&path).unwrap();
        make(&path, &SystemRandom).unwrap();
        assert_eq!(*read(&path).unwrap().expose(), *first.expose());
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        read(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_key_made_by_root_belongs_to_whom_the_folder_belongs_to() {
        if !nix::unistd::geteuid().is_root() {
            return;
        }
        let folder = std::env::temp_dir().join(format!("linkgate-owner-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        chown(&folder, Some(4_711), None).unwrap();
        let path = folder.join("secret.key");
        make(&path, &SystemRandom).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().uid(), 4_711);

        let elsewhere = folder.join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o644)).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let words = format!("{:#}", read(&path).unwrap_err());
        assert!(words.contains("symbolic link"), "{words}");
        assert_eq!(
            fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777,
            0o644
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
