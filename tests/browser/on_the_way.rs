//! Detours on the way through a flow: another language, another tab, another account.

use sqlx::PgPool;

use crate::{
    chrome::Chrome,
    clova,
    harness::{TestApp, tokens},
};

#[sqlx::test]
async fn a_language_is_chosen_without_leaving_the_flow(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    chrome
        .go(&clova::authorization_url(&app, &client, "s"))
        .await;
    let english = chrome.text("h1").await;
    assert_eq!(language(&chrome).await, "en");

    chrome.tap_through(".foot a[hreflang=ko]").await;
    assert_eq!(language(&chrome).await, "ko");
    assert_ne!(chrome.text("h1").await, english);
    chrome.log_in(&person).await;

    // What was chosen on one page holds on the next.
    chrome.find("html[lang=ko] button[value=approve]").await;
    for language in ["ja", "en", "ko"] {
        chrome
            .tap_through(&format!(".foot a[hreflang={language}]"))
            .await;
        let page = format!("html[lang={language}] button[value=approve]");
        chrome.find(&page).await;
        assert!(
            chrome
                .has(&format!(".foot a[hreflang={language}][aria-current]"))
                .await
        );
    }
    chrome.tap("button[value=approve]").await;
    chrome.come_back_to(clova::REDIRECT_URI).await.code();
}

async fn language(chrome: &Chrome) -> String {
    chrome.ask("return document.documentElement.lang").await
}

#[sqlx::test]
async fn two_flows_in_two_tabs_do_not_mix(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (kitchen, bedroom) = (
        clova::register(&app, "Kitchen").await,
        clova::register(&app, "Bedroom").await,
    );
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;

    let first = chrome.tab().await;
    chrome
        .go(&clova::authorization_url(&app, &kitchen, "from-kitchen"))
        .await;
    let second = chrome.open_tab().await;
    chrome
        .go(&clova::authorization_url(&app, &bedroom, "from-bedroom"))
        .await;
    chrome.log_in(&person).await;
    assert!(
        chrome
            .text("main:has([value=approve])")
            .await
            .contains("Bedroom")
    );

    // The other tab still shows the login of its own flow.
    chrome.switch_to(&first).await;
    chrome.log_in(&person).await;
    assert!(
        chrome
            .text("main:has([value=approve])")
            .await
            .contains("Kitchen")
    );

    for (tab, client, state) in [
        (&second, &bedroom, "from-bedroom"),
        (&first, &kitchen, "from-kitchen"),
    ] {
        chrome.switch_to(tab).await;
        chrome.tap("button[value=approve]").await;
        let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
        assert_eq!(redirect.get("state"), Some(state));
        let platform = app.platform(client);
        tokens(&platform.redeem(redirect.code(), &[]).await);
    }
    assert_eq!(app.count("link", "state = 'active'").await, 2);
}

#[sqlx::test]
async fn somebody_else_takes_over_and_stays_in_the_flow(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let (parent, child) = (
        app.person("parent@example.com").await,
        app.person("child@example.com").await,
    );
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    chrome.come_to_consent(&parent, &url).await;
    assert!(chrome.text(".who").await.contains("parent@example.com"));

    chrome.tap_through("form[action='/logout'] button").await;
    chrome.log_in(&child).await;
    assert!(chrome.text(".who").await.contains("child@example.com"));
    chrome.tap("button[value=approve]").await;

    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert_eq!(redirect.get("state"), Some("s"));
    let platform = app.platform(&client);
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);
    let resolved = platform.resolve(&tokens.access).await.json();
    assert_eq!(resolved["account"]["email"], "child@example.com");
}

#[sqlx::test]
async fn a_page_gone_back_to_after_approval_gives_the_same_answer(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    chrome.come_to_consent(&person, &url).await;
    chrome.tap("button[value=approve]").await;
    let once = chrome.come_back_to(clova::REDIRECT_URI).await;

    chrome.back().await;
    chrome.tap("button[value=approve]").await;
    let twice = chrome.come_back_to(clova::REDIRECT_URI).await;
    assert_eq!(once, twice);
    assert_eq!(app.count("link", "true").await, 1);
}
