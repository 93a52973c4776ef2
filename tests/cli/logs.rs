//! What the server and the commands log at the finest level, their HTTP clients included.

use std::{env, fs::File};

use nix::sys::signal::Signal;
use sqlx::PgPool;
use url::Url;

use crate::{
    command::serving::Serving,
    harness::{Linkgate, PASSWORD, SECRET_KEY},
};

const DATABASE_PASSWORD: &str = "a-password-of-the-database";

/// On the test's database, which believes any password.
fn linkgate(db: &PgPool) -> Linkgate {
    let options = db.connect_options();
    let mut url = Url::parse(&env::var("DATABASE_URL").unwrap()).unwrap();
    url.set_path(options.get_database().unwrap());
    url.set_password(Some(DATABASE_PASSWORD)).unwrap();
    Linkgate::on(db)
        .with("LINKGATE_DATABASE_URL", url.as_str())
        .with("LINKGATE_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_OPS_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_LOG", "trace")
}

/// Whether a text has something in it that looks like a token, a code or a session of ours.
fn shows_a_token(text: &str) -> bool {
    text.match_indices("lg_").any(|(at, _)| {
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let token = text[at..].split(|c| !is_token(c)).next().unwrap();
        token.len() > 36
    })
}

#[track_caller]
fn assert_clean(log: &str) {
    assert!(log.contains("TRACE"), "{log}");
    for secret in [PASSWORD, SECRET_KEY, DATABASE_PASSWORD, "another-password"] {
        assert!(!log.contains(secret), "{secret}");
    }
    for name in [
        "code=",
        "state=",
        "flow=",
        "csrf=",
        "password=",
        "cookie: ",
        "Basic ",
        "Bearer ",
    ] {
        let shown = log.lines().find(|line| line.contains(name));
        assert_eq!(shown, None, "{name}");
    }
    assert!(!shows_a_token(log));
}

#[sqlx::test]
async fn no_secret_is_logged_at_any_level(db: PgPool) {
    let linkgate = linkgate(&db);
    let path = linkgate.folder.join("log");
    let mut command = linkgate.command(&["serve"]);
    command.stderr(File::create(&path).unwrap());
    let serving = Serving::of(command);
    let url = serving.url();
    let client = {
        let name = [
            "client", "create", "--name", "C", "--preset", "custom", "--json",
        ];
        let uri = ["--redirect-uri", "https://platform.test/callback"];
        let done = linkgate.run(&[name.as_slice(), &uri].concat());
        assert!(shows_a_token(&done.stdout), "the secret is printed once");
        assert_clean(&done.stderr);
        done.json()["client_id"].as_str().unwrap().to_owned()
    };
    for (arguments, stdin) in [
        (
            vec![
                "account",
                "create",
                "--email",
                "a@example.com",
                "--name",
                "A",
                "--password-stdin",
            ],
            PASSWORD,
        ),
        (
            vec![
                "admin",
                "create",
                "--email",
                "a@example.com",
                "--role",
                "owner",
                "--password-stdin",
            ],
            PASSWORD,
        ),
        (vec!["client", "rotate-secret", &client], ""),
        (vec!["key", "rotate", "access"], ""),
        (
            vec![
                "simulate",
                &client,
                "--email",
                "a@example.com",
                "--password-stdin",
                "--base-url",
                &url,
            ],
            PASSWORD,
        ),
        (
            vec!["account", "update", "a@example.com", "--password-stdin"],
            "another-password",
        ),
        (vec!["attempt", "list"], ""),
    ] {
        let done = linkgate.run_with(&arguments, stdin);
        assert_eq!(done.code, 0, "{arguments:?} {}", done.stdout);
        assert_clean(&done.stderr);
    }
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    let log = std::fs::read_to_string(&path).unwrap();
    for expected in ["login.submit", "revoke.post", "actix_http", "sqlx"] {
        assert!(log.contains(expected), "{expected}");
    }
    assert_clean(&log);
}
