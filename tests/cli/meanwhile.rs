//! What happens to a command's change while another one is under way: a transaction of the test
//! holds the row until the command waits for it.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::harness::{Done, Linkgate};

/// A transaction that has done this and is not over.
async fn under_way(db: &PgPool, sql: &str) -> Transaction<'static, Postgres> {
    let mut transaction = db.begin().await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()));
    let done = done.execute(&mut *transaction).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{sql}");
    transaction
}

/// Waits until somebody waits for what a transaction holds.
async fn until_blocked(db: &PgPool) {
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    let seen = async {
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(db)
            .await
            .unwrap()
            == 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), seen)
        .await
        .unwrap();
}

/// Runs a command that comes to wait for the transaction, which then commits.
async fn overtaken(
    linkgate: &Linkgate,
    db: &PgPool,
    arguments: &[&str],
    transaction: Transaction<'static, Postgres>,
) -> Done {
    let child = linkgate.command(arguments).spawn().unwrap();
    until_blocked(db).await;
    transaction.commit().await.unwrap();
    Done::of(child)
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn two_updates_of_one_account_at_once_lose_nothing(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("a@example.com");
    let other =
        "update account set attributes = attributes || '{\"points\": 5}', disabled_at = now()";
    let other = under_way(&db, other).await;
    let update = [
        "account",
        "update",
        "a@example.com",
        "--attribute",
        "tier=gold",
    ];
    let done = overtaken(&linkgate, &db, &update, other).await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    let shown = linkgate.json(&["account", "show", "a@example.com"]);
    assert_eq!(
        shown["attributes"],
        serde_json::json!({"points": 5, "tier": "gold"})
    );
    assert_eq!(shown["disabled"], true);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_import_does_not_enable_an_account_that_was_disabled_meanwhile(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("a@example.com");
    let other = under_way(&db, "update account set disabled_at = now()").await;
    let file = linkgate.file("a.ndjson", r#"{"email":"a@example.com","name":"Kim"}"#);
    let done = overtaken(&linkgate, &db, &["account", "import", &file], other).await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    let shown = linkgate.json(&["account", "show", "a@example.com"]);
    assert_eq!(
        (&shown["name"], &shown["disabled"]),
        (&"Kim".into(), &true.into())
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn updating_a_client_does_not_enable_one_that_was_disabled_meanwhile(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let other = under_way(&db, "update client set disabled_at = now()").await;
    let update = ["client", "update", id, "--access-lifetime", "2h"];
    let done = overtaken(&linkgate, &db, &update, other).await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    let shown = linkgate.json(&["client", "show", id]);
    assert_eq!(
        (&shown["access_lifetime_seconds"], &shown["disabled"]),
        (&7200.into(), &true.into())
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_client_deleted_meanwhile_does_not_come_back(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    for (verb, flags) in [
        ("update", &["--name", "B"][..]),
        ("disable", &[]),
        ("rotate-secret", &[]),
    ] {
        let made = linkgate.client();
        let id = made["client_id"].as_str().unwrap();
        let mut other = under_way(&db, "update client set name = name").await;
        let delete = sqlx::query("delete from client").execute(&mut *other);
        delete.await.unwrap();
        let arguments = [&["client", verb, id], flags].concat();
        let done = overtaken(&linkgate, &db, &arguments, other).await;
        done.fails_saying("there is no client");
        assert_eq!(linkgate.json(&["client", "list"]), serde_json::json!([]));
    }
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn race_06_one_address_created_by_many_commands_at_once_is_one_account(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let create = |email| ["account", "create", "--email", email, "--name", "A"];
    let emails = [
        "a@example.com",
        "A@Example.com",
        "a@example.com",
        "A@EXAMPLE.COM",
    ];
    let started: Vec<_> = emails
        .into_iter()
        .map(|email| linkgate.command(&create(email)).spawn().unwrap())
        .collect();
    let done: Vec<_> = started.into_iter().map(Done::of).collect();
    let (made, refused): (Vec<_>, Vec<_>) = done.iter().partition(|done| done.code == 0);
    assert_eq!(made.len(), 1);
    for done in refused {
        done.fails_saying("another account already has this e-mail address");
    }
    let listed = linkgate.json(&["account", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
}
