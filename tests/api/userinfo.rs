//! `/oauth/userinfo`: the facts of `/resolve` as OpenID Connect claims.

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Answer, Stage, hours, tokens};

const PATH: &str = "/oauth/userinfo";

async fn ask(stage: &Stage, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    stage.platform.send("GET", PATH, "", &headers).await
}

#[sqlx::test]
async fn the_account_is_described_in_claims(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let answer = ask(&stage, &link.access).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = json!({
        "sub": stage.person.id,
        "external_id": "customer:haneul@example.com",
        "email": "haneul@example.com",
        "email_verified": true,
        "name": "김하늘",
        "locale": "ko",
        "attributes": { "points": 12, "tier": "gold" },
    });
    assert_eq!(answer.json(), expected);
    let body = format!("access_token={}", link.access);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let posted = stage.platform.send("POST", PATH, &body, &form).await;
    assert_eq!(posted.json(), expected);
}

#[sqlx::test]
async fn res_04_what_the_scope_does_not_grant_is_no_claim(db: PgPool) {
    let stage = Stage::set(db).await;
    for (scope, shown) in [
        ("account:id", vec!["external_id", "sub"]),
        (
            "account:email",
            vec!["email", "email_verified", "external_id", "sub"],
        ),
        (
            "account:profile",
            vec!["external_id", "locale", "name", "sub"],
        ),
        (
            "account:attributes",
            vec!["attributes", "external_id", "sub"],
        ),
    ] {
        let code = stage.approve(&[("scope", scope)]).await;
        let link = tokens(&stage.redeem(code.code()).await);
        let claims = ask(&stage, &link.access).await.json();
        let names: Vec<_> = claims.as_object().unwrap().keys().collect();
        assert_eq!(names, shown, "{scope}");
    }
}

#[sqlx::test]
async fn res_01_a_token_that_is_not_good_gets_a_challenge(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let without = stage.platform.send("GET", PATH, "", &[]).await;
    assert_eq!(without.status, 401);
    let challenge = without.header("www-authenticate");
    assert_eq!(challenge, Some("Bearer realm=\"linkgate\""));
    stage.app.clock.advance(hours(1));
    for token in ["x", &link.access, &link.refresh] {
        let answer = ask(&stage, token).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (401, "invalid_token")
        );
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    let renewed = tokens(&stage.platform.refresh_with(&link.refresh, &[]).await);
    assert_eq!(ask(&stage, &renewed.access).await.status, 200);
    stage.platform.revoke(&renewed.access).await;
    assert_eq!(ask(&stage, &renewed.access).await.status, 401);
    let last = tokens(&stage.platform.refresh_with(&renewed.refresh, &[]).await);
    assert_eq!(ask(&stage, &last.access).await.status, 200);
    stage.platform.revoke(&last.refresh).await;
    assert_eq!(ask(&stage, &last.access).await.status, 401);
}

#[sqlx::test]
async fn res_02_a_token_in_the_url_or_twice_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let query = format!("{PATH}?access_token={}", link.access);
    let bearer = format!("Bearer {}", link.access);
    let both = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("access_token={}", link.access);
    for answer in [
        stage.platform.send("GET", &query, "", &[]).await,
        stage.platform.send("POST", PATH, &body, &both).await,
    ] {
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
    }
    let put = stage.platform.send("PUT", PATH, "", &both[..1]).await;
    assert_eq!(
        (put.status, put.header("allow")),
        (405, Some("GET, HEAD, POST"))
    );
}

#[sqlx::test]
async fn a_database_that_fails_is_never_a_refused_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    stage
        .app
        .change_schema("alter table link rename to gone")
        .await;
    let answer = ask(&stage, &link.access).await;
    assert!(answer.status >= 500, "{answer:?}");
}
