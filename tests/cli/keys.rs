//! `linkgate key`, and changing the secret key.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::{Linkgate, SECRET_KEY, linked, names};

const OTHER_SECRET_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_new_key_is_used_after_every_node_has_it(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    assert_eq!(linkgate.json(&["key", "list"]).as_array().unwrap().len(), 6);
    let rotated = linkgate.json(&["key", "rotate", "access"]);
    let keys = linkgate.json(&["key", "list"]);
    let new = keys
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key_id"] == rotated["key_id"]);
    let new = new.unwrap();
    assert_eq!(
        (&new["current"], &new["state"]),
        (&json!(false), &json!("published"))
    );
    assert_eq!(
        names(new),
        [
            "created_at",
            "current",
            "key_id",
            "kind",
            "links",
            "next_key_at",
            "state",
            "usable_from",
            "verifies_until"
        ]
    );
    linkgate
        .run(&["key", "rotate", "door"])
        .is_wrong_usage_of("access");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn the_secret_key_changes_with_the_old_one_beside_it(db: PgPool) {
    let old = Linkgate::on(&db);
    old.json(&["key", "list"]);
    let new = Linkgate::on(&db).with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY);
    new.run(&["key", "list"])
        .fails_saying("not the key this database was sealed with");

    let both = Linkgate::on(&db)
        .with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY)
        .with("LINKGATE_SECRET_KEY_PREVIOUS", SECRET_KEY);
    assert_eq!(keys_in(&both.json(&["doctor"])), "hint");
    assert_eq!(both.json(&["key", "reseal"])["resealed"], 6);
    assert_eq!(
        keys_in(&both.json(&["doctor"])),
        "hint",
        "the previous one can go"
    );
    assert_eq!(keys_in(&new.json(&["doctor"])), "ok");
    assert_eq!(new.json(&["key", "list"]).as_array().unwrap().len(), 6);
    old.run(&["key", "list"])
        .fails_saying("not the key this database was sealed with");
}

/// What `doctor` says of the keys.
fn keys_in(doctor: &Value) -> &str {
    let mut checks = doctor["checks"].as_array().unwrap().iter();
    let keys = checks.find(|check| check["name"] == "keys").unwrap();
    keys["state"].as_str().unwrap()
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn giving_up_a_key_says_first_whom_it_unlinks(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linked(&linkgate, &db).await;
    let compromised = ["key", "rotate", "--compromised", "refresh"];
    let before = linkgate.json(&["key", "list"]);
    let named = before
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kind"] == "refresh")
        .unwrap();
    assert_eq!(named["links"], 3);
    linkgate.run(&compromised).fails_saying("3 links would end");
    assert_eq!(linkgate.json(&["key", "list"]), before);

    let done = linkgate.json(&[&compromised[..], &["--yes"]].concat());
    assert_eq!(
        (&done["links_ended"], &done["removed"]),
        (&json!(3), &json!([named["key_id"]]))
    );
    let links = linkgate.json(&["link", "list"]);
    for link in links.as_array().unwrap() {
        assert_eq!(link["end_reason"], "key_compromised");
    }
    let after = linkgate.json(&["key", "list"]);
    let refresh: Vec<_> = after
        .as_array()
        .unwrap()
        .iter()
        .filter(|key| key["kind"] == "refresh")
        .map(|key| key["state"].as_str().unwrap())
        .collect();
    assert_eq!(refresh, ["compromised", "current"]);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn giving_up_a_key_asks_whoever_is_there_and_takes_only_yes_for_a_yes(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linked(&linkgate, &db).await;
    let compromised = ["key", "rotate", "--compromised", "refresh"];
    let before = linkgate.json(&["key", "list"]);
    for answer in ["", "no", "y", "YES", "yes please"] {
        let refused = linkgate.run_in_terminal(&compromised, answer);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{answer}");
        let (question, after) = refused.stderr.split_once("Type yes to do it: ").unwrap();
        assert!(question.starts_with("3 links would end"), "{question}");
        assert!(after.contains("Nothing was changed"), "{after}");
    }
    // What is typed before nobody is asked is no answer.
    let piped = linkgate.run_with(&compromised, "yes\n");
    piped.fails_saying("3 links would end");
    assert!(!piped.stderr.contains("Type yes"), "{}", piped.stderr);
    assert_eq!(linkgate.json(&["key", "list"]), before);

    let done = linkgate.run_in_terminal(&compromised, "yes");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(
        done.stderr.starts_with("3 links would end"),
        "{}",
        done.stderr
    );
    assert!(done.stdout.contains("3 links ended"), "{}", done.stdout);
    let active = linkgate.json(&["link", "list", "--state", "active"]);
    assert_eq!(active.as_array().unwrap().len(), 0);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn giving_up_other_keys_ends_no_link(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linked(&linkgate, &db).await;
    for kind in ["access", "seal", "csrf", "code"] {
        let done = linkgate.json(&["key", "rotate", "--compromised", kind, "--yes"]);
        assert_eq!(done["links_ended"], 0, "{kind}");
        assert_eq!(done["removed"].as_array().unwrap().len(), 1, "{kind}");
    }
    assert_eq!(linkgate.json(&["key", "list"]).as_array().unwrap().len(), 6);
    let active = linkgate.json(&["link", "list", "--state", "active"]);
    assert_eq!(active.as_array().unwrap().len(), 3);
    linkgate
        .run(&["key", "rotate", "access", "--compromised", "access"])
        .is_wrong_usage_of("--compromised");
    linkgate
        .run(&["key", "rotate"])
        .is_wrong_usage_of("--compromised");
}
