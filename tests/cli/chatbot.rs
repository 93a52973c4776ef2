//! A client's chat users, set on the command line.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::{Linkgate, SECRET_KEY};

const SECRET: &str = "ZmFrZS1zZWNyZXQtb2YtYS1jaGF0Ym90";
const OTHER_SECRET_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

/// The client with one thing changed.
fn with(linkgate: &Linkgate, id: &str, flag: &str, value: &str) -> Value {
    linkgate.json(&["client", "update", id, flag, value])
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn the_chatbots_settings_come_and_go_and_its_secret_key_is_never_shown(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let file = linkgate.file("chatbot.secret", &format!("{SECRET}\n"));
    for (flag, value, name, stored) in [
        (
            "--chatbot-domain-code",
            "bot",
            "chatbot_domain_code",
            json!("bot"),
        ),
        (
            "--chatbot-invoke-url",
            "https://bot.test/v1",
            "chatbot_invoke_url",
            json!("https://bot.test/v1"),
        ),
        (
            "--chatbot-secret-file",
            &file,
            "chatbot_secret_stored",
            json!(true),
        ),
        (
            "--chatbot-domain-code",
            "",
            "chatbot_domain_code",
            json!(null),
        ),
        (
            "--chatbot-invoke-url",
            "",
            "chatbot_invoke_url",
            json!(null),
        ),
    ] {
        let changed = with(&linkgate, id, flag, value);
        assert_eq!(changed[name], stored, "{flag} {value}");
        let shown = linkgate.run(&["client", "show", id]);
        assert!(!shown.stdout.contains(SECRET));
    }
    let changed = with(&linkgate, id, "--chatbot-secret-file", "");
    assert_eq!(changed["chatbot_secret_stored"], false);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn what_cant_be_stored_is_refused_with_a_reason(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let spaced = linkgate.file("spaced.secret", "two words");
    for (flag, value, why) in [
        (
            "--chatbot-invoke-url",
            "http://bot.test/",
            "must be an https URL",
        ),
        (
            "--chatbot-invoke-url",
            "https://10.0.0.1/",
            "must not lead to a private",
        ),
        ("--chatbot-secret-file", &spaced, "no spaces"),
        ("--chatbot-secret-file", "/nowhere", "/nowhere"),
    ] {
        let refused = linkgate.run(&["client", "update", id, flag, value]);
        refused.fails_saying(why);
    }
    let allowing = Linkgate::on(&db).with("LINKGATE_OUTBOUND_PRIVATE", "allow");
    let changed = with(&allowing, id, "--chatbot-invoke-url", "https://10.0.0.1/");
    assert_eq!(changed["chatbot_invoke_url"], "https://10.0.0.1/");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn resealing_takes_the_chatbots_secret_keys_along(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let file = linkgate.file("chatbot.secret", SECRET);
    with(&linkgate, id, "--chatbot-secret-file", &file);
    let both = Linkgate::on(&db)
        .with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY)
        .with("LINKGATE_SECRET_KEY_PREVIOUS", SECRET_KEY);
    assert_eq!(both.json(&["key", "reseal"])["resealed"], 7);
    // Again with the new one alone, which opens it.
    let new = Linkgate::on(&db).with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY);
    assert_eq!(new.json(&["key", "reseal"])["resealed"], 7);
    let broken = "update client set chatbot_secret = '\\x00'";
    sqlx::query(broken).execute(&db).await.unwrap();
    new.run(&["key", "reseal"]).fails_saying(id);
    with(&new, id, "--chatbot-secret-file", "");
    assert_eq!(new.json(&["key", "reseal"])["resealed"], 6);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn the_call_url_is_printed_once_and_its_secret_is_stored_as_a_hash(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let call_secret = ["client", "call-secret", id];
    let first = linkgate.json(&call_secret)["call_url"].clone();
    let (_, secret) = first.as_str().unwrap().split_once("/k/").unwrap();
    assert!(
        secret.starts_with("lg_ck_") && secret.len() == 49,
        "{first}"
    );
    let second = linkgate.json(&call_secret)["call_url"].clone();
    assert_ne!(first, second);
    let (_, secret) = second.as_str().unwrap().split_once("/k/").unwrap();
    let hash = "select secret_hash = sha256($1::text::bytea) from chatbot_call_secret";
    let stored: Vec<bool> = sqlx::query_scalar(hash)
        .bind(secret)
        .fetch_all(&db)
        .await
        .unwrap();
    assert_eq!(stored, [true]);
    for removed in [true, false] {
        let answer = linkgate.json(&[&call_secret[..], &["--remove"]].concat());
        assert_eq!(answer, json!({"client_id": id, "removed": removed}));
    }
}
