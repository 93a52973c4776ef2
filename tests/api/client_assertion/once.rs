//! An assertion proves its client once: at one node, one endpoint, one time.

use futures_util::future::join_all;
use serde_json::json;
use sqlx::PgPool;

use super::{Signing, after};
use crate::harness::{Signer, minutes, seconds, tokens, with_member};

#[sqlx::test]
async fn an_assertion_is_accepted_once_by_all_nodes_and_endpoints_together(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    let second = stage.app.second_node().await;
    let elsewhere = second.platform(&stage.client);
    let assertion = signing.assertion();
    assert_eq!(signing.refresh(&assertion).await.status, 200);
    Signing::assert_wrong(&signing.refresh(&assertion).await, "used before");
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let token = signing.link.access.as_str();
        let fields = [
            ("token", token),
            ("grant_type", "refresh_token"),
            ("refresh_token", &signing.link.refresh),
        ];
        let answer = elsewhere.post_signed(path, &assertion, &fields).await;
        Signing::assert_wrong(&answer, "used before");
    }
    assert!(stage.resolves(&signing.link).await);
    let jti = with_member(&signing.claims(), "jti", json!("again"));
    assert_eq!(
        signing
            .refresh(&signing.signer.assertion(&jti))
            .await
            .status,
        200
    );
    // Signed anew, it is still the same one.
    let later = with_member(&jti, "exp", after(&signing, 120));
    let answer = signing.refresh(&signing.signer.assertion(&later)).await;
    Signing::assert_wrong(&answer, "used before");
}

#[sqlx::test]
async fn of_many_at_once_on_two_nodes_one_is_accepted(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    let second = stage.app.second_node().await;
    let nodes = [
        stage.app.platform(&stage.client),
        second.platform(&stage.client),
    ];
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", signing.link.refresh.as_str()),
    ];
    for _ in 0..10 {
        let assertion = signing.assertion();
        let tries =
            (0..8).map(|number| nodes[number % 2].post_signed("/oauth/token", &assertion, &fields));
        let answers = join_all(tries).await;
        let accepted = answers.iter().filter(|answer| answer.status == 200);
        assert_eq!(accepted.count(), 1, "{answers:?}");
    }
}

#[sqlx::test]
async fn a_request_that_lost_a_race_uses_its_assertion_up_once(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    let second = stage.app.second_node().await;
    let nodes = [
        stage.app.platform(&stage.client),
        second.platform(&stage.client),
    ];
    let at_once = async |fields: &[(&str, &str)]| {
        let tries = (0..8).map(|number| {
            let (assertion, node) = (signing.assertion(), &nodes[number % 2]);
            async move { node.post_signed("/oauth/token", &assertion, fields).await }
        });
        join_all(tries).await
    };
    let mut held = signing.link.refresh.clone();
    for _ in 0..6 {
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &held)];
        let answers = at_once(&refresh).await;
        assert!(
            answers.iter().all(|answer| answer.status == 200),
            "{answers:?}"
        );
        held = tokens(&answers[0]).refresh;

        let code = stage.code().await;
        let redemption = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &stage.platform.redirect_uri),
        ];
        let mut answers = at_once(&redemption).await;
        answers.retain(|answer| answer.status != 200);
        assert_eq!(answers.len(), 7);
        for answer in answers {
            answer.assert_refused(400, "invalid_grant");
        }
    }
}

#[sqlx::test]
async fn an_assertion_that_redeemed_a_code_does_nothing_more(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    let assertion = signing.assertion();
    for status in [200, 401] {
        let code = stage.code().await;
        let redemption = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &stage.platform.redirect_uri),
        ];
        let platform = &stage.platform;
        let answer = platform
            .post_signed("/oauth/token", &assertion, &redemption)
            .await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[sqlx::test]
async fn whoever_can_not_sign_uses_nothing_up(db: PgPool) {
    let signing = Signing::new(db).await;
    let claims = signing.claims();
    let stranger = Signer::p256("main");
    Signing::assert_unknown(&signing.refresh(&stranger.assertion(&claims)).await);
    let elsewhere = with_member(&claims, "aud", json!("https://other.example"));
    let misdirected = signing.signer.assertion(&elsewhere);
    assert_eq!(signing.refresh(&misdirected).await.status, 401);
    assert_eq!(signing.stage.app.count("client_assertion", "true").await, 0);
    assert_eq!(
        signing
            .refresh(&signing.signer.assertion(&claims))
            .await
            .status,
        200
    );
}

#[sqlx::test]
async fn two_clients_may_use_the_same_jti(db: PgPool) {
    let signing = Signing::new(db).await;
    let app = &signing.stage.app;
    let other = app.client().await;
    app.register_keys(&other, &[&signing.signer]).await;
    for id in [signing.id(), &other.id()] {
        let claims = with_member(&app.claims(id), "jti", json!("1"));
        let assertion = signing.signer.assertion(&claims);
        let platform = &signing.stage.platform;
        let answer = platform
            .post_signed("/oauth/introspect", &assertion, &[("token", "x")])
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[sqlx::test]
async fn what_was_used_is_remembered_until_it_can_not_be_used_any_more(db: PgPool) {
    let signing = Signing::new(db).await;
    let app = &signing.stage.app;
    let claims = with_member(&signing.claims(), "exp", after(&signing, 600));
    let assertion = signing.signer.assertion(&claims);
    assert_eq!(signing.refresh(&assertion).await.status, 200);
    app.clock.advance(minutes(10) + seconds(29));
    app.clean().await;
    Signing::assert_wrong(&signing.refresh(&assertion).await, "used before");
    app.clock.advance(minutes(6));
    app.clean().await;
    assert_eq!(app.count("client_assertion", "true").await, 0);
    Signing::assert_wrong(&signing.refresh(&assertion).await, "expired");
}

#[sqlx::test]
async fn a_database_that_can_not_remember_is_503_and_nothing_is_given(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    stage
        .app
        .change_schema("alter table client_assertion rename to elsewhere")
        .await;
    let token = [("token", signing.link.refresh.as_str())];
    let answer = stage
        .platform
        .post_signed("/oauth/revoke", &signing.assertion(), &token)
        .await;
    answer.assert_refused(503, "temporarily_unavailable");
    assert!(signing.refresh(&signing.assertion()).await.status >= 500);
    assert!(stage.resolves(&signing.link).await);
}
