//! Apache's `mod_auth_openidc`: an API that asks Linkgate whom a token stands for, or reads it itself.

mod server;

use linkgate::{
    client::{Client, TokenAlgorithm, TokenFormat},
    foundation::{
        clock::{Clock, SystemClock},
        keys::KeyKind,
    },
};
use sqlx::PgPool;

use self::server::{Apache, Check};
use crate::harness::{Registered, Stage, hours, seconds, tokens};

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
    let apache = Apache::start(&stage.app.issuer(), Check::Introspection(&api)).await;

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

#[sqlx::test]
async fn mod_auth_openidc_verifies_jwts_by_the_published_keys_and_follows_their_change(db: PgPool) {
    let stage = Stage::set(db).await;
    // A little behind Apache's clock, so that nothing is of the future when this one moves on.
    let now = SystemClock.now() - seconds(200);
    stage.app.clock.advance(now - stage.app.clock.now());
    let opaque = stage.link().await;
    let apache = Apache::start(&stage.app.issuer(), Check::Jwks).await;
    for (algorithm, kind) in [
        (TokenAlgorithm::Es256, KeyKind::SigningEs256),
        (TokenAlgorithm::Rs256, KeyKind::SigningRs256),
    ] {
        let jwts = |client: &mut Client| {
            client.settings.token_format = TokenFormat::Jwt;
            client.settings.token_algorithm = algorithm;
        };
        stage.app.change_client(&stage.client, jwts).await;
        let approved = stage.approve(&[("scope", "account:email")]).await;
        let linked = tokens(&stage.redeem(approved.code()).await);
        let (status, account) = apache.get("/account.txt", Some(&linked.access)).await;
        assert_eq!((status, account), (200, Some(stage.person.id.to_string())));
        assert_eq!(
            apache.get("/attributes.txt", Some(&linked.access)).await.0,
            401
        );

        // Under a key that Apache has not seen yet.
        stage.app.rotate(kind).await;
        stage.app.clock.advance(seconds(60));
        let refreshed = tokens(&stage.platform.refresh_with(&linked.refresh, &[]).await);
        for token in [&linked.access, &refreshed.access] {
            assert_eq!(apache.get("/account.txt", Some(token)).await.0, 200);
        }
        let (signed, signature) = refreshed.access.rsplit_once('.').unwrap();
        let other = linked.access.rsplit_once('.').unwrap().1;
        for forged in [
            format!("{signed}.{other}"),
            format!("{signed}."),
            format!("e30.{}.{signature}", signed.split_once('.').unwrap().1),
            refreshed.refresh,
        ] {
            assert_eq!(apache.get("/account.txt", Some(&forged)).await.0, 401);
        }
    }
    assert_eq!(
        apache.get("/account.txt", Some(&opaque.access)).await.0,
        401
    );
    // One that has expired by Apache's clock.
    stage.app.clock.advance(hours(-2));
    let old = stage.link().await;
    assert_eq!(apache.get("/account.txt", Some(&old.access)).await.0, 401);
}
