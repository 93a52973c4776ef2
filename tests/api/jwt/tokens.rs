//! JWT access tokens (RFC 9068): what they say, who signs them, and that the link's row decides.

use std::collections::BTreeSet;

use linkgate::{
    client::{Client, TokenAlgorithm, TokenFormat},
    foundation::{clock::Clock, keys::KeyKind, random::SystemRandom},
    ops::background,
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{ALGORITHMS, parts};
use crate::harness::{Stage, hours, seconds, tokens};

/// A stage whose client gets JWTs.
async fn stage_with(db: PgPool, algorithm: TokenAlgorithm) -> Stage {
    let stage = Stage::set(db).await;
    stage.app.use_jwts(&stage.client, algorithm).await;
    stage
}

fn kid(token: &str) -> Value {
    parts(token).0["kid"].clone()
}

#[sqlx::test]
async fn a_jwt_carries_the_claims_of_rfc_9068_under_each_algorithm(db: PgPool) {
    let stage = Stage::set(db).await;
    for (algorithm, name) in ALGORITHMS.into_iter().zip(["ES256", "EdDSA", "RS256"]) {
        stage.app.use_jwts(&stage.client, algorithm).await;
        let code = stage.approve(&[("scope", "account:email")]).await;
        let link = tokens(&stage.redeem(code.code()).await);
        let (header, _) = parts(&link.access);
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&json!("at+jwt"), &json!(name))
        );
        let claims = stage.app.verified_claims(&link.access).await.unwrap();
        let of_link = format!("link_id = '{}'", claims["lg_link"].as_str().unwrap());
        assert_eq!(stage.app.count("link", &of_link).await, 1);
        let expected = json!({
            "iss": stage.app.issuer(),
            "exp": 1_777_890_600,
            "aud": stage.app.issuer(),
            "sub": stage.person.id,
            "client_id": stage.client.id(),
            "iat": 1_777_887_000,
            "jti": claims["jti"],
            "scope": "account:id account:email",
            "lg_link": claims["lg_link"],
            "lg_epoch": 0,
        });
        assert_eq!(claims, expected);
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        assert!(link.refresh.starts_with("lg_rt_"));
        assert_eq!(
            (link.expires_in, link.scope.as_str()),
            (3600, "account:id account:email")
        );
    }
}

#[sqlx::test]
async fn a_jwt_is_good_wherever_an_access_token_is(db: PgPool) {
    let stage = Stage::set(db).await;
    for algorithm in ALGORITHMS {
        stage.app.use_jwts(&stage.client, algorithm).await;
        let link = stage.link().await;
        let resolved = stage.platform.resolve(&link.access).await;
        assert_eq!(resolved.json()["account"]["email"], stage.person.email);
        let bearer = format!("Bearer {}", link.access);
        let headers = [("authorization", bearer.as_str())];
        let path = "/oauth/userinfo";
        let userinfo = stage.platform.send("GET", path, "", &headers).await;
        assert_eq!(userinfo.json()["sub"], json!(stage.person.id));
        let told = stage.platform.introspect(&link.access).await.json();
        assert_eq!(
            (&told["active"], &told["exp"]),
            (&json!(true), &json!(1_777_890_600))
        );
        stage.app.clock.advance(hours(1));
        assert!(!stage.resolves(&link).await);
        stage.app.clock.advance(hours(-1));
    }
}

#[sqlx::test]
async fn res_01_unlinking_kills_a_jwt_on_every_node_at_once(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Es256).await;
    let second = stage.app.second_node().await;
    let elsewhere = second.platform(&stage.client);
    let link = stage.link().await;
    // The key is newer than the node: it hears of it by the token's own kid, once a second.
    stage.app.clock.advance(seconds(1));
    assert_eq!(elsewhere.resolve(&link.access).await.status, 200);
    let form = stage.browser.get("/account").await.form("/account/unlink");
    stage.browser.submit(&form).await;
    assert_eq!(elsewhere.resolve(&link.access).await.status, 401);
    let told = elsewhere.introspect(&link.access).await.json();
    assert_eq!(told, json!({ "active": false }));
}

#[sqlx::test]
async fn rev_01_a_revoked_jwt_leaves_the_link_alive_and_a_refresh_gives_a_new_one(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Eddsa).await;
    let first = stage.link().await;
    assert_eq!(stage.platform.revoke(&first.access).await.status, 200);
    assert!(!stage.resolves(&first).await);
    let second = tokens(&stage.platform.refresh_with(&first.refresh, &[]).await);
    assert_eq!(parts(&second.access).1["lg_epoch"], 1);
    assert!(stage.resolves(&second).await);
    assert_eq!(stage.platform.revoke(&second.refresh).await.status, 200);
    assert!(!stage.resolves(&second).await);
}

#[sqlx::test]
async fn each_refresh_gives_a_new_jwt_no_wider_than_asked(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Es256).await;
    let mut link = stage.link().await;
    let mut seen = BTreeSet::from([link.access.clone()]);
    for scope in ["", "account:email", "account:profile account:id"] {
        let fields = [("scope", scope)];
        link = tokens(&stage.platform.refresh_with(&link.refresh, &fields).await);
        assert!(seen.insert(link.access.clone()));
        assert_eq!(parts(&link.access).1["scope"], link.scope);
        let resolved = stage.platform.resolve(&link.access).await.json();
        let shown: Vec<_> = resolved["link"]["scope"]
            .as_array()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(shown.len(), link.scope.split(' ').count(), "{resolved}");
    }
}

