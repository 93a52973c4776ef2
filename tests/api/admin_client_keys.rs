//! The console: the public keys of a client that signs.

use linkgate::admin::AdminRole;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::{Answer, Desk, Signer, Stage, jwk_set, with_member};

async fn paste(desk: &Desk, stage: &Stage, set: &str, confirmed: bool) -> Answer {
    let page = format!("/admin/clients/{}/edit", stage.client.id());
    let form = desk.form(&page, &page).await.with("jwks", set);
    let form = if confirmed {
        form.with("confirmed", "yes")
    } else {
        form
    };
    desk.browser.submit(&form).await
}

#[sqlx::test]
async fn pasted_keys_are_what_the_client_signs_with_from_then_on(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let signer = Signer::p256("2026-a");
    let set = jwk_set(&[&signer]);
    let asked = paste(&desk, &stage, &set, false).await;
    asked.assert_page(422);
    assert!(
        asked.text().contains("secrets stop working at once"),
        "{}",
        asked.text()
    );
    let saved = paste(&desk, &stage, &set, true).await;
    assert!(saved.location().ends_with("?done=client-saved"));

    let assertion = signer.assertion(&stage.app.claims(&stage.client.id()));
    let token = [("token", "x")];
    let answer = stage
        .platform
        .post_signed("/oauth/introspect", &assertion, &token)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let with_secret = stage.platform.introspect("x").await;
    with_secret.assert_refused(401, "invalid_client");

    let here = format!("/admin/clients/{}", stage.client.id());
    let shown = desk.browser.get(&here).await.text();
    assert!(
        shown.contains("2026-a") && shown.contains("ES256"),
        "{shown}"
    );
    desk.browser
        .get(&format!("{here}/secret"))
        .await
        .assert_page(404);
    // What was saved is what the form shows: saving that again changes nothing.
    let form = desk
        .form(&format!("{here}/edit"), &format!("{here}/edit"))
        .await;
    let again = desk.browser.submit(&form).await;
    assert!(again.location().ends_with("?done=client-saved"));
}

#[sqlx::test]
async fn a_client_whose_keys_are_taken_away_gets_a_new_secret(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    stage
        .app
        .register_keys(&stage.client, &[&Signer::ed25519("a")])
        .await;
    let asked = paste(&desk, &stage, "", false).await;
    assert!(
        asked.text().contains("can’t prove itself any more"),
        "{}",
        asked.text()
    );
    paste(&desk, &stage, "", true).await.location();
    let page = format!("/admin/clients/{}/secret", stage.client.id());
    let made = desk.press(&page, &page).await;
    stage.platform.secret = crate::admin_clients::secret_on(&made);
    assert_eq!(stage.platform.introspect("x").await.status, 200);
}

#[sqlx::test]
async fn what_is_no_set_of_public_keys_is_refused_with_what_is_wrong(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let (ec, rsa) = (Signer::p256("a").jwk(), Signer::rsa("b").jwk());
    let set = |keys: &[Value]| json!({ "keys": keys }).to_string();
    let one = |name: &str, value: Value| set(&[with_member(&ec, name, value)]);
    for (pasted, why) in [
        ("-----BEGIN PUBLIC KEY-----".to_owned(), "must be a JWK Set"),
        (ec.to_string(), "must be a JWK Set"),
        (set(&[]), "1 to 5 keys"),
        (
            set(&vec![with_member(&ec, "kid", Value::Null); 6]),
            "1 to 5 keys",
        ),
        (set(&[ec.clone(), ec.clone()]), "same kid, a"),
        (one("d", json!("AAAA")), "Key 1 has a private part (d)"),
        (
            set(&[ec.clone(), with_member(&rsa, "p", json!("AAAA"))]),
            "Key 2 has a private part (p)",
        ),
        (
            set(&[json!({ "kty": "oct", "k": "c2VjcmV0" })]),
            "shared secret (oct)",
        ),
        (set(&[json!({ "kty": "oct" })]), "shared secret (oct)"),
        (one("crv", json!("P-384")), "EC key on P-256"),
        (one("y", ec["x"].clone()), "not a valid P-256 public key"),
        (one("use", json!("enc")), "not for verifying signatures"),
        (
            one("key_ops", json!(["sign"])),
            "not for verifying signatures",
        ),
        (one("alg", json!("HS256")), "possible: ES256"),
        (one("kid", json!(7)), "kid of key 1"),
        (
            set(&[with_member(&rsa, "n", json!("AAAA"))]),
            "not a valid RSA",
        ),
        (
            set(&[with_member(&rsa, "n", json!("3q2-7w"))]),
            "RSA key of 32 bits",
        ),
        (
            set(&[with_member(&rsa, "e", json!("Aw"))]),
            "not a valid RSA",
        ),
    ] {
        let answer = paste(&desk, &stage, &pasted, true).await;
        answer.assert_page(422);
        assert!(answer.text().contains(why), "{why}: {}", answer.text());
    }
    assert_eq!(stage.app.count("client", "jwks is null").await, 1);
}

#[sqlx::test]
async fn a_public_client_has_no_keys(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", stage.client.id());
    assert!(!desk.browser.get(&page).await.body.contains("jwks"));
    let answer = paste(&desk, &stage, &jwk_set(&[&Signer::p256("a")]), true).await;
    answer.assert_page(422);
    assert_eq!(stage.app.count("client", "jwks is null").await, 1);
}
