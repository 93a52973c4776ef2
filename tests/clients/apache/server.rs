//! Debian's Apache as a child process: its programs alone, without a service and without privileges.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use linkgate::foundation::random::{Random, SystemRandom};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, User, geteuid},
};
use reqwest::Client;
use tokio::process::{Child, Command};

use crate::harness::Registered;

const MODULES: &str = "/usr/lib/apache2/modules";
const PROGRAM: &str = "/usr/sbin/apache2";
/// Another process may take a free port before Apache does.
const TRIES: usize = 5;

/// A running Apache; it ends when this is dropped.
pub struct Apache {
    url: String,
    http: Client,
    folder: PathBuf,
    child: Child,
}

impl Apache {
    /// Starts one that asks `issuer` about tokens, as that client.
    pub async fn start(issuer: &str, client: &Registered) -> Self {
        let module = Path::new(MODULES).join("mod_auth_openidc.so");
        assert!(
            Path::new(PROGRAM).exists() && module.exists(),
            "the test of mod_auth_openidc needs Apache: install the packages apache2-bin and libapache2-mod-auth-openidc"
        );
        for _ in 0..TRIES {
            if let Some(apache) = Self::try_start(issuer, client).await {
                return apache;
            }
        }
        panic!("Apache never started");
    }

    async fn try_start(issuer: &str, client: &Registered) -> Option<Self> {
        let folder = folder();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/apache/httpd.conf");
        let config = fs::read_to_string(config).unwrap();
        let defined = [
            ("FOLDER", folder.to_str().unwrap()),
            ("MODULES", MODULES),
            ("PORT", &port.to_string()),
            ("ISSUER", issuer),
            ("CLIENT_ID", &client.id()),
            ("CLIENT_SECRET", client.secret.as_deref().unwrap()),
        ];
        let head = defined.map(|(name, value)| format!("Define {name} \"{value}\"\n"));
        fs::write(folder.join("httpd.conf"), head.concat() + &config).unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .arg("-f")
            .arg(folder.join("httpd.conf"))
            .arg("-DFOREGROUND")
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(user) = nobody() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut apache = Self {
            url: format!("http://127.0.0.1:{port}"),
            http: Client::builder().no_proxy().build().unwrap(),
            child: command.spawn().unwrap(),
            folder,
        };
        apache.listens().await.then_some(apache)
    }

    /// Waits until it answers, or has ended without.
    async fn listens(&mut self) -> bool {
        loop {
            if self.child.try_wait().unwrap().is_some() {
                let said = fs::read_to_string(self.folder.join("error.log"));
                eprintln!("Apache ended: {}", said.unwrap_or_default());
                return false;
            }
            if self.http.get(&self.url).send().await.is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks for a page with that token; gives the status, and the account it took it for.
    pub async fn get(&self, path: &str, token: Option<&str>) -> (u16, Option<String>) {
        let mut asking = self.http.get(format!("{}{path}", self.url));
        if let Some(token) = token {
            asking = asking.bearer_auth(token);
        }
        let answer = asking.send().await.unwrap();
        let account = answer.headers().get("x-account");
        let account = account.map(|value| value.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        (status, account.filter(|account| !account.is_empty()))
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // With the processes that it started.
        if let Some(id) = self.child.id() {
            let _ = killpg(Pid::from_raw(id.cast_signed()), Signal::SIGKILL);
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder with what is to be let out, which Apache's user may write to.
fn folder() -> PathBuf {
    let random: &dyn Random = &SystemRandom;
    let folder = env::temp_dir().join(format!("linkgate-apache-{}", random.uuid()));
    fs::create_dir_all(folder.join("www")).unwrap();
    for page in ["account.txt", "attributes.txt"] {
        fs::write(folder.join("www").join(page), "let in").unwrap();
    }
    if let Some(user) = nobody() {
        chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
    folder
}

/// Who Apache runs as when the tests run as root.
fn nobody() -> Option<User> {
    let root = geteuid().is_root();
    root.then(|| User::from_name("nobody").unwrap().unwrap())
}
