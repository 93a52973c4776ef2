//! An assertion among the other ways to authenticate: the registered one alone counts, and one a
//! request (CLI in the abuse cases).

use linkgate::client::Client;
use sqlx::PgPool;

use super::Signing;
use crate::harness::{Signer, Stage, TestApp, basic, days};

#[sqlx::test]
async fn a_client_proves_itself_in_the_registered_way_alone(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    // It had a secret before it had keys.
    let with_secret = stage
        .platform
        .refresh_with(&signing.link.refresh, &[])
        .await;
    Signing::assert_unknown(&with_secret);
    let nothing = [
        ("grant_type", "refresh_token"),
        ("refresh_token", signing.link.refresh.as_str()),
        ("client_id", signing.id()),
    ];
    Signing::assert_unknown(&stage.platform.post_bare(&nothing).await);

    for other in [stage.app.client().await, stage.app.public_client().await] {
        let assertion = signing.signer.assertion(&stage.app.claims(&other.id()));
        Signing::assert_unknown(&signing.refresh(&assertion).await);
    }
    assert_eq!(signing.refresh(&signing.assertion()).await.status, 200);
}

#[sqlx::test]
async fn a_secret_beside_the_keys_opens_nothing(db: PgPool) {
    let mut signing = Signing::new(db).await;
    let stage = &mut signing.stage;
    // As one that came with a restored backup, or that a node of before made.
    stage.app.give_secret(&mut stage.client, days(1)).await;
    let platform = stage.app.platform(&stage.client);
    let answer = platform.refresh_with(&signing.link.refresh, &[]).await;
    Signing::assert_unknown(&answer);
}

#[sqlx::test]
async fn keys_end_the_secrets_for_good(db: PgPool) {
    let signing = Signing::new(db).await;
    let stage = &signing.stage;
    let id = signing.id();
    assert_eq!(stage.app.count("client_secret", "true").await, 0);
    let take_away = |client: &mut Client| client.settings.jwks = None;
    stage.app.change_client(&stage.client, take_away).await;
    let with_secret = stage
        .platform
        .refresh_with(&signing.link.refresh, &[])
        .await;
    Signing::assert_unknown(&with_secret);
    Signing::assert_unknown(&signing.refresh(&signing.assertion()).await);
    let nothing = [("grant_type", "refresh_token"), ("client_id", id)];
    Signing::assert_unknown(&stage.platform.post_bare(&nothing).await);
}

#[sqlx::test]
async fn cli_04_an_assertion_beside_a_secret_is_two_ways_at_once(db: PgPool) {
    let signing = Signing::new(db).await;
    let (platform, id) = (&signing.stage.platform, signing.id());
    let secret = platform.secret.as_deref().unwrap();
    for secret in [secret, "x", ""] {
        let more = [("client_id", id), ("client_secret", secret)];
        let answer = signing.refresh_with(&signing.assertion(), &more).await;
        answer.assert_refused(400, "invalid_request");
    }
    let assertion = signing.assertion();
    let kind =
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let basic = basic(id, secret);
    for fields in [
        format!("{kind}&client_assertion={assertion}"),
        format!("client_assertion={assertion}"),
        format!("{kind}&client_assertion="),
        kind.to_owned(),
    ] {
        let body = format!("grant_type=refresh_token&refresh_token=x&{fields}");
        let answer = platform.post_raw(&body, &[("authorization", &basic)]).await;
        answer.assert_refused(400, "invalid_request");
    }
    // None of it used the assertion up.
    assert_eq!(signing.refresh(&assertion).await.status, 200);
}

#[sqlx::test]
async fn cli_05_the_assertion_and_the_body_must_name_one_client(db: PgPool) {
    let signing = Signing::new(db).await;
    let named = [("client_id", signing.id())];
    let answer = signing.refresh_with(&signing.assertion(), &named).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let other = signing.stage.app.client().await.id();
    let answer = signing
        .refresh_with(&signing.assertion(), &[("client_id", &other)])
        .await;
    Signing::assert_wrong(&answer, "client_id is not the sub");
}

