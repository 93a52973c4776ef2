//! How the private server is set: what must hold on its command line, what may be tuned in a
//! file, and who is let in.
//!
//! The files lie beside the cluster, not in it: started as root, Linkgate never writes into a
//! directory that an ordinary user owns.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use super::StartError;
use super::files;
use super::socket::PORT;
use super::store::{ROLE, SUPERUSER};
use super::system_user::SystemUser;
use crate::foundation::owned_files;

/// Written once; from then on it is the operator's.
const TUNABLE: &str = "\
# Settings of Linkgate's private PostgreSQL that you may tune; they hold from the next start.
# What keeps the data safe and the server private is set on its command line and stays.
shared_buffers = 256MB
max_connections = 100
jit = off
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
# Without this, an error's detail would write people's e-mail addresses into the log.
log_error_verbosity = terse
";

/// Durable and private: a command line wins over every file.
const FIXED: [&str; 9] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "restart_after_crash=on",
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "logging_collector=off",
    "log_destination=stderr",
    "cluster_name=linkgate",
];

/// The folder of the settings files.
#[derive(Debug)]
pub(super) struct Settings {
    folder: PathBuf,
}

impl Settings {
    /// Writes the settings files for a server that runs as `user`.
    pub(super) fn write(data_dir: &Path, user: &SystemUser) -> Result<Self, StartError> {
        let folder = data_dir.join("postgres-settings");
        files::make_dir(&folder, 0o755)?;
        owned_files::set_dir_mode(&folder, 0o755)
            .map_err(StartError::system("changing the mode of", &folder))?;
        let settings = Self { folder };
        let tunable = settings.file("postgresql.conf");
        if files::read_if_there(&tunable)?.is_none() {
            files::write_whole(&tunable, TUNABLE.as_bytes())?;
        }
        files::write_whole(&settings.file("pg_hba.conf"), access().as_bytes())?;
        let people = people(user)?;
        files::write_whole(&settings.file("pg_ident.conf"), people.as_bytes())?;
        Ok(settings)
    }

    /// The server's command line.
    pub(super) fn arguments(&self, cluster: &Path, socket_folder: &Path) -> Vec<OsString> {
        let mut arguments = vec![OsString::from("-D"), cluster.into()];
        let mut set = |setting: OsString| arguments.extend([OsString::from("-c"), setting]);
        for setting in FIXED {
            set(setting.into());
        }
        set(format!("port={PORT}").into());
        set(joined("unix_socket_directories=", &quoted(socket_folder)));
        for (setting, name) in [
            ("config_file=", "postgresql.conf"),
            ("hba_file=", "pg_hba.conf"),
            ("ident_file=", "pg_ident.conf"),
        ] {
            set(joined(setting, self.file(name).as_os_str()));
        }
        arguments
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The kernel vouches for who connects (`peer`), so there is no password to keep, and even a
/// socket folder opened by mistake lets nobody else in.
fn access() -> String {
    format!(
        "local all {ROLE},{SUPERUSER} peer map=linkgate\n\
         local replication {SUPERUSER} peer map=linkgate\n"
    )
}

/// Root, because Linkgate started as root connects as root; and PostgreSQL's own user.
fn people(user: &SystemUser) -> Result<String, StartError> {
    let root = User::from_uid(Uid::from_raw(0))
        .ok()
        .flatten()
        .map_or_else(|| "root".to_owned(), |root| root.name);
    let mut lines = String::new();
    for name in [root.as_str(), user.name.as_str()] {
        if name.contains(['"', '\n']) {
            return Err(StartError::NamelessUser { uid: user.uid });
        }
        for role in [ROLE, SUPERUSER] {
            lines.push_str("linkgate \"");
            lines.push_str(name);
            lines.push_str("\" ");
            lines.push_str(role);
            lines.push('\n');
        }
    }
    Ok(lines)
}

fn joined(name: &str, value: &std::ffi::OsStr) -> OsString {
    let mut setting = OsString::from(name);
    setting.push(value);
    setting
}

/// The setting is a list: quotes keep a comma or a space in the path from ending an entry.
fn quoted(path: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for byte in path.as_os_str().as_bytes() {
        if *byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    OsString::from_vec(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_the_path_stays_in_the_path() {
        assert_eq!(
            quoted(Path::new("/srv/a, \"b\"/run")),
            OsString::from("\"/srv/a, \"\"b\"\"/run\"")
        );
    }
}
