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

/// How Apache finds out what a token is good for.
#[derive(Clone, Copy)]
pub enum Check<'a> {
    /// It asks, as that client.
    Introspection(&'a Registered),
    /// It reads JWTs itself, with the published keys.
    Jwks,
}

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

impl Check<'_> {
    fn definitions(self) -> String {
        match self {
            Self::Introspection(client) => format!(
                "Define BY_INTROSPECTION\nDefine CLIENT_ID \"{}\"\nDefine CLIENT_SECRET \"{}\"\n",
                client.id(),
                client.secret.as_deref().unwrap()
            ),
            Self::Jwks => "Define BY_JWKS\n".to_owned(),
        }
    }
}

impl Apache {
    /// Starts one that lets in those with a token of `issuer`.
    pub async fn start(issuer: &str, check: Check<'_>) -> Self {
        let module = Path::new(MODULES).join("mod_auth_openidc.so");
        assert!(
            Path::new(PROGRAM).exists() && module.exists(),
            "the test of mod_auth_openidc needs Apache: install the packages apache2-bin and libapache2-mod-auth-openidc"
        );
        for _ in 0..TRIES {
            if let Some(apache) = Self::try_start(issuer, check).await {
                return apache;
            }
        }
        panic!("Apache never started");
    }

    async fn try_start(issuer: &str, check: Check<'_>) -> Option<Self> {
        let folder = folder();
        let free = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [port, proxy_port] = free.map(|free| free.local_addr().unwrap().port());
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/apache/httpd.conf");
        let config = fs::read_to_string(config).unwrap();
        let defined = [
            ("FOLDER", folder.to_str().unwrap()),
            ("MODULES", MODULES),
            ("PORT", &port.to_string()),
            ("PROXY_PORT", &proxy_port.to_string()),
            ("ISSUER", issuer),
        ];
        let head = defined.map(|(name, value)| format!("Define {name} \"{value}\"\n"));
        let head = head.concat() + &check.definitions();
        fs::write(folder.join("httpd.conf"), head + &config).unwrap();
        if matches!(check, Check::Jwks) {
            certify(&folder).await;
        }
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

/// A certificate for the proxy, which signs for itself.
async fn certify(folder: &Path) {
    let arguments = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout proxy.key -out proxy.pem";
    let mut openssl = Command::new("openssl");
    let openssl = openssl.args(arguments.split(' ')).current_dir(folder);
    let done = openssl.output().await.unwrap();
    assert!(done.status.success(), "{done:?}");
    if let Some(user) = nobody() {
        chown(folder.join("proxy.key"), Some(user.uid.as_raw()), None).unwrap();
    }
}

/// Who Apache runs as when the tests run as root.
fn nobody() -> Option<User> {
    let root = geteuid().is_root();
    root.then(|| User::from_name("nobody").unwrap().unwrap())
}