#[sqlx::test]
async fn cli_09_an_assertion_in_the_url_is_refused(db: PgPool) {
    let signing = Signing::new(db).await;
    let assertion = signing.assertion();
    let form = ("content-type", "application/x-www-form-urlencoded");
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        let url = format!("{path}?client_assertion={assertion}");
        let platform = &signing.stage.platform;
        let answer = platform.send("POST", &url, "token=x", &[form]).await;
        answer.assert_refused(400, "invalid_request");
        assert!(!answer.body.contains(&assertion));
    }
}

#[sqlx::test]
async fn half_an_assertion_or_two_are_an_invalid_request(db: PgPool) {
    let signing = Signing::new(db).await;
    let platform = &signing.stage.platform;
    let assertion = signing.assertion();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    for fields in [
        &[("client_assertion", assertion.as_str())][..],
        &[("client_assertion_type", kind)],
        &[
            ("client_assertion_type", saml),
            ("client_assertion", &assertion),
        ],
        &[
            ("client_assertion_type", kind),
            ("client_assertion", &assertion),
            ("client_assertion", &assertion),
        ],
    ] {
        let fields = [&[("grant_type", "refresh_token")], fields].concat();
        platform
            .post_bare(&fields)
            .await
            .assert_refused(400, "invalid_request");
    }
    let long = format!("{assertion}{}", "A".repeat(4096));
    for junk in ["junk", "a.b.c", "e30.e30.e30", long.as_str()] {
        let answer = signing.refresh(junk).await;
        answer.assert_refused(401, "invalid_client");
    }
}

#[sqlx::test]
async fn cli_11_a_foreign_signature_looks_like_an_unknown_or_a_disabled_client(db: PgPool) {
    let signing = Signing::new(db).await;
    let app = &signing.stage.app;
    let disabled = app.client().await;
    app.register_keys(&disabled, &[&signing.signer]).await;
    app.disable_client(&disabled).await;
    let stranger = Signer::p256("main");
    let foreign = signing
        .refresh(&stranger.assertion(&signing.claims()))
        .await;
    for id in ["unknown", &disabled.id(), &app.public_client().await.id()] {
        let assertion = signing.signer.assertion(&app.claims(id));
        let answer = signing.refresh(&assertion).await;
        assert_eq!(
            (answer.status, &answer.body),
            (foreign.status, &foreign.body)
        );
        assert_eq!(answer.headers.len(), foreign.headers.len());
    }
}

#[sqlx::test]
async fn cli_12_wrong_assertions_are_throttled_and_a_right_one_always_passes(db: PgPool) {
    let signing = Signing::on(TestApp::spawn(db).await).await;
    let stranger = Signer::p256("main");
    for _ in 0..10 {
        Signing::assert_unknown(
            &signing
                .refresh(&stranger.assertion(&signing.claims()))
                .await,
        );
    }
    let eleventh = signing
        .refresh(&stranger.assertion(&signing.claims()))
        .await;
    assert_eq!(
        (eleventh.status, eleventh.error()),
        (429, "invalid_client".to_owned())
    );
    assert_eq!(eleventh.header("retry-after"), Some("10"));
    assert_eq!(signing.refresh(&signing.assertion()).await.status, 200);
}

#[sqlx::test]
async fn the_metadata_says_how_clients_may_sign(db: PgPool) {
    let stage = Stage::set(db).await;
    let metadata = stage
        .browser
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    for endpoint in ["token", "revocation", "introspection"] {
        let methods = &metadata[format!("{endpoint}_endpoint_auth_methods_supported")];
        let methods: Vec<_> = methods.as_array().unwrap().iter().collect();
        assert!(
            methods.iter().any(|method| *method == "private_key_jwt"),
            "{endpoint}"
        );
        assert_eq!(
            methods.iter().any(|method| *method == "none"),
            endpoint != "introspection"
        );
        assert_eq!(
            metadata[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")],
            serde_json::json!(["ES256", "EdDSA", "RS256", "PS256"])
        );
    }
}
