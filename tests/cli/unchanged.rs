//! Commands that change nothing leave nothing behind.

use sqlx::PgPool;

use crate::harness::{Linkgate, PASSWORD};

async fn events(db: &PgPool) -> i64 {
    let count = sqlx::query_scalar("select count(*) from event");
    count.fetch_one(db).await.unwrap()
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_update_to_what_is_there_already_is_no_change(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("haneul@example.com");
    let create = ["client", "create", "--name", "CLOVA", "--preset", "clova"];
    let client = linkgate.json(&create)["client_id"].clone();
    let client = client.as_str().unwrap();
    let admin = [
        "admin",
        "create",
        "--email",
        "a@example.com",
        "--role",
        "owner",
    ];
    linkgate.json_with(&[&admin[..], &["--password-stdin"]].concat(), PASSWORD);

    let before = events(&db).await;
    for update in [
        &["account", "update", "haneul@example.com"][..],
        &[
            "account",
            "update",
            "haneul@example.com",
            "--email",
            "haneul@example.com",
        ],
        &["client", "update", client],
        &["client", "update", client, "--name", "CLOVA"],
        &["admin", "update", "a@example.com"],
        &[
            "admin",
            "update",
            "a@example.com",
            "--enable",
            "--role",
            "owner",
        ],
    ] {
        linkgate.json(update);
        assert_eq!(events(&db).await, before, "{update:?}");
    }
    linkgate.json(&["client", "update", client, "--name", "CLOVA 2"]);
    assert_eq!(events(&db).await, before + 1);
}

#[test]
fn doctor_makes_no_database_where_there_is_none() {
    let linkgate = Linkgate::without_database()
        .with("LINKGATE_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_OPS_LISTEN", "127.0.0.1:0");
    let doctor = linkgate.json(&["doctor"]);
    let mut checks = doctor["checks"].as_array().unwrap().iter();
    let database = checks.find(|check| check["name"] == "database").unwrap();
    assert_eq!(database["state"], "hint", "{doctor}");
    assert_eq!(std::fs::read_dir(&linkgate.folder).unwrap().count(), 0);
}
