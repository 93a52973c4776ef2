//! What an assertion must say.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Signing, after};
use crate::harness::with_member;

#[sqlx::test]
async fn an_assertion_must_be_for_this_server_and_nobody_else(db: PgPool) {
    let signing = Signing::new(db).await;
    let issuer = signing.stage.app.issuer();
    let token_endpoint = format!("{issuer}/oauth/token");
    for ours in [
        json!(issuer),
        json!(token_endpoint),
        json!([issuer]),
        json!([issuer, token_endpoint]),
    ] {
        let answer = signing.refresh(&signing.assertion_with("aud", ours)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for others in [
        json!("https://other.example"),
        json!([issuer, "https://other.example"]),
        json!(format!("{issuer}/")),
        json!(format!("{issuer}/oauth/token/")),
        json!(format!("{issuer}/oauth/revoke")),
        json!(issuer.to_uppercase()),
        json!([]),
        json!(""),
    ] {
        let answer = signing
            .refresh(&signing.assertion_with("aud", others))
            .await;
        Signing::assert_wrong(&answer, "aud of the client_assertion");
    }
}

#[sqlx::test]
async fn an_assertion_expires_and_may_not_be_made_to_last(db: PgPool) {
    let signing = Signing::new(db).await;
    // With what clocks may differ.
    for (seconds, why) in [
        (-3600, "has expired"),
        (-30, "has expired"),
        (631, "must expire within 10 minutes"),
        (86_400, "must expire within 10 minutes"),
    ] {
        let assertion = signing.assertion_with("exp", after(&signing, seconds));
        Signing::assert_wrong(&signing.refresh(&assertion).await, why);
    }
    for seconds in [-29, 1, 600, 630] {
        let assertion = signing.assertion_with("exp", after(&signing, seconds));
        let answer = signing.refresh(&assertion).await;
        assert_eq!(answer.status, 200, "{seconds}: {answer:?}");
    }
}

#[sqlx::test]
async fn an_assertion_of_the_future_or_of_long_ago_is_refused(db: PgPool) {
    let signing = Signing::new(db).await;
    for (name, seconds, why) in [
        ("nbf", 31, "not good yet"),
        ("iat", 31, "from the future"),
        ("iat", -631, "more than 10 minutes ago"),
    ] {
        let assertion = signing.assertion_with(name, after(&signing, seconds));
        Signing::assert_wrong(&signing.refresh(&assertion).await, why);
    }
    for (name, value) in [
        ("nbf", after(&signing, 30)),
        ("nbf", after(&signing, -86_400)),
        ("iat", after(&signing, 30)),
        ("iat", after(&signing, -630)),
        ("iat", Value::Null),
    ] {
        let answer = signing.refresh(&signing.assertion_with(name, value)).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
}

#[sqlx::test]
async fn an_assertion_names_its_client_as_iss_and_sub(db: PgPool) {
    let signing = Signing::new(db).await;
    let other = signing.stage.app.client().await.id();
    for (name, value) in [
        ("iss", json!(other)),
        ("iss", json!("")),
        ("iss", json!(signing.id().to_uppercase())),
    ] {
        let answer = signing.refresh(&signing.assertion_with(name, value)).await;
        Signing::assert_wrong(&answer, "iss and sub");
    }
    // Whoever signs as another client has to sign with its keys.
    for sub in [other.as_str(), "unknown"] {
        let claims = with_member(&signing.claims(), "sub", json!(sub));
        Signing::assert_unknown(&signing.refresh(&signing.signer.assertion(&claims)).await);
        let claims = with_member(&claims, "iss", json!(sub));
        Signing::assert_unknown(&signing.refresh(&signing.signer.assertion(&claims)).await);
    }
}

#[sqlx::test]
async fn a_claim_that_is_missing_or_of_the_wrong_type_is_refused(db: PgPool) {
    let signing = Signing::new(db).await;
    let now = signing.stage.app.now().timestamp();
    for (name, value) in [
        ("iss", Value::Null),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("jti", Value::Null),
        ("aud", json!(1)),
        ("aud", json!([1])),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(true)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!("soon")),
        ("iat", json!([])),
        ("jti", json!(7)),
    ] {
        let answer = signing
            .refresh(&signing.assertion_with(name, value.clone()))
            .await;
        answer.assert_refused(401, "invalid_client");
        Signing::assert_wrong(&answer, "needs iss, sub, aud, exp and jti");
    }
    let empty = signing.assertion_with("jti", json!(""));
    Signing::assert_wrong(&signing.refresh(&empty).await, "jti");
    // A `null` is no number, and not the same as nothing.
    for name in ["nbf", "iat"] {
        let mut claims = signing.claims();
        claims[name] = Value::Null;
        let answer = signing.refresh(&signing.signer.assertion(&claims)).await;
        answer.assert_refused(401, "invalid_client");
    }
    // RFC 7519 §2 lets times have a fraction.
    let fraction = json!(f64::from(u32::try_from(now).unwrap()) + 60.5);
    let answer = signing
        .refresh(&signing.assertion_with("exp", fraction))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
