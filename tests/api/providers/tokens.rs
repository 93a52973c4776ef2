//! ID tokens that prove nothing, and ways back that do not count.

use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Scene, stand_in::StandIn};
use crate::harness::{Answer, Signer, hours, minutes, seconds};

/// Comes with whatever the stand-in says now.
async fn comes(scene: &Scene) -> Answer {
    let browser = scene.app.browser();
    scene.round_trip(&browser, "/login", "company").await
}

async fn assert_refused(scene: &Scene, what: &str) {
    let back = comes(scene).await;
    assert_eq!(back.status, 400, "{what}: {back:?}");
    assert!(
        !back
            .cookies()
            .iter()
            .any(|cookie| cookie.starts_with("with=")),
        "{what}"
    );
    assert_eq!(scene.app.count("session", "true").await, 0, "{what}");
}

async fn assert_taken(scene: &Scene, what: &str) {
    let back = comes(scene).await;
    assert_eq!(back.status, 303, "{what}: {back:?}");
    assert_eq!(back.location(), "/signup/with", "{what}");
}

#[sqlx::test]
async fn an_id_token_has_to_say_what_is_expected(db: PgPool) {
    let scene = Scene::set(db).await;
    let now = scene.app.now().timestamp();
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("iss", json!("https://another.example")),
        ("iss", json!(format!("{}/", scene.there.url))),
        ("iss", Value::Null),
        ("azp", json!("another-client")),
        ("exp", json!(now - 61)),
        ("exp", json!("later")),
        ("exp", Value::Null),
        ("iat", json!(now + 120)),
        ("iat", json!(now - 3600)),
        ("iat", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
    ] {
        let what = format!("{name} {value}");
        scene
            .there
            .with(|playing| playing.claims = vec![(name, value)]);
        assert_refused(&scene, &what).await;
    }
    let client = super::CLIENT_ID;
    let several = json!([client, "another"]);
    scene
        .there
        .with(|playing| playing.claims = vec![("aud", several.clone())]);
    assert_refused(&scene, "two audiences and no azp").await;
    scene
        .there
        .with(|playing| playing.claims = vec![("aud", several), ("azp", json!(client))]);
    assert_taken(&scene, "two audiences and azp").await;
    scene.there.with(|playing| playing.claims.clear());
    assert_taken(&scene, "as it should be").await;
}

#[sqlx::test]
async fn an_id_token_is_signed_as_the_provider_signs_and_in_no_other_way(db: PgPool) {
    let scene = Scene::set(db).await;
    for alg in ["none", "HS256", "HS256 with the public key"] {
        scene.there.with(|playing| playing.alg = Some(alg));
        assert_refused(&scene, alg).await;
    }
    scene.there.with(|playing| {
        playing.alg = None;
        // Somebody else's key, under the name of the provider's.
        playing.signer = Arc::new(Signer::rsa("one"));
    });
    assert_refused(&scene, "another key").await;
}

#[sqlx::test]
async fn a_new_key_is_learned_at_once_and_junk_asks_at_most_once_a_minute(db: PgPool) {
    let scene = Scene::set(db).await;
    assert_taken(&scene, "the first key").await;
    assert_eq!(scene.there.count("/keys"), 1);
    let new = Arc::new(Signer::p256("two"));
    scene.there.with(|playing| playing.signer = new.clone());
    scene.app.clock.advance(minutes(2));
    scene
        .there
        .with(|playing| playing.person["now"] = json!(scene.app.now().timestamp()));
    for _ in 0..3 {
        assert_refused(&scene, "a key that is not published").await;
    }
    assert_eq!(scene.there.count("/keys"), 2);
    scene
        .there
        .with(|playing| playing.published.push(new.jwk()));
    scene.app.clock.advance(seconds(61));
    scene
        .there
        .with(|playing| playing.person["now"] = json!(scene.app.now().timestamp()));
    assert_taken(&scene, "a key that is published now").await;
    assert_eq!(scene.there.count("/keys"), 3);
    // One that is published no more is believed no longer than an hour.
    scene.there.with(|playing| playing.published.truncate(1));
    scene.app.clock.advance(hours(1));
    scene
        .there
        .with(|playing| playing.person["now"] = json!(scene.app.now().timestamp()));
    assert_refused(&scene, "a key that was withdrawn").await;
}