#[sqlx::test]
async fn the_format_can_change_while_tokens_are_out(db: PgPool) {
    let stage = Stage::set(db).await;
    let opaque = stage.link().await;
    stage
        .app
        .use_jwts(&stage.client, TokenAlgorithm::Es256)
        .await;
    let jwt = tokens(&stage.platform.refresh_with(&opaque.refresh, &[]).await);
    assert!(jwt.access.starts_with("ey"));
    let back = |client: &mut Client| client.settings.token_format = TokenFormat::Opaque;
    stage.app.change_client(&stage.client, back).await;
    let again = tokens(&stage.platform.refresh_with(&jwt.refresh, &[]).await);
    assert!(again.access.starts_with("lg_at_"));
    for tokens in [opaque, jwt, again] {
        assert!(stage.resolves(&tokens).await);
    }
}

#[sqlx::test]
async fn res_05_a_jwt_is_for_its_clients_audience_or_for_this_server(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Es256).await;
    let (app, client) = (&stage.app, &stage.client);
    let for_us = stage.link().await;
    app.set_audience(client, Some("https://api.test")).await;
    let for_api = tokens(&stage.platform.refresh_with(&for_us.refresh, &[]).await);
    assert_eq!(parts(&for_api.access).1["aud"], "https://api.test");
    let told = stage.platform.introspect(&for_api.access).await.json();
    assert_eq!(told["aud"], "https://api.test");
    assert!(stage.resolves(&for_us).await && stage.resolves(&for_api).await);

    app.set_audience(client, Some("https://other.test")).await;
    assert!(!stage.resolves(&for_api).await);
    app.set_audience(client, None).await;
    assert!(!stage.resolves(&for_api).await && stage.resolves(&for_us).await);
}

#[sqlx::test]
async fn nothing_is_published_until_a_client_wants_jwts(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    assert!(stage.app.published_keys().await.is_empty());
    for (count, algorithm) in (1..).zip(ALGORITHMS) {
        stage.app.use_jwts(&stage.client, algorithm).await;
        background::make_signing_keys(stage.app.state())
            .await
            .unwrap();
        background::make_signing_keys(stage.app.state())
            .await
            .unwrap();
        let keys = stage.app.published_keys().await;
        assert_eq!(keys.len(), count);
        let link = stage.link().await;
        assert_eq!(stage.app.published_keys().await, keys);
        assert!(stage.app.verified_claims(&link.access).await.is_some());
    }
}

#[sqlx::test]
async fn the_first_tokens_on_two_nodes_are_under_one_key(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Eddsa).await;
    let second = stage.app.second_node().await;
    let elsewhere = second.platform(&stage.client);
    let (one, other) = (stage.code().await, stage.code().await);
    let (one, other) = tokio::join!(stage.redeem(&one), elsewhere.redeem(&other, &[]));
    assert_eq!(kid(&tokens(&one).access), kid(&tokens(&other).access));
    assert_eq!(stage.app.count("key", "kind = 'signing_eddsa'").await, 1);
}

#[sqlx::test]
async fn a_new_signing_key_is_published_a_minute_before_it_signs(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Es256).await;
    let (app, second) = (&stage.app, stage.app.second_node().await);
    let before = stage.link().await;
    let keys = &second.state().keys;
    let rotated = keys.rotate(KeyKind::SigningEs256, &SystemRandom, app.clock.now());
    rotated.await.unwrap();
    app.state().keys.reload(app.clock.now()).await.unwrap();
    assert_eq!(app.published_keys().await.len(), 2);
    app.clock.advance(seconds(59));
    let last = tokens(&stage.platform.refresh_with(&before.refresh, &[]).await);
    assert_eq!(kid(&last.access), kid(&before.access));
    app.clock.advance(seconds(1));
    let next = tokens(&stage.platform.refresh_with(&last.refresh, &[]).await);
    assert_ne!(kid(&next.access), kid(&before.access));
    for tokens in [before, last, next] {
        assert!(stage.resolves(&tokens).await);
        assert!(app.verified_claims(&tokens.access).await.is_some());
    }
}

#[sqlx::test]
async fn the_key_set_may_be_cached_for_less_than_a_new_key_waits(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Rs256).await;
    stage.link().await;
    let answer = stage.browser.get("/oauth/jwks").await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=30"));
    assert_eq!(answer.header("pragma"), None);
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys[0]["use"], "sig");
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert_eq!(keys[0].get(private), None);
    }
}

#[sqlx::test]
async fn a_jwt_that_can_not_be_signed_costs_nobody_a_link(db: PgPool) {
    let stage = stage_with(db, TokenAlgorithm::Es256).await;
    let code = stage.code().await;
    stage
        .app
        .change_schema("alter table key rename to gone")
        .await;
    let answer = stage.redeem(&code).await;
    assert!(answer.status >= 500, "{answer:?}");
    assert_eq!(stage.app.only_link().await, "pending");
    stage
        .app
        .change_schema("alter table gone rename to key")
        .await;
    assert!(stage.resolves(&tokens(&stage.redeem(&code).await)).await);
}
