//! `linkgate account`

use std::io::Write;

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Done, Linkgate, PASSWORD, names};

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_account_is_answered_as_documented_and_named_in_three_ways(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let create = [
        "account",
        "create",
        "--email",
        "Haneul@Example.com",
        "--name",
        "김하늘",
        "--password-stdin",
        "--external-id",
        "k-1",
        "--attribute",
        "tier=gold",
        "--attribute",
        "points:=1200",
    ];
    let made = linkgate.json_with(&create, &format!("{PASSWORD}\n"));
    assert_eq!(
        names(&made),
        ["account_id", "attributes", "email", "external_id", "name"]
    );
    assert_eq!(made["email"], "Haneul@Example.com");
    assert_eq!(made["attributes"], json!({"tier": "gold", "points": 1200}));

    let id = made["account_id"].as_str().unwrap();
    for who in [id, "ext:k-1", "haneul@EXAMPLE.com"] {
        let shown = linkgate.json(&["account", "show", who]);
        assert_eq!(shown["account_id"], made["account_id"], "{who}");
        assert_eq!(shown["locale"], "ko");
    }
    linkgate
        .run(&["account", "show", "ext:other"])
        .fails_saying("there is no account ext:other");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn addresses_are_unique_without_regard_to_case_and_so_are_external_ids(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("a@example.com");
    let again = [
        "account",
        "create",
        "--email",
        "A@EXAMPLE.COM",
        "--name",
        "A",
    ];
    linkgate
        .run(&again)
        .fails_saying("another account already has this e-mail address");

    linkgate.json(&["account", "update", "a@example.com", "--external-id", "1"]);
    let taken = [
        "account",
        "create",
        "--email",
        "b@example.com",
        "--name",
        "B",
        "--external-id",
        "1",
    ];
    linkgate
        .run(&taken)
        .fails_saying("another account already has this external id");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn what_nobody_could_log_in_with_is_refused(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let create = |email| {
        [
            "account",
            "create",
            "--email",
            email,
            "--name",
            "A",
            "--password-stdin",
        ]
    };
    linkgate
        .run_with(&create("a@example.com"), "short\n")
        .fails_saying("at least 8 characters");
    linkgate
        .run_with(&create("a@example.com"), &"x".repeat(2000))
        .fails_saying("at most 128");
    linkgate
        .run_with(&create("nobody"), PASSWORD)
        .fails_saying("e-mail address is not valid");
    let wrong = [
        "account",
        "create",
        "--email",
        "a@b.cd",
        "--name",
        "A",
        "--attribute",
        "points:=x",
    ];
    linkgate.run(&wrong).is_wrong_usage_of("`x` is not JSON");
    assert_eq!(linkgate.json(&["account", "list"]), json!([]));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_change_touches_only_what_it_names(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("a@example.com");
    let update = |flags: &[&str]| {
        linkgate.json(&[&["account", "update", "a@example.com"][..], flags].concat())
    };
    let changed = update(&[
        "--attribute",
        "tier=gold",
        "--attribute",
        "points:=1",
        "--locale",
        "en",
    ]);
    assert_eq!(changed["name"], "김하늘");
    assert_eq!(changed["locale"], "en");
    let changed = update(&[
        "--name",
        "Kim",
        "--attribute",
        "points:=2",
        "--remove-attribute",
        "tier",
    ]);
    assert_eq!(changed["attributes"], json!({"points": 2}));
    assert_eq!(changed["locale"], "en");

    linkgate.json(&["account", "disable", "a@example.com"]);
    assert_eq!(
        linkgate.json(&["account", "show", "a@example.com"])["disabled"],
        true
    );
    linkgate.json(&["account", "enable", "a@example.com"]);
    assert_eq!(
        linkgate.json(&["account", "show", "a@example.com"])["disabled"],
        false
    );
    linkgate.json(&["account", "delete", "a@example.com"]);
    linkgate
        .run(&["account", "delete", "a@example.com"])
        .fails_saying("there is no account");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn attributes_may_hold_anything_but_a_nul(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linkgate.account("a@example.com");
    let update = |attribute: &str| {
        linkgate.run(&[
            "account",
            "update",
            "a@example.com",
            "--attribute",
            attribute,
        ])
    };
    assert_eq!(update(r"path=C:\u0000").code, 0);
    let shown = linkgate.json(&["account", "show", "a@example.com"]);
    assert_eq!(shown["attributes"]["path"], r"C:\u0000");
    for nul in [
        r#"a:="\u0000""#,
        r#"a:=[{"b":"\u0000"}]"#,
        r#"a:={"\u0000":1}"#,
    ] {
        update(nul).fails_saying("the attributes contain a NUL character");
    }
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_password_is_the_first_line_and_nothing_waits_for_another(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let create = [
        "account",
        "create",
        "--email",
        "a@example.com",
        "--name",
        "A",
    ];
    let create = [&create[..], &["--password-stdin"]].concat();
    let mut child = linkgate.command(&create).spawn().unwrap();
    // It stays open, as a terminal does.
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(format!("{PASSWORD}\nmore").as_bytes())
        .unwrap();
    let done = Done::of(child);
    assert_eq!(done.code, 0, "{}", done.stderr);
    drop(stdin);
    let long = format!("x{}", "가".repeat(200));
    linkgate
        .run_with(&create, &long)
        .fails_saying("at most 128");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_list_is_whole_unless_a_limit_is_asked_for(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    sqlx::query(
        "insert into account (account_id, email, email_key, name, created_at, updated_at)
         select gen_random_uuid(), n || '@example.com', n || '@example.com', 'P', now(), now()
         from generate_series(1, 120) n",
    )
    .execute(&db)
    .await
    .unwrap();
    let count = |flags: &[&str]| {
        let listed = linkgate.json(&[&["account", "list"][..], flags].concat());
        listed.as_array().unwrap().len()
    };
    assert_eq!(count(&[]), 120);
    assert_eq!(count(&["--limit", "7"]), 7);
    assert_eq!(count(&["--offset", "100"]), 20);
}
