//! CLOVA's own authorization request, all the way in a real browser.

use chrono::TimeDelta;
use sqlx::PgPool;

use crate::{
    chrome::{Chrome, Kind},
    clova,
    harness::{TestApp, tokens},
    site::Site,
};

const WITHOUT_SCRIPTS: Kind = Kind {
    width: 390,
    scripts: false,
};

#[sqlx::test]
async fn a_person_links_clova_and_the_code_it_is_led_back_with_works(db: PgPool) {
    link_clova(&Chrome::open().await, db).await;
}

#[sqlx::test]
async fn linking_needs_no_javascript(db: PgPool) {
    let chrome = Chrome::open_as(WITHOUT_SCRIPTS).await;
    let page = "<title>off</title><script>document.title = 'on'</script>";
    let site = Site::with_page(page).await;
    chrome.go(&site.on_the_same_site()).await;
    assert_eq!(chrome.ask::<String>("return document.title").await, "off");
    link_clova(&chrome, db).await;
}

async fn link_clova(chrome: &Chrome, db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let state = clova::state();

    chrome
        .go(&clova::authorization_url(&app, &client, &state))
        .await;
    assert_eq!(chrome.url().await.path(), "/login");
    chrome.log_in(&person).await;
    let consent = chrome.text("main").await;
    assert!(consent.contains("CLOVA") && consent.contains("haneul@example.com"));
    assert_eq!(app.count("link", "true").await, 0);

    // Chromium holds `form-action` against the redirect after the post, too: arriving there shows
    // that the page's policy names the platform's origin.
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert_eq!(redirect.get("state"), Some(state.as_str()));
    assert_eq!(redirect.get("error"), None);

    let platform = app.platform(&client);
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);
    assert_eq!(tokens.scope, "account:id account:email account:profile");
    let resolved = platform.resolve(&tokens.access).await.json();
    assert_eq!(resolved["account"]["email"], "haneul@example.com");
}

#[sqlx::test]
async fn a_person_who_declines_is_led_back_with_access_denied(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let state = clova::state();

    let url = clova::authorization_url(&app, &client, &state);
    chrome.come_to_consent(&person, &url).await;
    chrome.tap("button[value=deny]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    redirect.assert_error("access_denied", Some(&state));
    assert_eq!(app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_mistyped_password_keeps_the_person_in_the_flow(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;

    chrome
        .go(&clova::authorization_url(&app, &client, "s"))
        .await;
    chrome.fill("#email", &person.email).await;
    chrome.fill("#password", "mistyped").await;
    chrome.tap_through(".fields button").await;
    assert!(!chrome.text("#mismatch").await.is_empty());
    let email: String = chrome
        .ask("return document.getElementById('email').value")
        .await;
    assert_eq!(email, person.email);
    let focused: String = chrome.ask("return document.activeElement.id").await;
    assert_eq!(focused, "password");

    // Typing it again takes longer than the moment a failure locks an account for.
    app.clock.advance(TimeDelta::seconds(2));
    chrome.log_in(&person).await;
    chrome.tap("button[value=approve]").await;
    chrome.come_back_to(clova::REDIRECT_URI).await.code();
}

#[sqlx::test]
async fn red_20_a_fragment_of_the_link_that_was_opened_does_not_reach_the_platform(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    let planted = format!("{url}#access_token=planted");

    chrome.come_to_consent(&person, &planted).await;
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert!(!redirect.location.contains('#'), "{redirect:?}");
    redirect.code();

    // With a session the consent page stands at the very address that was opened.
    chrome.go(&planted).await;
    assert_eq!(chrome.url().await.fragment(), Some("access_token=planted"));
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert!(!redirect.location.contains('#'), "{redirect:?}");
    redirect.code();
}
