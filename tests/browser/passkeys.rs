//! Passkeys on a phone, with an authenticator that Chromium plays itself.

use std::net::TcpListener;

use sqlx::PgPool;

use crate::{
    accessible::check_shown,
    chrome::{Chrome, Kind},
    clova,
    harness::{PASSWORD, TestApp},
};

const BUTTON: &str = "form[data-passkey] button";

/// A server with a name: browsers make no passkeys for an IP address.
async fn named(db: PgPool) -> TestApp {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let port = port.unwrap().port();
    let (listen, url) = (
        format!("127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
    );
    let settings = [
        ("LINKGATE_LISTEN", listen.as_str()),
        ("LINKGATE_PUBLIC_URL", url.as_str()),
    ];
    TestApp::spawn_with(db, &settings).await
}

#[sqlx::test]
async fn a_person_adds_a_passkey_and_links_with_it_alone(db: PgPool) {
    let app = named(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    chrome.add_authenticator().await;
    chrome.go(&format!("{}/login", app.issuer())).await;
    chrome.log_in(&person).await;

    chrome
        .go(&format!("{}/account/factors", app.issuer()))
        .await;
    chrome.tap_through("a[href$='/passkeys/new']").await;
    check_shown(&chrome).await;
    chrome.fill("#name", "My phone").await;
    chrome.fill("#current", PASSWORD).await;
    chrome.tap_through(BUTTON).await;
    assert!(chrome.has(".codes li:nth-child(10)").await);
    chrome.tap_through("a[href='/account/factors']").await;
    assert!(chrome.text("main").await.contains("My phone"));
    check_shown(&chrome).await;

    chrome.go(&format!("{}/account", app.issuer())).await;
    chrome.tap_through("form[action='/logout'] button").await;
    let state = clova::state();
    let url = clova::authorization_url(&app, &client, &state);
    chrome.go(&url.replace(&app.url, &app.issuer())).await;
    assert_eq!(chrome.url().await.path(), "/login");
    check_shown(&chrome).await;
    chrome.tap_through(BUTTON).await;
    let consent = chrome.text("main").await;
    assert!(consent.contains("haneul@example.com"), "{consent}");
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert_eq!(redirect.get("state"), Some(state.as_str()));
    redirect.code();
}

#[sqlx::test]
async fn a_passkey_is_the_second_step_and_who_says_no_is_asked_again(db: PgPool) {
    let app = named(db).await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let authenticator = chrome.add_authenticator().await;
    let login = format!("{}/login", app.issuer());
    chrome.go(&login).await;
    chrome.log_in(&person).await;
    let new = format!("{}/account/factors/passkeys/new", app.issuer());
    chrome.go(&new).await;
    chrome.fill("#current", PASSWORD).await;
    chrome.tap_through(BUTTON).await;
    chrome.go(&format!("{}/account", app.issuer())).await;
    chrome.tap_through("form[action='/logout'] button").await;

    chrome.go(&login).await;
    chrome.log_in(&person).await;
    assert_eq!(chrome.url().await.path(), "/login/factor");
    check_shown(&chrome).await;
    chrome.verify_people(&authenticator, false).await;
    chrome.tap(BUTTON).await;
    chrome.find("[data-passkey-failed]:not([hidden])").await;
    chrome.verify_people(&authenticator, true).await;
    chrome.tap_through(BUTTON).await;
    assert_eq!(chrome.url().await.path(), "/account");
}

/// What is shown of passkeys, where nothing can be done with them.
async fn shows_no_button(chrome: &Chrome, app: &TestApp) {
    let person = app.person("haneul@example.com").await;
    chrome.go(&format!("{}/login", app.issuer())).await;
    let button = chrome.find_all_shown(BUTTON).await;
    assert_eq!(button, 0);
    chrome.log_in(&person).await;
    assert_eq!(chrome.url().await.path(), "/account");
    chrome
        .go(&format!("{}/account/factors/passkeys/new", app.issuer()))
        .await;
    assert_eq!(chrome.find_all_shown(BUTTON).await, 0);
    assert_eq!(chrome.find_all_shown("[data-passkey-unable]").await, 1);
}

#[sqlx::test]
async fn where_scripts_are_off_the_ordinary_form_is_all_there_is(db: PgPool) {
    let app = named(db).await;
    let chrome = Chrome::open_as(Kind {
        scripts: false,
        ..Kind::default()
    });
    shows_no_button(&chrome.await, &app).await;
}

#[sqlx::test]
async fn a_web_view_without_passkeys_shows_the_ordinary_form(db: PgPool) {
    let app = named(db).await;
    let chrome = Chrome::open().await;
    chrome
        .before_each_page("delete window.PublicKeyCredential")
        .await;
    shows_no_button(&chrome, &app).await;
}
