//! Apache's `mod_auth_openidc`: an API that asks Linkgate whom a token stands for.

mod server;

use linkgate::{
    client::Client,
    foundation::clock::{Clock, SystemClock},
};
use sqlx::PgPool;

use self::server::Apache;
use crate::harness::{Registered, Stage};

/// A client that may ask about the tokens of all, as an API does.
async fn api(stage: &Stage) -> Registered {
    let api = stage.app.client().await;
    let may_ask = |client: &mut Client| client.settings.introspect_all = true;
    stage.app.change_client(&api, may_ask).await;
    api
}

#[sqlx::test]
async fn mod_auth_openidc_lets_in_by_introspection_until_the_link_is_revoked(db: PgPool) {
    let stage = Stage::set(db).await;
    // Apache has a clock of its own, and holds the expiry to it.
    let now = SystemClock.now();
    stage.app.clock.advance(now - stage.app.clock.now());
    let api = api(&stage).await;
    let apache = Apache::start(&stage.app.issuer(), &api).await;

    let asked = stage.platform.ask(&["account:email"]);
    let redirect = stage.browser.approve(&stage.person, &asked.url).await;
    let linked = stage.platform.exchange(asked, redirect.code()).await;
    let (status, account) = apache.get("/account.txt", Some(&linked.access)).await;
    assert_eq!((status, account), (200, Some(stage.person.id.to_string())));

    let refreshed = stage.platform.refresh(&linked).await;
    assert_eq!(
        apache.get("/account.txt", Some(&refreshed.access)).await.0,
        200
    );
    // What the link doesn't have is not let in.
    assert_eq!(
        apache
            .get("/attributes.txt", Some(&refreshed.access))
            .await
            .0,
        401
    );
    // A refresh token is no access token, whoever asks.
    assert_eq!(
        apache.get("/account.txt", Some(&refreshed.refresh)).await.0,
        401
    );
    assert_eq!(apache.get("/account.txt", None).await.0, 401);

    stage.platform.revoke(&refreshed.refresh).await;
    for token in [&linked.access, &refreshed.access] {
        assert_eq!(apache.get("/account.txt", Some(token)).await.0, 401);
    }
}
