//! The whole way of one link, as everybody involved should see it.

use sqlx::PgPool;

use crate::harness::{REDIRECT_URI, TestApp};

#[sqlx::test]
async fn a_person_links_and_the_platform_learns_whose_account_it_is(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = app.client().await;
    let person = app.person("haneul@example.com").await;
    let platform = app.platform(&client);

    let asked = platform.ask(&["account:email", "account:profile"]);
    let state = asked.state.clone();
    let redirect = app.browser().approve(&person, &asked.url).await;
    assert_eq!(redirect.target, REDIRECT_URI);
    assert_eq!(redirect.get("state"), Some(state.as_str()));
    assert_eq!(redirect.get("iss"), Some(app.issuer().as_str()));

    let tokens = platform.exchange(asked, redirect.code()).await;
    assert_eq!(tokens.scope, "account:id account:email account:profile");
    let refreshed = platform.refresh(&tokens).await;
    assert_ne!(refreshed, tokens);

    let resolved = platform.resolve(&refreshed.access).await.json();
    assert_eq!(resolved["account"]["id"], person.id.to_string());
    assert_eq!(resolved["account"]["email"], "haneul@example.com");
    assert_eq!(resolved["account"]["name"], "김하늘");
    assert_eq!(resolved["link"]["client_id"], client.id());
}
