//! The person's own page of links.

use sqlx::PgPool;

use crate::{
    chrome::Chrome,
    clova,
    harness::{TestApp, tokens},
};

#[sqlx::test]
async fn a_person_unlinks_and_the_platform_is_out_at_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    chrome.come_to_consent(&person, &url).await;
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    let platform = app.platform(&client);
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);

    chrome.go(&format!("{}/account", app.url)).await;
    assert!(chrome.text(".linked").await.contains("CLOVA"));
    // One tap only asks; the button that ends the link is shown by it.
    let confirm = ".linked form button";
    assert!(!chrome.find(confirm).await.is_displayed().await.unwrap());
    chrome.tap(".linked summary").await;
    assert_eq!(platform.resolve(&tokens.access).await.status, 200);
    chrome.tap_through(confirm).await;
    assert!(chrome.text("[role=status]").await.contains("CLOVA"));
    assert!(!chrome.has(".linked").await);

    assert_eq!(app.only_link().await, "ended by account");
    assert_eq!(platform.resolve(&tokens.access).await.status, 401);
    let refused = platform.refresh_with(&tokens.refresh, &[]).await;
    refused.assert_refused(400, "invalid_grant");
}
