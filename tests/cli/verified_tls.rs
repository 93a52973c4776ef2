//! A PostgreSQL of the operator's own, reached by TLS that proves whose it is.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::unistd::geteuid;

use crate::harness::{Linkgate, SECRET_KEY};

/// Lets everybody in who comes by TLS: whom the client believes is the question here.
const BY_TLS_ALONE: &str = "hostssl all all all trust\n";

/// A server whose certificate says `localhost`, signed by an authority that nobody else knows.
struct Server {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts it on the cluster that a command made in that folder.
    fn start(folder: &Path) -> Self {
        let cluster = folder.join("data/postgres");
        let owner = fs::metadata(&cluster).unwrap().uid();
        certify(folder, owner);
        let hba = folder.join("pg_hba.conf");
        fs::write(&hba, BY_TLS_ALONE).unwrap();
        let port = free_port();
        let mut command = Command::new(program_folder().join("postgres"));
        command.arg("-D").arg(&cluster);
        for (name, value) in [
            ("listen_addresses", "localhost"),
            ("port", &port.to_string()),
            ("unix_socket_directories", ""),
            ("ssl", "on"),
            ("ssl_cert_file", folder.join("server.pem").to_str().unwrap()),
            ("ssl_key_file", folder.join("server.key").to_str().unwrap()),
            ("hba_file", hba.to_str().unwrap()),
        ] {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        if geteuid().is_root() {
            command
                .uid(owner)
                .gid(fs::metadata(&cluster).unwrap().gid());
        }
        let log = fs::File::create(folder.join("log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Self {
            process: command.spawn().unwrap(),
            port,
            folder: folder.to_owned(),
        }
    }

    /// The URL of its database for somebody who believes that authority only.
    fn url(&self, host: &str, authority: &str) -> String {
        let authority = self.folder.join(authority);
        format!(
            "postgres://linkgate@{host}:{}/linkgate?sslmode=verify-full&sslrootcert={}",
            self.port,
            authority.display()
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Two authorities, and a certificate for `localhost` by the first.
fn certify(folder: &Path, owner: u32) {
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    for commands in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ours -keyout ours.key -out ours.pem",
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
        "x509 -req -in server.csr -CA ours.pem -CAkey ours.key -set_serial 1 -days 2 -extfile names -out server.pem",
    ] {
        let mut openssl = Command::new("openssl");
        openssl.args(commands.split(' ')).current_dir(folder);
        let done = openssl.output().expect("openssl has to be installed");
        assert!(done.status.success(), "{done:?}");
    }
    let key = folder.join("server.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    chown(key, Some(owner), None).unwrap();
}

fn program_folder() -> PathBuf {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/find-postgres");
    let found = Command::new(script).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().into()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_database_is_reached_by_tls_only_if_it_proves_who_it_is() {
    let own = Linkgate::without_database();
    own.run(&["migrate"]);
    let server = Server::start(&own.folder);
    let reaching = |host: &str, authority: &str| {
        Linkgate::without_database()
            .with("LINKGATE_DATABASE_URL", &server.url(host, authority))
            .with("LINKGATE_SECRET_KEY", SECRET_KEY)
    };
    let linkgate = reaching("localhost", "ours.pem");
    let begin = Instant::now();
    while linkgate.run(&["migrate", "--check"]).code != 0 {
        let log = fs::read_to_string(own.folder.join("log")).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(20), "{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
    linkgate.account("a@example.com");
    assert_eq!(
        linkgate.json(&["account", "list"])[0]["email"],
        "a@example.com"
    );

    for (host, authority) in [("localhost", "other.pem"), ("127.0.0.1", "ours.pem")] {
        reaching(host, authority)
            .run(&["migrate", "--check"])
            .fails_saying("certificate");
    }
}
