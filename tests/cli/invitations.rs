//! `linkgate account invite` and `linkgate account invitations`

use sqlx::PgPool;

use crate::harness::{Linkgate, names};

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_invitation_is_answered_as_documented_listed_and_taken_back(db: PgPool) {
    let linkgate = Linkgate::on(&db).with("LINKGATE_SIGNUP", "invited");
    let invite = ["account", "invite", "--email", "Guest@example.com"];
    let invited = linkgate.json(&invite);
    assert_eq!(names(&invited), ["email", "expires_at"]);
    assert_eq!(invited["email"], "Guest@example.com");
    let listed = linkgate.json(&["account", "invitations"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["expires_at"], invited["expires_at"]);
    let waiting: String = sqlx::query_scalar("select letter->>'letter' from mail")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(waiting, "invitation");
    linkgate.json(&[
        "account",
        "invite",
        "--email",
        "guest@EXAMPLE.com",
        "--withdraw",
    ]);
    let listed = linkgate.json(&["account", "invitations"]);
    assert_eq!(listed.as_array().unwrap().len(), 0);
    linkgate
        .run(&[
            "account",
            "invite",
            "--email",
            "guest@example.com",
            "--withdraw",
        ])
        .fails_saying("guest@example.com is not invited");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn whom_an_invitation_would_not_help_is_not_invited(db: PgPool) {
    let linkgate = Linkgate::on(&db).with("LINKGATE_SIGNUP", "invited");
    linkgate.account("a@example.com");
    linkgate
        .run(&["account", "invite", "--email", "A@example.com"])
        .fails_saying("A@example.com already has an account");
    linkgate
        .run(&["account", "invite", "--email", "nobody"])
        .fails_saying("the e-mail address is not valid");
    linkgate
        .run(&[
            "account",
            "invite",
            "--email",
            "b@example.com",
            "--days",
            "91",
        ])
        .is_wrong_usage_of("91 is not in 1..=90");
    let closed = linkgate.with("LINKGATE_SIGNUP", "off");
    closed
        .run(&["account", "invite", "--email", "b@example.com"])
        .fails_saying("nobody can sign up");
}
