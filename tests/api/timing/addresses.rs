//! Whether the time tells that an address has an account, where a code is asked for (AUTH-04 in the abuse
//! cases).

use std::sync::Arc;

use linkgate::{account::password::Hasher, foundation::random::SystemRandom};
use sqlx::PgPool;

use super::{COST, comparison::assert_alike, people};
use crate::harness::{Form, MailServer, TestApp};

/// Asks with so many addresses of each kind that none comes twice.
async fn ask_with_each(db: PgPool, start: &str) {
    let mail = MailServer::open().await;
    let settings = [
        ("LINKGATE_RATE_LIMITS", "off"),
        ("LINKGATE_SMTP_URL", mail.url.as_str()),
        ("LINKGATE_SIGNUP", "open"),
        ("LINKGATE_LIMIT_CODES", "10000"),
    ];
    let app = TestApp::spawn_hashing(db, &settings, COST).await;
    let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
    people(&app, &hasher, "known", false).await;
    people(&app, &hasher, "blocked", true).await;
    let browser = app.browser();
    // Without a password nothing is hashed, which would hide what is looked for.
    browser.log_in(&app.person("own@example.com").await).await;
    app.change("update account set password_hash = null where email = 'own@example.com'")
        .await;
    let form: Form = browser.get(start).await.form(start);
    let kinds = ["known", "blocked", "unknown"];
    let round_trip = async || {
        let db = &app.state().db;
        sqlx::query("select 1").execute(db).await.unwrap();
    };
    assert_alike(&kinds, round_trip, async |kind, round| {
        let email = format!("{}{round}@example.com", kinds[kind]);
        let answer = browser.submit(&form.clone().with("email", &email)).await;
        assert_eq!(answer.status, 303, "{answer:?}");
    })
    .await;
}

#[sqlx::test]
async fn auth_04_a_sign_up_takes_as_long_whoever_has_the_address(db: PgPool) {
    ask_with_each(db, "/signup").await;
}

#[sqlx::test]
async fn auth_04_a_forgotten_password_takes_as_long_whoever_has_the_address(db: PgPool) {
    ask_with_each(db, "/password/forgot").await;
}

#[sqlx::test]
async fn auth_04_a_change_of_address_takes_as_long_whoever_has_it(db: PgPool) {
    ask_with_each(db, "/account/email").await;
}
