//! The way without a pointer.

use sqlx::PgPool;

use crate::{
    chrome::Chrome,
    clova,
    harness::{PASSWORD, TestApp},
};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// What has the focus, and whether a person can see that it has.
const FOCUSED: &str = "
    const it = document.activeElement, style = getComputedStyle(it);
    const visible = it.matches(':focus-visible')
        && ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none');
    return [it.id || it.value || it.hreflang || it.textContent.trim() || it.tagName, visible]";

/// Goes from stop to stop until `wanted` has the focus; gives all stops on the way.
async fn tab_to(chrome: &Chrome, wanted: &str) -> Vec<String> {
    let mut stops = Vec::new();
    while stops.last().is_none_or(|stop| stop != wanted) {
        assert!(stops.len() < 20, "{wanted} can't be reached: {stops:?}");
        chrome.press(TAB).await;
        let (stop, visible): (String, bool) = chrome.ask(FOCUSED).await;
        assert!(visible, "the focus on {stop} can't be seen");
        stops.push(stop);
    }
    stops
}

#[sqlx::test]
async fn linking_needs_no_pointer_and_the_focus_is_always_seen(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    chrome
        .go(&clova::authorization_url(&app, &client, "s"))
        .await;

    assert_eq!(tab_to(&chrome, "email").await, ["email"]);
    chrome.press(&person.email).await;
    assert_eq!(tab_to(&chrome, "password").await, ["password"]);
    assert_eq!(tab_to(&chrome, "Log in").await, ["Log in"]);
    let languages = tab_to(&chrome, "en").await;
    assert_eq!(languages, ["Forgot your password?", "ko", "ja", "en"]);

    chrome
        .find("#password")
        .await
        .send_keys(PASSWORD)
        .await
        .unwrap();
    chrome.press(ENTER).await;
    chrome.find("button[value=approve]").await;
    assert_eq!(
        tab_to(&chrome, "deny").await,
        ["Not you?", "approve", "deny"]
    );
    chrome.press(ENTER).await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    redirect.assert_error("access_denied", Some("s"));
}
