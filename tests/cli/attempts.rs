//! `linkgate attempt …`: why did linking fail, in a terminal.

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Linkgate, names};

/// Two attempts at one client: one that ended in a link an hour ago, and one that was refused before it.
async fn attempted(linkgate: &Linkgate, db: &PgPool) -> String {
    let account = linkgate.account("a@example.com");
    let client = linkgate.client()["client_id"].as_str().unwrap().to_owned();
    sqlx::query(
        "insert into attempt (support_code, began_at, last_at, last_step, client_id, account_id, outcome, outcome_at)
         values ('7K2M9QXD', now() - interval '1 hour', now() - interval '59 minutes', 'code_redeemed', $1, $2::uuid,
                 'linked', now())",
    )
    .bind(&client)
    .bind(account["account_id"].as_str().unwrap())
    .execute(db)
    .await
    .unwrap();
    sqlx::query(
        "insert into attempt (support_code, began_at, last_at, last_step, client_id, outcome, outcome_at, reason)
         values ('0000ABCD', now() - interval '2 hours', now() - interval '2 hours', 'request_refused', $1, 'failed', now(),
                 'redirect_trailing_slash')",
    )
    .bind(&client)
    .execute(db)
    .await
    .unwrap();
    sqlx::query(
        "update attempt set steps = (
             select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                 'step', step, 'reason', why, 'first_at', began_at + after, 'times', times, 'presented', presented,
                 'registered', registered)))
             from (values
                 ('7K2M9QXD', 'requested', null, interval '0', null, null, null),
                 ('7K2M9QXD', 'login_failed', 'wrong_password', interval '20 seconds', 2, null, null),
                 ('7K2M9QXD', 'code_redeemed', null, interval '65 seconds', null, null, null),
                 ('0000ABCD', 'request_refused', 'redirect_trailing_slash', interval '0', 3, 'https://a.test/', 'https://a.test')
             ) as walked (code, step, why, after, times, presented, registered)
             where code = support_code)",
    )
    .execute(db)
    .await
    .unwrap();
    client
}

#[sqlx::test]
async fn attempts_are_listed_the_newest_first_and_filtered(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let client = attempted(&linkgate, &db).await;
    let codes = |arguments: &[&str]| -> Vec<_> {
        let listed = linkgate.json(&[&["attempt", "list"], arguments].concat());
        let all = listed.as_array().unwrap().clone();
        all.into_iter()
            .map(|one| one["support_code"].as_str().unwrap().to_owned())
            .collect()
    };
    let (linked, refused) = ("7K2M-9QXD", "0000-ABCD");
    assert_eq!(codes(&[]), [linked, refused]);
    assert_eq!(codes(&["--client", &client]), [linked, refused]);
    assert_eq!(codes(&["--client", "nobody"]), [""; 0]);
    assert_eq!(codes(&["--account", "a@example.com"]), [linked]);
    assert_eq!(codes(&["--outcome", "failed"]), [refused]);
    assert_eq!(codes(&["--limit", "1"]), [linked]);
    assert_eq!(codes(&["--limit", "1", "--offset", "1"]), [refused]);

    let table = linkgate.run(&["attempt", "list"]).stdout;
    let lines: Vec<_> = table.lines().collect();
    let (head, first, second) = (lines[0], lines[1], lines[2]);
    assert_eq!(lines.len(), 3);
    assert!(head.starts_with("CODE"), "{table}");
    assert!(first.starts_with(linked) && first.ends_with("a@example.com"));
    assert!(second.contains("redirect_trailing_slash"), "{table}");

    linkgate
        .run(&["attempt", "list", "--account", "b@example.com"])
        .fails_saying("there is no account");
    linkgate
        .run(&["attempt", "list", "--outcome", "lost"])
        .is_wrong_usage_of("lost");
}

#[sqlx::test]
async fn an_attempt_is_told_step_by_step_with_what_to_do(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let client = attempted(&linkgate, &db).await;
    // As people write codes down.
    let refused = linkgate.json(&["attempt", "show", "oooo abcd"]);
    assert_eq!(
        names(&refused),
        [
            "account_id",
            "began_at",
            "client_id",
            "last_at",
            "link_id",
            "outcome",
            "reason",
            "steps",
            "support_code",
            "what",
            "what_to_do",
        ]
    );
    assert_eq!(refused["client_id"], client);
    assert_eq!(refused["reason"], "redirect_trailing_slash");
    let what = refused["what"].as_str().unwrap();
    assert!(what.contains("at the trailing slash"), "{what}");
    let step = &refused["steps"][0];
    assert_eq!(step["times"], 3);
    assert_eq!(step["presented"], "https://a.test/");
    assert_eq!(step["registered"], "https://a.test");

    let linked = linkgate.json(&["attempt", "show", "7K2M-9QXD"]);
    assert_eq!(linked["outcome"], "linked");
    assert_eq!(linked["reason"], json!(null));
    let told = linkgate.run(&["attempt", "show", "7k2m9qxd"]).stdout;
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with("7K2M-9QXD  began "), "{told}");
    assert_eq!(lines[1], "Linked. No token has been used yet.");
    let failed = lines.iter().find(|line| line.contains("Login failed"));
    let failed = failed.unwrap();
    assert!(
        failed.contains("+20.0 s") && failed.contains(" 2 "),
        "{told}"
    );
    assert!(failed.contains("The password was wrong."), "{told}");
    assert!(told.contains("+1 min 5 s"), "{told}");

    linkgate
        .run(&["attempt", "show", "7K2M-9QX0"])
        .fails_saying("there is no attempt 7K2M-9QX0");
    linkgate
        .run(&["attempt", "show", "7K2M"])
        .is_wrong_usage_of("7K2M");
}
