//! JWTs that we did not issue, or not so (RFC 8725): RES in the abuse cases.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use linkgate::{
    client::TokenAlgorithm,
    foundation::keys::{Key, KeyKind},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{ALGORITHMS, forged, header_for, parts, unsigned, with};
use crate::harness::{Stage, Tokens, tokens};

/// A link with a good JWT, and the key it was signed with.
struct Target {
    stage: Stage,
    link: Tokens,
    header: Value,
    claims: Value,
    key: std::sync::Arc<Key>,
}

impl Target {
    async fn new(db: PgPool) -> Self {
        let stage = Stage::set(db).await;
        stage
            .app
            .use_jwts(&stage.client, TokenAlgorithm::Es256)
            .await;
        let link = stage.link().await;
        let (header, claims) = parts(&link.access);
        let key = stage.app.signing_key(KeyKind::SigningEs256);
        let target = Self {
            stage,
            link,
            header,
            claims,
            key,
        };
        // What is refused below is refused for what it changes, and not for how it is made.
        let same = forged(&target.header, &target.claims, &target.key);
        assert_eq!(target.stage.platform.resolve(&same).await.status, 200);
        target
    }

    async fn assert_refused(&self, token: &str, why: &str) {
        let (platform, claims) = (&self.stage.platform, &self.claims);
        let resolved = platform.resolve(token).await;
        assert_eq!(resolved.status, 401, "{why}: {resolved:?}");
        assert_eq!(resolved.error(), "invalid_token", "{why}");
        let told = platform.introspect(token).await.json();
        assert_eq!(told, json!({ "active": false }), "{why}");
        assert_eq!(platform.revoke(token).await.status, 200, "{why}");
        assert!(self.stage.resolves(&self.link).await, "{why}: {claims}");
    }
}

#[sqlx::test]
async fn res_03_a_jwt_without_a_signature_is_refused(db: PgPool) {
    let target = Target::new(db).await;
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(&target.header, "alg", json!(name));
        let message = unsigned(&header, &target.claims);
        target.assert_refused(&format!("{message}."), name).await;
        let signature = target.link.access.rsplit('.').next().unwrap();
        let token = format!("{message}.{signature}");
        target.assert_refused(&token, name).await;
    }
    let message = unsigned(&target.header, &target.claims);
    target.assert_refused(&format!("{message}."), "empty").await;
}

#[sqlx::test]
async fn res_03_a_public_key_never_serves_as_a_shared_secret(db: PgPool) {
    let target = Target::new(db).await;
    for algorithm in ALGORITHMS {
        let app = &target.stage.app;
        app.use_jwts(&target.stage.client, algorithm).await;
        target.stage.link().await;
    }
    for jwk in target.stage.app.published_keys().await {
        let kid = jwk["kid"].as_str().unwrap();
        let members = ["x", "y", "n"].map(|name| jwk[name].as_str().unwrap_or_default());
        let [x, y, n] = members.map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
        let point = [&[4][..], &x, &y].concat();
        for secret in [jwk.to_string().into_bytes(), point, x, n] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let message = unsigned(&header_for(algorithm, kid), &target.claims);
                let key = EncodingKey::from_secret(&secret);
                let signature = crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
                let token = format!("{message}.{signature}");
                target.assert_refused(&token, "as a shared secret").await;
            }
        }
    }
}

#[sqlx::test]
async fn a_key_is_for_one_algorithm_and_one_name(db: PgPool) {
    let target = Target::new(db).await;
    let app = &target.stage.app;
    app.use_jwts(&target.stage.client, TokenAlgorithm::Eddsa)
        .await;
    target.stage.link().await;
    let other = app.signing_key(KeyKind::SigningEddsa);
    let other_kid = json!(other.signing().unwrap().kid);
    let ours = target.header["kid"].as_str().unwrap();
    let (id, thumbprint) = ours.split_once('-').unwrap();
    let (other_id, other_print) = other_kid.as_str().unwrap().split_once('-').unwrap();
    for kid in [
        Value::Null,
        json!(""),
        json!(7),
        other_kid.clone(),
        json!(id),
        json!(thumbprint),
        json!(format!("{id}-")),
        json!(format!("0{ours}")),
        json!(format!("{ours}x")),
        json!(format!("{id}-{other_print}")),
        json!(format!("{other_id}-{thumbprint}")),
        json!(format!("31000-{thumbprint}")),
        json!(format!("-1-{thumbprint}")),
        json!("../../dev/null"),
        json!("' or 1=1 --"),
    ] {
        let header = with(&target.header, "kid", kid.clone());
        let token = forged(&header, &target.claims, &target.key);
        target.assert_refused(&token, &kid.to_string()).await;
    }
    for (alg, kid) in [
        ("EdDSA", json!(ours)),
        ("ES256", other_kid.clone()),
        ("RS256", json!(ours)),
        ("PS256", json!(ours)),
        ("ES384", json!(ours)),
    ] {
        let header = with(&with(&target.header, "alg", json!(alg)), "kid", kid);
        for key in [&target.key, &other] {
            let token = forged(&header, &target.claims, key);
            target.assert_refused(&token, alg).await;
        }
    }
}

#[sqlx::test]
async fn res_03_only_an_access_token_is_one(db: PgPool) {
    let target = Target::new(db).await;
    for typ in [
        Value::Null,
        json!("JWT"),
        json!("jwt"),
        json!("at+JWT "),
        json!("id+jwt"),
        json!("logout+jwt"),
        json!("secevent+jwt"),
        json!(["at+jwt"]),
    ] {
        let header = with(&target.header, "typ", typ.clone());
        let token = forged(&header, &target.claims, &target.key);
        target.assert_refused(&token, &typ.to_string()).await;
    }
}

