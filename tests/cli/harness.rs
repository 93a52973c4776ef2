//! Running the command to its end, and what it left behind.

use std::{
    fs::{self, File},
    io::Write,
    process::{Child, Output},
};

use nix::pty::openpty;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

pub use crate::command::{Linkgate, SECRET_KEY};

pub const PASSWORD: &str = "correct horse battery";

/// What a run left behind.
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Linkgate {
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
