//! `linkgate account import`

use serde_json::json;
use sqlx::PgPool;

use crate::harness::Linkgate;

const BCRYPT: &str = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_second_import_changes_nothing_and_keeps_the_passwords_of_people(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let file = linkgate.file(
        "people.ndjson",
        &format!(
            "{}\n{}\n\n{}\n",
            json!({"email": "a@example.com", "name": "A", "external_id": "1", "password": "long enough"}),
            json!({"email": "b@example.com", "name": "B", "password_hash": BCRYPT, "attributes": {"points": 3}}),
            json!({"email": "c@example.com", "name": "C", "locale": "ja"}),
        ),
    );
    let counts = |created, unchanged| json!({"created": created, "updated": 0, "unchanged": unchanged, "refused": 0, "refusals": []});
    assert_eq!(linkgate.json(&["account", "import", &file]), counts(3, 0));
    assert_eq!(
        linkgate.json(&["account", "show", "b@example.com"])["attributes"],
        json!({"points": 3})
    );

    let hash = "select password_hash from account where email = 'a@example.com'";
    let reset = ["account", "update", "a@example.com", "--password-stdin"];
    linkgate.json_with(&reset, "the person's own");
    let own: String = sqlx::query_scalar(hash).fetch_one(&db).await.unwrap();
    assert_eq!(linkgate.json(&["account", "import", &file]), counts(0, 3));
    let kept: String = sqlx::query_scalar(hash).fetch_one(&db).await.unwrap();
    assert_eq!(kept, own);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_line_is_refused_with_its_number_and_the_others_are_taken(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let lines = [
        json!({"email": "a@example.com", "name": "A", "external_id": "1"}).to_string(),
        "not JSON".to_owned(),
        json!({"email": "b@example.com", "name": "B", "password": "short"}).to_string(),
        json!({"email": "b@example.com", "name": "B", "password_hash": "plain"}).to_string(),
        json!({"email": "b@example.com", "name": "B", "colour": "red"}).to_string(),
        json!({"email": "A@example.com", "name": "A", "external_id": "2"}).to_string(),
        json!({"email": "a2@example.com", "name": "A2", "external_id": "1"}).to_string(),
        "x".repeat(200_000),
        json!({"email": "z@example.com", "name": "Z"}).to_string(),
    ];
    let done = linkgate.run_with(&["account", "import", "-", "--json"], &lines.join("\n"));
    assert_eq!(done.code, 1);
    assert!(
        done.stderr.ends_with("linkgate: 6 lines were refused\n"),
        "{}",
        done.stderr
    );
    let answer: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        (&answer["created"], &answer["updated"]),
        (&json!(2), &json!(1))
    );
    let refused: Vec<_> = answer["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["line"].clone())
        .collect();
    assert_eq!(refused, [2, 3, 4, 5, 6, 8]);
    assert_eq!(
        linkgate.json(&["account", "show", "ext:1"])["email"],
        "a2@example.com"
    );
}
