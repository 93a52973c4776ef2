//! `linkgate simulate` with a client that CEK calls.

use std::time::{Duration, Instant};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    command::serving::Serving,
    harness::{Done, Linkgate, PASSWORD},
};

const EMAIL: &str = "haneul@example.com";

/// A server with an account, and a client of that preset with these flags; the client's id.
fn set(db: &PgPool, preset: &[&str]) -> (Linkgate, Serving, String) {
    let linkgate = Linkgate::on(db)
        .with("LINKGATE_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_OPS_LISTEN", "127.0.0.1:0");
    let serving = Serving::of(linkgate.command(&["serve"]));
    linkgate.account(EMAIL);
    let create = [&["client", "create", "--name", "C", "--preset"], preset].concat();
    let client = linkgate.json(&create)["client_id"].clone();
    let client = client.as_str().unwrap().to_owned();
    (linkgate, serving, client)
}

/// The arguments of a simulation at the server.
fn simulate<'a>(client: &'a str, url: &'a str) -> Vec<&'a str> {
    let account = ["--email", EMAIL, "--password-stdin", "--base-url", url];
    [&["simulate", client][..], &account].concat()
}

fn steps(report: &Value) -> Vec<(&str, &str)> {
    let steps = report["steps"].as_array().unwrap().iter();
    steps
        .map(|step| {
            let text = |name: &str| step[name].as_str().unwrap();
            (text("name"), text("detail"))
        })
        .collect()
}

async fn count(db: &PgPool, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn cek_speaks_to_a_clova_client_and_its_store_ends_the_link(db: PgPool) {
    let (linkgate, serving, client) = set(&db, &["clova", "--extension-id", "com.example.bot"]);
    let speech = [
        "client",
        "update",
        &client,
        "--cek-speech",
        "{{name}}님, 안녕하세요.",
    ];
    linkgate.json(&speech);
    let report = linkgate.json_with(&simulate(&client, &serving.url()), PASSWORD);
    assert_eq!(report["ok"], true, "{report}");
    let steps = steps(&report);
    let names: Vec<_> = steps.iter().map(|(name, _)| *name).collect();
    let expected = [
        "metadata",
        "authorize",
        "login",
        "consent",
        "redirect",
        "token",
        "refresh",
        "lost_answer",
        "resolve",
        "cek:launch",
        "cek:intent",
        "cek:altered",
        "revoke",
        "relink",
        "cek:disabled",
    ];
    assert_eq!(names, expected);
    let detail = |wanted: &str| steps.iter().find(|(name, _)| *name == wanted).unwrap().1;
    assert_eq!(detail("cek:intent"), "“김하늘님, 안녕하세요.” (signed)");
    assert!(detail("cek:altered").contains("403"));
    let fields = report["steps"][0].as_object().unwrap();
    assert_eq!(fields.len(), 4, "{fields:?}");

    let ends = "link where state = 'ended' and end_reason = 'platform'";
    assert_eq!(count(&db, ends).await, 2);
    assert_eq!(count(&db, "cek_user").await, 0);
    assert_eq!(
        count(&db, "event where kind = 'extension_disabled'").await,
        1
    );
    // What it put beside the client is gone, and the client is as it was.
    assert_eq!(count(&db, "cek_test_key").await, 0);
    let shown = linkgate.json(&["client", "show", &client]);
    assert_eq!(shown["cek_public_key"], json!(null), "{shown}");
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_answer_with_the_account_is_understood_and_an_event_needs_an_extension(db: PgPool) {
    let (linkgate, serving, client) = set(&db, &["clova-line", "--cek-answer", "account"]);
    let arguments = simulate(&client, &serving.url()).join(" ");
    let arguments: Vec<_> = arguments.split(' ').collect();
    let report = linkgate.json_with(&arguments, PASSWORD);
    let account = linkgate.json(&["account", "show", EMAIL])["account_id"].clone();
    let steps_seen = steps(&report);
    let launch = steps_seen.iter().find(|(name, _)| *name == "cek:launch");
    assert!(launch.unwrap().1.contains(account.as_str().unwrap()));
    let (last, why) = steps_seen.last().unwrap();
    assert_eq!(*last, "cek:disabled");
    assert!(why.starts_with("skipped: the client has no extension id"));

    let printed = linkgate.run_with(&arguments, PASSWORD);
    let last = printed.stdout.lines().last().unwrap();
    assert!(last.starts_with("– cek:disabled"), "{last}");
    assert_eq!(printed.code, 0);

    // Other platforms sign nothing.
    let other = linkgate.client()["client_id"].clone();
    let url = serving.url();
    let report = linkgate.json_with(&simulate(other.as_str().unwrap(), &url), PASSWORD);
    assert_eq!(steps(&report).last().unwrap().0, "revoke");
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_extension_that_says_no_fails_the_step_and_leaves_no_key(db: PgPool) {
    let (linkgate, serving, client) = set(&db, &["clova"]);
    // The client may not ask for what its speech would say.
    let update = [
        "client",
        "update",
        &client,
        "--scope",
        "account:id",
        "--cek-speech",
        "{{email}}",
    ];
    linkgate.json(&update);
    let done = linkgate.run_with(&simulate(&client, &serving.url()), PASSWORD);
    assert_eq!(done.code, 1, "{}", done.stdout);
    let last = done.stdout.lines().last().unwrap();
    assert!(last.starts_with("✗ cek:launch"), "{last}");
    assert!(last.contains("클로바 앱"), "{last}");
    assert_eq!(count(&db, "cek_test_key").await, 0);
    assert_eq!(count(&db, "link where state <> 'ended'").await, 0);
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_interrupted_simulation_takes_its_key_away(db: PgPool) {
    let (linkgate, serving, client) = set(&db, &["clova"]);
    // A login waits for its session's row.
    let mut held = db.begin().await.unwrap();
    let lock = "lock table session in access exclusive mode";
    sqlx::query(lock).execute(&mut *held).await.unwrap();
    let mut child = linkgate
        .command(&simulate(&client, &serving.url()))
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), PASSWORD.as_bytes()).unwrap();
    drop(child.stdin.take());
    let begin = Instant::now();
    while count(&db, "cek_test_key").await == 0 {
        assert!(begin.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    kill(
        Pid::from_raw(child.id().try_into().unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    let done = Done::of(child);
    assert_eq!(done.code, 1, "{}", done.stdout);
    assert!(done.stdout.contains("interrupted"), "{}", done.stdout);
    assert_eq!(count(&db, "cek_test_key").await, 0);
    drop(held);
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_chat_is_connected_and_unlinked_where_the_client_has_a_domain(db: PgPool) {
    let (linkgate, serving, client) = set(&db, &["clova", "--chatbot-domain-code", "bot"]);
    let report = linkgate.json_with(&simulate(&client, &serving.url()), PASSWORD);
    assert_eq!(report["ok"], true, "{report}");
    let steps = steps(&report);
    let chat = steps.iter().map(|(name, _)| *name);
    let chat: Vec<_> = chat.filter(|name| name.starts_with("chat:")).collect();
    let expected = [
        "chat:unknown",
        "chat:login",
        "chat:connect",
        "chat:confirm",
        "chat:unlink",
        "chat:gone",
    ];
    assert_eq!(chat, expected);
    assert_eq!(count(&db, "chatbot_user").await, 1);
    assert_eq!(count(&db, "link where state <> 'ended'").await, 0);
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
}
