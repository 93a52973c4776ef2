//! Settings, migrations, and what is said when the start is not possible.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Done, Linkgate, SECRET_KEY};

#[test]
fn every_problem_of_the_settings_is_listed_at_once() {
    let linkgate = Linkgate::without_database();
    let good = linkgate.run(&["check-config"]);
    assert_eq!((good.code, good.stdout.as_str()), (0, "ok\n"));
    linkgate.file(
        "linkgate.toml",
        "listen = \"nowhere\"\ncolour = \"green\"\n",
    );
    let linkgate = linkgate.with("LINKGATE_WORKERS", "0");
    for command in ["check-config", "serve", "doctor"] {
        let wrong = linkgate.run(&[command]);
        assert_eq!(wrong.code, 1);
        let said = format!("{}{}", wrong.stdout, wrong.stderr);
        for name in ["listen:", "colour:", "LINKGATE_WORKERS:"] {
            assert_eq!(said.matches(name).count(), 1, "{command}: {name} in {said}");
        }
    }
    let elsewhere = linkgate.run(&["check-config", "--config", "missing.toml"]);
    assert!(
        elsewhere.stderr.contains("missing.toml"),
        "{}",
        elsewhere.stderr
    );
}

#[test]
fn what_no_command_is_called_is_wrong_usage() {
    let linkgate = Linkgate::without_database();
    linkgate.run(&["dance"]).is_wrong_usage_of("dance");
    linkgate.run(&[]).is_wrong_usage_of("Usage");
    assert_eq!(linkgate.run(&["--help"]).code, 0);
    assert!(linkgate.run(&["--version"]).stdout.starts_with("linkgate "));
}

#[test]
fn a_database_that_is_away_is_named() {
    let away = "postgres://linkgate:hunter2@127.0.0.1:1/linkgate";
    let linkgate = Linkgate::without_database().with("LINKGATE_DATABASE_URL", away);
    let list = linkgate.run(&["client", "list"]);
    list.fails_saying("LINKGATE_DATABASE_URL: the database at 127.0.0.1:1 can't be reached");
    assert!(!list.stderr.contains("hunter2"));
    linkgate.run(&["serve"]).fails_saying("LINKGATE_SECRET_KEY");
    linkgate
        .with("LINKGATE_SECRET_KEY", SECRET_KEY)
        .run(&["serve"])
        .fails_saying("127.0.0.1:1");
}

#[sqlx::test(migrations = false)]
async fn migrations_that_are_off_are_named_and_applied_by_their_command(db: PgPool) {
    let linkgate = Linkgate::on(&db).with("LINKGATE_MIGRATE", "off");
    linkgate
        .run(&["serve"])
        .fails_saying("run `linkgate migrate` first");
    linkgate
        .run(&["client", "list"])
        .fails_saying("run `linkgate migrate` first");
    assert_eq!(linkgate.run(&["migrate", "--check"]).code, 1);
    assert!(linkgate.json(&["migrate"])["applied"].as_u64().unwrap() > 0);
    assert_eq!(
        linkgate.json(&["migrate", "--check"]),
        json!({"missing": 0})
    );
    assert_eq!(linkgate.json(&["client", "list"]), json!([]));

    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'from the future', true, '', 0)",
    )
    .execute(&db)
    .await
    .unwrap();
    linkgate
        .run(&["serve"])
        .fails_saying("migrated by a newer Linkgate");
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_made_ready_by_whatever_comes_first(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    assert_eq!(linkgate.json(&["account", "list"]), json!([]));
    let doctor = linkgate
        .with("LINKGATE_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_OPS_LISTEN", "127.0.0.1:0")
        .json(&["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
}

#[test]
fn an_empty_variable_lets_the_files_value_stand() {
    let linkgate = Linkgate::without_database().with("LINKGATE_WORKERS", "");
    linkgate.file("linkgate.toml", "workers = 0\n");
    linkgate.run(&["check-config"]).fails_saying("workers:");
}

#[test]
fn a_variable_that_is_not_text_stops_the_start_and_is_named() {
    let linkgate = Linkgate::without_database();
    let mut command = linkgate.command(&["check-config"]);
    let latin = OsStr::from_bytes(b"postgres://u:p\xe4ss@db/x");
    command.env("LINKGATE_DATABASE_URL", latin);
    let done = Done::of(command.spawn().unwrap());
    done.fails_saying("LINKGATE_DATABASE_URL: is not UTF-8 text");
}
