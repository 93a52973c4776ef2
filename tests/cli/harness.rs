//! Running the command in a folder of its own, on the test's database or on none.

use std::{
    env,
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use linkgate::foundation::random::{Random, SystemRandom};
use nix::pty::openpty;
use serde_json::Value;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

pub const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const PASSWORD: &str = "correct horse battery";

/// The command with its settings, and the folder it works in.
pub struct Linkgate {
    pub folder: PathBuf,
    settings: Vec<(String, String)>,
}

/// What a run left behind.
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
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

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        self.run_with(arguments, "")
    }

    /// Runs it with this on stdin.
    pub fn run_with(&self, arguments: &[&str], stdin: &str) -> Done {
        let mut child = self.command(arguments).spawn().unwrap();
        let written = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let done = Done::of(child);
        // A command that refuses its arguments reads nothing.
        assert!(written.is_ok() || done.code != 0, "{}", done.stderr);
        done
    }

    /// Runs it in a terminal, where somebody types that line.
    pub fn run_in_terminal(&self, arguments: &[&str], line: &str) -> Done {
        let terminal = openpty(None, None).unwrap();
        let mut command = self.command(arguments);
        let child = command.stdin(terminal.slave).spawn().unwrap();
        let mut keyboard = File::from(terminal.master);
        keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
        Done::of(child)
    }

    /// Runs it with `--json` and expects it to be done.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.json_with(arguments, "")
    }

    /// The same with this on stdin.
    pub fn json_with(&self, arguments: &[&str], stdin: &str) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        self.run_with(&arguments, stdin).json()
    }

    /// An account of that address; its answer.
    pub fn account(&self, email: &str) -> Value {
        let create = [
            "account",
            "create",
            "--email",
            email,
            "--name",
            "김하늘",
            "--password-stdin",
        ];
        self.json_with(&create, PASSWORD)
    }

    /// A client of the preset `custom`; its answer.
    pub fn client(&self) -> Value {
        let uri = "https://platform.test/callback";
        self.json(&[
            "client",
            "create",
            "--name",
            "C",
            "--preset",
            "custom",
            "--redirect-uri",
            uri,
        ])
    }

    /// Writes a file into the folder; its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Linkgate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Done {
    /// Waits for the end of a process.
    pub fn of(child: Child) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        Self {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Its one JSON value; it must be done.
    pub fn json(self) -> Value {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// It must have failed with one line on stderr that says this, and nothing on stdout.
    pub fn fails_saying(&self, reason: &str) {
        self.ends(1, reason);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert_eq!(self.stdout, "");
    }

    /// It must have been wrong usage, for this reason.
    pub fn is_wrong_usage_of(&self, reason: &str) {
        self.ends(2, reason);
    }

    fn ends(&self, code: i32, reason: &str) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(reason), "{reason}: {}", self.stderr);
    }
}

/// The names of an object's members.
pub fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// The ids of the links that [`linked`] makes.
pub const IDS: [Uuid; 3] = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];

/// Three active links of one account at one client; both their ids.
pub async fn linked(linkgate: &Linkgate, db: &PgPool) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let account = text(&linkgate.account("a@example.com")["account_id"]);
    let client = text(&linkgate.client()["client_id"]);
    linkgate.json(&["key", "list"]);
    sqlx::query(
        "insert into link (link_id, client_id, account_id, state, scopes, approved_at, linked_at, refresh_key_id,
             generation, idle_expires_at)
         select id, $2, $3::uuid, 'active', '{account:id}', now(), now(), (select key_id from key where kind = 'refresh'), 1,
             now() + interval '1 day'
         from unnest($1::uuid[]) as id",
    )
    .bind(IDS)
    .bind(&client)
    .bind(&account)
    .execute(db)
    .await
    .unwrap();
    (account, client)
}
