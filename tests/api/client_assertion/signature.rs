//! Who made an assertion: the registered key decides, and nothing that the assertion says of itself.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::Signing;
use crate::harness::{Signer, Stage, jwk_set, tokens, with_member};

#[sqlx::test]
async fn a_client_with_keys_links_refreshes_introspects_and_revokes(db: PgPool) {
    let stage = Stage::set(db).await;
    let signers = [
        (Signer::p256("a"), "ES256"),
        (Signer::ed25519("b"), "EdDSA"),
        (Signer::rsa("c"), "RS256"),
    ];
    let [(es, _), (ed, _), (rsa, _)] = &signers;
    stage.app.register_keys(&stage.client, &[es, ed, rsa]).await;
    let id = &stage.platform.client_id;
    for (signer, algorithm) in [(es, "ES256"), (ed, "EdDSA"), (rsa, "RS256"), (rsa, "PS256")] {
        let proof = || {
            let header = json!({ "alg": algorithm, "kid": signer.kid, "typ": "JWT" });
            signer.sign(&header, &stage.app.claims(id))
        };
        let code = stage.code().await;
        let redemption = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", stage.platform.redirect_uri.as_str()),
        ];
        let post = async |path, fields: &[(&str, &str)]| {
            let answer = stage.platform.post_signed(path, &proof(), fields).await;
            assert_eq!(answer.status, 200, "{algorithm}: {answer:?}");
            answer
        };
        let linked = tokens(&post("/oauth/token", &redemption).await);
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", linked.refresh.as_str()),
        ];
        let refreshed = tokens(&post("/oauth/token", &refresh).await);
        let token = [("token", refreshed.access.as_str())];
        assert_eq!(
            post("/oauth/introspect", &token).await.json()["active"],
            true
        );
        post("/oauth/revoke", &[("token", refreshed.refresh.as_str())]).await;
        assert_eq!(
            post("/oauth/introspect", &token).await.json()["active"],
            false
        );
    }
}

#[sqlx::test]
async fn only_a_registered_key_makes_assertions(db: PgPool) {
    let signing = Signing::new(db).await;
    let stranger = Signer::p256("main");
    Signing::assert_unknown(
        &signing
            .refresh(&stranger.assertion(&signing.claims()))
            .await,
    );
    // The key that comes along, or an address of one, is the stranger's own.
    let jwk = stranger.jwk();
    for (name, value) in [("jwk", jwk), ("jku", json!("https://evil.example/jwks"))] {
        let header = json!({ "alg": "ES256", "kid": "main", name: value });
        let assertion = stranger.sign(&header, &signing.claims());
        Signing::assert_unknown(&signing.refresh(&assertion).await);
    }
    let good = signing.assertion();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let claims = signed.split_once('.').unwrap().1;
    for changed in [
        format!("{signed}."),
        format!("{signed}.{}", &signature[1..]),
        format!("{signed}.{}", signature.to_lowercase()),
        format!("{claims}.{signature}"),
        format!(
            "{}.{claims}.{signature}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#)
        ),
    ] {
        let answer = signing.refresh(&changed).await;
        answer.assert_refused(401, "invalid_client");
    }
    assert_eq!(signing.refresh(&good).await.status, 200);
}

#[sqlx::test]
async fn the_key_decides_the_algorithm_and_never_the_header(db: PgPool) {
    let signing = Signing::new(db).await;
    let signed = |header: &Value| signing.signer.sign(header, &signing.claims());
    for algorithm in [
        "none", "None", "HS256", "ES384", "EdDSA", "RS256", "PS256", "", "es256",
    ] {
        let header = json!({ "alg": algorithm, "kid": "main" });
        Signing::assert_unknown(&signing.refresh(&signed(&header)).await);
    }
    Signing::assert_unknown(&signing.refresh(&signed(&json!({ "kid": "main" }))).await);
    let unsigned = signed(&json!({ "alg": "none" }));
    let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    Signing::assert_unknown(&signing.refresh(&unsigned).await);

    // A public key is known to everybody: as a shared secret it would let in everybody.
    let public = signing.signer.jwk();
    let shared = |text: &str| {
        let header = json!({ "alg": "HS256", "kid": "main" });
        let message = signing.signer.sign(&header, &signing.claims());
        let message = message.rsplit_once('.').unwrap().0;
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()),
            message.as_bytes(),
        );
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    for text in [
        public.to_string(),
        public["x"].as_str().unwrap().to_owned(),
        jwk_set(&[&signing.signer]),
    ] {
        Signing::assert_unknown(&signing.refresh(&shared(&text)).await);
    }
}

#[sqlx::test]
async fn a_key_registered_for_one_algorithm_signs_with_no_other(db: PgPool) {
    let signing = Signing::new(db).await;
    let signer = Signer::rsa("rsa");
    let set = json!({ "keys": [with_member(&signer.jwk(), "alg", json!("PS256"))] });
    let stage = &signing.stage;
    let register = |client: &mut linkgate::client::Client| {
        client.settings.jwks = Some(set.to_string());
    };
    stage.app.change_client(&stage.client, register).await;
    let signed = |algorithm: &str| {
        let header = json!({ "alg": algorithm, "kid": "rsa" });
        signer.sign(&header, &signing.claims())
    };
    Signing::assert_unknown(&signing.refresh(&signed("RS256")).await);
    assert_eq!(signing.refresh(&signed("PS256")).await.status, 200);
}

#[sqlx::test]
async fn a_kid_means_one_key_and_without_one_any_may_have_signed(db: PgPool) {
    let signing = Signing::new(db).await;
    let second = Signer::p256("second");
    let stage = &signing.stage;
    let keys = [&signing.signer, &second];
    stage.app.register_keys(&stage.client, &keys).await;
    let signed = |header: &Value| second.sign(header, &signing.claims());
    for header in [
        json!({ "alg": "ES256" }),
        json!({ "alg": "ES256", "kid": "second" }),
    ] {
        assert_eq!(signing.refresh(&signed(&header)).await.status, 200);
    }
    for kid in ["main", "third", "", "Second"] {
        let header = json!({ "alg": "ES256", "kid": kid });
        Signing::assert_unknown(&signing.refresh(&signed(&header)).await);
    }
    // Keys that go prove nothing any more.
    stage.app.register_keys(&stage.client, &keys[..1]).await;
    let header = json!({ "alg": "ES256" });
    Signing::assert_unknown(&signing.refresh(&signed(&header)).await);
}

#[sqlx::test]
async fn a_jwt_that_was_signed_for_something_else_is_no_assertion(db: PgPool) {
    let signing = Signing::new(db).await;
    let signed = |name: &str, value: Value| {
        let header = json!({ "alg": "ES256", "kid": "main", name: value });
        signing.signer.sign(&header, &signing.claims())
    };
    for (name, value) in [
        ("typ", json!("dpop+jwt")),
        ("typ", json!("oauth-authz-req+jwt")),
        ("typ", json!("at+jwt")),
        ("typ", json!("")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
    ] {
        Signing::assert_unknown(&signing.refresh(&signed(name, value)).await);
    }
    for kind in ["JWT", "jwt", "client-authentication+jwt"] {
        let answer = signing.refresh(&signed("typ", json!(kind))).await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}
