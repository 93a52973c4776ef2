//! The built `linkgate` in a folder of its own: what the tests of the command line run, and the
//! nodes of those that want processes.

#![expect(
    clippy::disallowed_methods,
    reason = "processes have an environment, and tests find their database in it"
)]

pub mod serving;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use linkgate::foundation::random::{Random, SystemRandom};
use sqlx::PgPool;
use url::Url;

pub const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The command with its settings, and the folder it works in.
pub struct Linkgate {
    pub folder: PathBuf,
    settings: Vec<(String, String)>,
}

impl Linkgate {
    /// On the test's database.
    pub fn on(db: &PgPool) -> Self {
        let options = db.connect_options();
        let mut url = Url::parse(&env::var("DATABASE_URL").unwrap()).unwrap();
        url.set_path(options.get_database().unwrap());
        Self::without_database()
            .with("LINKGATE_DATABASE_URL", url.as_str())
            .with("LINKGATE_SECRET_KEY", SECRET_KEY)
    }

    /// On a private PostgreSQL, if a command needs one.
    pub fn without_database() -> Self {
        let random: &dyn Random = &SystemRandom;
        let folder = env::temp_dir().join(format!("lgc-{}", random.uuid()));
        fs::create_dir_all(&folder).unwrap();
        // PostgreSQL's own user has to come through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let folder = folder.canonicalize().unwrap();
        Self {
            folder,
            settings: Vec::new(),
        }
    }

    /// With another setting.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The command, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkgate"));
        let foreign =
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LINKGATE_"));
        for (name, _) in foreign {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Drop for Linkgate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
