//! `linkgate admin`

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Linkgate, PASSWORD};

fn create(linkgate: &Linkgate, email: &str, role: &str) {
    let create = [
        "admin",
        "create",
        "--email",
        email,
        "--role",
        role,
        "--password-stdin",
    ];
    linkgate.json_with(&create, PASSWORD);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn the_last_enabled_owner_stays_one(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    create(&linkgate, "one@example.com", "owner");
    create(&linkgate, "viewer@example.com", "viewer");
    for flags in [["--disable"].as_slice(), &["--role", "operator"]] {
        let update = [&["admin", "update", "ONE@example.com"], flags].concat();
        linkgate.run(&update).fails_saying("the last enabled owner");
    }
    linkgate.json(&["admin", "update", "viewer@example.com", "--role", "owner"]);
    linkgate.json(&["admin", "update", "one@example.com", "--disable"]);
    linkgate
        .run(&["admin", "update", "viewer@example.com", "--disable"])
        .fails_saying("the last enabled owner");
    let admins = linkgate.json(&["admin", "list"]);
    let states: Vec<_> = admins
        .as_array()
        .unwrap()
        .iter()
        .map(|admin| &admin["disabled"])
        .collect();
    assert_eq!(states, [&json!(true), &json!(false)]);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_reset_gives_another_password_drops_second_factors_and_ends_sessions(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    create(&linkgate, "one@example.com", "owner");
    sqlx::query(
        "insert into admin_session (session_hash, admin_id, created_at, last_seen_at, expires_at)
         select 'x', admin_id, now(), now(), now() + interval '1 hour' from admin",
    )
    .execute(&db)
    .await
    .unwrap();
    sqlx::query(
        "insert into totp (totp_id, admin_id, sealed_seed, last_step, created_at)
         select admin_id, admin_id, 'x', 1, now() from admin",
    )
    .execute(&db)
    .await
    .unwrap();
    sqlx::query(
        "insert into passkey (passkey_id, admin_id, credential_id, credential, name, created_at)
         select admin_id, admin_id, 'x', '{}', 'x', now() from admin",
    )
    .execute(&db)
    .await
    .unwrap();
    let hash = "select password_hash from admin";
    let before: String = sqlx::query_scalar(hash).fetch_one(&db).await.unwrap();
    let reset = linkgate.json(&["admin", "reset", "one@example.com"]);
    assert!(reset["password"].as_str().unwrap().len() >= 20);
    let after: String = sqlx::query_scalar(hash).fetch_one(&db).await.unwrap();
    assert_ne!(before, after);
    let sessions: i64 = sqlx::query_scalar("select count(*) from admin_session")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(sessions, 0);
    let factors = "select (select count(*) from totp) + (select count(*) from passkey)";
    let factors: i64 = sqlx::query_scalar(factors).fetch_one(&db).await.unwrap();
    assert_eq!(factors, 0);
    let given = linkgate.json_with(
        &["admin", "reset", "one@example.com", "--password-stdin"],
        PASSWORD,
    );
    assert_eq!(given.get("password"), None);
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_admin_needs_a_password_a_role_and_an_address_of_its_own(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let no_password = [
        "admin",
        "create",
        "--email",
        "a@example.com",
        "--role",
        "owner",
    ];
    linkgate
        .run(&no_password)
        .is_wrong_usage_of("--password-stdin");
    let no_role = [
        "admin",
        "create",
        "--email",
        "a@example.com",
        "--role",
        "king",
        "--password-stdin",
    ];
    linkgate.run(&no_role).is_wrong_usage_of("owner");
    create(&linkgate, "a@example.com", "owner");
    let again = [
        "admin",
        "create",
        "--email",
        "A@example.com",
        "--role",
        "owner",
        "--password-stdin",
    ];
    linkgate
        .run_with(&again, PASSWORD)
        .fails_saying("another admin already has this e-mail address");
    linkgate
        .run_with(&again, "short")
        .fails_saying("at least 8 characters");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_reset_of_a_disabled_admin_says_that_one_stays_disabled(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    create(&linkgate, "one@example.com", "owner");
    create(&linkgate, "two@example.com", "viewer");
    linkgate.json(&["admin", "update", "two@example.com", "--disable"]);
    for (email, disabled) in [("one@example.com", false), ("two@example.com", true)] {
        let said = linkgate.run(&["admin", "reset", email]).stdout;
        assert!(said.contains("signs in with the password"), "{said}");
        let way_out = format!("only after `linkgate admin update {email} --enable`");
        assert_eq!(said.contains(&way_out), disabled, "{said}");
    }
}