#[sqlx::test]
async fn the_code_is_exchanged_with_our_secret_and_the_verifier_of_this_way(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let there = scene.leave(&browser, "/login", "company").await;
    assert!(there.contains("code_challenge_method=S256"), "{there}");
    assert!(there.contains("scope=openid+profile+email"), "{there}");
    let callback = format!("{}/login/with/company/callback", scene.app.issuer());
    let redirect: String = url::form_urlencoded::byte_serialize(callback.as_bytes()).collect();
    assert!(there.contains(&redirect), "{there}");
    let query = scene.there.sign_in(&there);
    let back = scene.come_back(&browser, "company", &query).await;
    assert_eq!(back.location(), "/signup/with");
    assert_eq!(scene.there.with(|playing| playing.wrong), 0);

    // A code of another way: its verifier is another one.
    let (one, other) = (scene.app.browser(), scene.app.browser());
    let mine = scene
        .there
        .sign_in(&scene.leave(&one, "/login", "company").await);
    let theirs = scene
        .there
        .sign_in(&scene.leave(&other, "/login", "company").await);
    let injected = [theirs[0].clone(), mine[1].clone()];
    scene
        .come_back(&one, "company", &injected)
        .await
        .assert_page(400);
    assert_eq!(scene.there.with(|playing| playing.wrong), 1);
}

#[sqlx::test]
async fn a_way_back_counts_once_in_its_browser_and_for_ten_minutes(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.set_up("google").await;
    let (mine, other) = (scene.app.browser(), scene.app.browser());
    other.get("/login").await;
    let query = scene
        .there
        .sign_in(&scene.leave(&mine, "/login", "company").await);
    let asked = scene.there.count("/token");
    // CSR: what another browser began signs nobody in.
    scene
        .come_back(&other, "company", &query)
        .await
        .assert_page(403);
    let stranger = scene.app.browser();
    scene
        .come_back(&stranger, "company", &query)
        .await
        .assert_page(403);
    // It leads back from that provider alone.
    scene
        .come_back(&mine, "google", &query)
        .await
        .assert_page(400);
    for state in ["", "x", "AAAAAAAA"] {
        let forged = [query[0].clone(), ("state".to_owned(), state.to_owned())];
        scene
            .come_back(&mine, "company", &forged)
            .await
            .assert_page(400);
    }
    let twice = [query[0].clone(), query[1].clone(), query[1].clone()];
    scene
        .come_back(&mine, "company", &twice)
        .await
        .assert_page(400);
    assert_eq!(scene.there.count("/token"), asked);

    assert_eq!(
        scene.come_back(&mine, "company", &query).await.location(),
        "/signup/with"
    );
    // Again: nothing is asked of the provider, and the person goes on where they were.
    assert_eq!(
        scene.come_back(&mine, "company", &query).await.location(),
        "/signup/with"
    );
    mine.forget_cookie("with");
    scene
        .come_back(&mine, "company", &query)
        .await
        .assert_page(400);
    assert_eq!(scene.there.count("/token"), asked + 1);

    let query = scene
        .there
        .sign_in(&scene.leave(&mine, "/login", "company").await);
    scene.app.clock.advance(minutes(10));
    scene
        .come_back(&mine, "company", &query)
        .await
        .assert_page(400);
    assert_eq!(scene.there.count("/token"), asked + 1);
    scene.app.clock.advance(minutes(10));
    scene.app.clean().await;
    assert_eq!(scene.app.count("used_round_trip", "true").await, 0);
}

#[sqlx::test]
async fn an_answer_that_names_another_issuer_is_not_taken(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    for (iss, status) in [
        ("https://another.example", 400),
        (scene.there.url.as_str(), 303),
    ] {
        let mut query = scene
            .there
            .sign_in(&scene.leave(&browser, "/login", "company").await);
        query.push(("iss".to_owned(), iss.to_owned()));
        let back = scene.come_back(&browser, "company", &query).await;
        assert_eq!(back.status, status, "{back:?}");
    }
}

#[sqlx::test]
async fn who_always_says_who_answers_has_to(db: PgPool) {
    let scene = Scene::bare(db, &[("LINKGATE_SIGNUP", "open")]).await;
    let always = (
        "authorization_response_iss_parameter_supported",
        json!(true),
    );
    scene.there.with(|playing| playing.discovery.push(always));
    scene.set_up("oidc").await;
    let browser = scene.app.browser();
    scene
        .round_trip(&browser, "/login", "company")
        .await
        .assert_page(400);
}

#[sqlx::test]
async fn a_discovery_document_speaks_for_its_own_issuer_alone(db: PgPool) {
    let scene = Scene::bare(db, &[("LINKGATE_SIGNUP", "open")]).await;
    scene.set_up("oidc").await;
    let other = StandIn::open();
    for (name, value) in [
        ("issuer", json!(other.url)),
        ("issuer", json!(format!("{}/", scene.there.url))),
        ("token_endpoint", Value::Null),
        ("jwks_uri", json!("ftp://keys.example")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
    ] {
        scene
            .there
            .with(|playing| playing.discovery = vec![(name, value.clone())]);
        let browser = scene.app.browser();
        let tapped = scene.tap(&browser, "/login", "company").await;
        assert_eq!(tapped.status, 503, "{name} {value}: {tapped:?}");
    }
    scene.there.with(|playing| playing.discovery.clear());
    assert_taken(&scene, "its own").await;
}
