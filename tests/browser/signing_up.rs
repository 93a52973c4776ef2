//! Signing up and setting a new password on a phone, on the way to linking.

use sqlx::PgPool;

use crate::{
    chrome::{Chrome, Kind},
    clova,
    harness::{MailServer, TestApp},
};

const WITHOUT_SCRIPTS: Kind = Kind {
    width: 390,
    scripts: false,
};
const NARROW: Kind = Kind {
    width: 320,
    scripts: true,
};

async fn mailing(db: PgPool) -> (TestApp, MailServer) {
    let mail = MailServer::open().await;
    let settings = [
        ("LINKGATE_SMTP_URL", mail.url.as_str()),
        ("LINKGATE_SIGNUP", "open"),
    ];
    (TestApp::spawn_with(db, &settings).await, mail)
}

/// Types the address and the code that comes there.
async fn prove(chrome: &Chrome, mail: &MailServer, email: &str) {
    chrome.fill("#email", email).await;
    chrome.tap_through(".fields button").await;
    let code = mail.letter_to(email).await.code().unwrap();
    chrome.fill("#code", &code).await;
    chrome.tap_through(".fields button").await;
}

async fn sign_up(chrome: &Chrome, db: PgPool) {
    let (app, mail) = mailing(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let state = clova::state();
    let url = clova::authorization_url(&app, &client, &state);
    chrome.go(&url).await;
    chrome.tap_through("nav a[href^='/signup']").await;
    assert_eq!(chrome.url().await.path(), "/signup");
    prove(chrome, &mail, "newcomer@example.com").await;
    assert_eq!(chrome.url().await.path(), "/signup/finish");
    chrome.fill("#name", "이새봄").await;
    chrome.fill("#password", "password1").await;
    chrome.tap_through(".fields button").await;
    assert!(!chrome.text("#weak").await.is_empty());
    chrome.fill("#password", "ochre tundra lamp").await;
    chrome.tap_through(".fields button").await;
    let consent = chrome.text("main").await;
    assert!(
        consent.contains("CLOVA") && consent.contains("newcomer@example.com"),
        "{consent}"
    );
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert_eq!(redirect.get("state"), Some(state.as_str()));
    redirect.code();
}

#[sqlx::test]
async fn a_person_signs_up_and_links_in_one_go(db: PgPool) {
    sign_up(&Chrome::open_as(NARROW).await, db).await;
}

#[sqlx::test]
async fn signing_up_needs_no_javascript(db: PgPool) {
    sign_up(&Chrome::open_as(WITHOUT_SCRIPTS).await, db).await;
}

#[sqlx::test]
async fn whoever_forgot_the_password_sets_another_and_links(db: PgPool) {
    let (app, mail) = mailing(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open_as(WITHOUT_SCRIPTS).await;
    chrome
        .go(&clova::authorization_url(&app, &client, "s"))
        .await;
    chrome.tap_through("nav a[href^='/password/forgot']").await;
    prove(&chrome, &mail, &person.email).await;
    assert_eq!(chrome.url().await.path(), "/password/reset");
    chrome.fill("#password", "ochre tundra lamp").await;
    chrome.tap_through(".fields button").await;
    chrome.tap("button[value=approve]").await;
    chrome.come_back_to(clova::REDIRECT_URI).await.code();
}
