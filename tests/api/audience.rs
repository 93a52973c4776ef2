//! Tokens that were made for somebody else (RES-05 in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Stage, TestApp};

#[sqlx::test]
async fn res_05_a_token_of_another_installation_is_worth_nothing(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let foreign = stage.link().await;
    let code = stage.code().await;
    // Another installation with the very same rows and key ids, so that only its keys tell it apart.
    stage
        .app
        .change_schema("truncate key restart identity")
        .await;
    let other = TestApp::spawn(db).await;
    let platform = other.platform(&stage.client);
    let own = other.browser();
    let redirect = own.approve(&stage.person, &platform.url_with(&[])).await;
    let own = crate::harness::tokens(&platform.redeem(redirect.code(), &[]).await);
    assert_eq!(platform.resolve(&own.access).await.status, 200);
    let key_id = |token: &str| token.get(..10).map(str::to_owned);
    assert_eq!(key_id(&own.access), key_id(&foreign.access));

    let bearer = format!("Bearer {}", foreign.access);
    for path in ["/resolve", "/oauth/userinfo"] {
        let headers = [("authorization", bearer.as_str())];
        let answer = platform.send("GET", path, "", &headers).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (401, "invalid_token")
        );
        assert!(!answer.body.contains(&stage.person.email));
    }
    let refreshed = platform.refresh_with(&foreign.refresh, &[]).await;
    refreshed.assert_refused(400, "invalid_grant");
    // A code is found by its hash, so one that was approved here before stays good.
    assert_eq!(platform.redeem(&code, &[]).await.status, 200);
}