#[sqlx::test]
async fn what_a_header_calls_critical_is_refused_and_what_it_points_to_is_not_followed(db: PgPool) {
    let target = Target::new(db).await;
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("exp")] {
        let header = with(&target.header, "crit", crit.clone());
        let token = forged(&header, &target.claims, &target.key);
        target.assert_refused(&token, &crit.to_string()).await;
    }
    // The attacker's own key, offered in every way the RFCs know.
    let attacker = target.stage.app.second_node().await;
    attacker
        .use_jwts(&target.stage.client, TokenAlgorithm::Eddsa)
        .await;
    target.stage.link().await;
    let theirs = target.stage.app.signing_key(KeyKind::SigningEddsa);
    let jwk = json!(theirs.signing().unwrap().jwk);
    let elsewhere = format!("{}/oauth/jwks", attacker.url);
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!(elsewhere)),
        ("x5u", json!(elsewhere)),
    ] {
        let header = with(&target.header, "alg", json!("EdDSA"));
        let header = with(&header, name, value);
        let token = forged(&header, &target.claims, &theirs);
        target.assert_refused(&token, name).await;
    }
}

#[sqlx::test]
async fn res_05_every_claim_counts(db: PgPool) {
    let target = Target::new(db).await;
    let other = target.stage.app.client().await.id();
    let stranger = target.stage.app.person("stranger@example.com").await;
    let now = target.claims["iat"].as_i64().unwrap();
    let required = [
        "iss",
        "exp",
        "aud",
        "sub",
        "client_id",
        "iat",
        "jti",
        "scope",
        "lg_link",
        "lg_epoch",
    ];
    let missing = required.map(|name| (name, Value::Null));
    let wrong = [
        ("iss", json!("https://evil.test")),
        ("iss", json!(format!("{}/", target.stage.app.issuer()))),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(-1)),
        ("exp", json!("never")),
        ("exp", json!(1e300)),
        ("aud", json!("https://api.test")),
        ("aud", json!(["https://api.test"])),
        ("aud", json!([])),
        ("aud", json!("")),
        ("sub", json!(stranger.id)),
        ("sub", json!("haneul")),
        ("client_id", json!(other)),
        ("lg_link", json!(uuid::Uuid::nil())),
        ("lg_link", json!("x")),
        ("lg_epoch", json!(-1)),
        ("lg_epoch", json!(1_i64 << 40)),
        ("scope", json!("account:id \"")),
    ];
    for (name, value) in missing.into_iter().chain(wrong) {
        let claims = with(&target.claims, name, value.clone());
        let token = forged(&target.header, &claims, &target.key);
        target
            .assert_refused(&token, &format!("{name} {value}"))
            .await;
    }
}

#[sqlx::test]
async fn a_jwt_never_sees_more_than_its_link(db: PgPool) {
    let target = Target::new(db).await;
    let code = target.stage.approve(&[("scope", "account:id")]).await;
    let link = tokens(&target.stage.redeem(code.code()).await);
    let (header, claims) = parts(&link.access);
    let wider = with(&claims, "scope", json!("account:id account:email"));
    let token = forged(&header, &wider, &target.key);
    let resolved = target.stage.platform.resolve(&token).await.json();
    assert_eq!(resolved["link"]["scope"], json!(["account:id"]));
    assert_eq!(resolved["account"].get("email"), None);
}

#[sqlx::test]
async fn res_07_malformed_and_huge_jwts_are_refused(db: PgPool) {
    let target = Target::new(db).await;
    let good = &target.link.access;
    let mut segments = good.split('.');
    let [header, claims, signature] = [(); 3].map(|()| segments.next().unwrap());
    let huge = with(&target.claims, "padding", json!("x".repeat(4096)));
    let twice = "eyJhbGciOiJFUzI1NiIsImFsZyI6Im5vbmUiLCJ0eXAiOiJhdCtqd3QifQ";
    for token in [
        format!("{header}.{claims}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{signature}A"),
        format!("{header}.{signature}.{claims}"),
        format!("{twice}.{claims}.{signature}"),
        format!("eyJ.{claims}.{signature}"),
        "ey..".to_owned(),
        format!("ey{}", ".".repeat(3000)),
        format!("eyJ{}.{claims}.{signature}", "A".repeat(3000)),
        forged(&target.header, &huge, &target.key),
    ] {
        target
            .assert_refused(&token, &token[..token.len().min(80)])
            .await;
    }
}

#[sqlx::test]
async fn res_07_a_forged_jwt_is_refused_without_asking_the_database(db: PgPool) {
    let target = Target::new(db).await;
    let app = &target.stage.app;
    let stranger = {
        let claims = with(&target.claims, "iss", json!("https://evil.test"));
        forged(&target.header, &claims, &target.key)
    };
    app.change_schema("alter table link rename to gone").await;
    let unsigned = format!("{}.AAAA", unsigned(&target.header, &target.claims));
    for token in [&stranger, &unsigned] {
        assert_eq!(target.stage.platform.resolve(token).await.status, 401);
    }
    let genuine = target.stage.platform.resolve(&target.link.access).await;
    assert!(genuine.status >= 500, "{genuine:?}");
}

#[sqlx::test]
async fn res_08_no_jwt_near_a_good_one_is_good(db: PgPool) {
    let target = Target::new(db).await;
    let good = &target.link.access;
    for at in (0..good.len()).step_by(11) {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let near = String::from_utf8(bytes).unwrap();
        assert_eq!(
            target.stage.platform.resolve(&near).await.status,
            401,
            "{at}"
        );
    }
    assert!(target.stage.resolves(&target.link).await);
}
