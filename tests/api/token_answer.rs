//! What the answers of the token endpoint look like (TOK-06 to TOK-08 in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Stage, tokens};

#[sqlx::test]
async fn tok_06_a_success_has_everything_a_platform_needs(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.approve(&[("scope", "account:email")]).await;
    let redeemed = stage.redeem(code.code()).await;
    let refreshed = stage
        .platform
        .refresh_with(&tokens(&redeemed).refresh, &[])
        .await;
    for answer in [redeemed, refreshed] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let body = answer.json();
        let names: Vec<_> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = [
            "access_token",
            "expires_in",
            "refresh_token",
            "scope",
            "token_type",
        ];
        assert_eq!(names, expected);
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 3600);
        assert_eq!(body["scope"], "account:id account:email");
        for (name, prefix) in [("access_token", "lg_at_"), ("refresh_token", "lg_rt_")] {
            let token = body[name].as_str().unwrap();
            assert!(token.starts_with(prefix) && token.len() < 160, "{token}");
            let url_safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            assert!(token.chars().all(url_safe), "{token}");
        }
    }
}

#[sqlx::test]
async fn tok_07_every_error_is_the_rfcs_own_json(db: PgPool) {
    let stage = Stage::set(db).await;
    stage
        .platform
        .post(&[])
        .await
        .assert_refused(400, "invalid_request");
    stage
        .platform
        .post_bare(&[])
        .await
        .assert_refused(400, "invalid_request");
    stage
        .platform
        .redeem("x", &[])
        .await
        .assert_refused(400, "invalid_grant");
    stage
        .platform
        .refresh_with("x", &[])
        .await
        .assert_refused(400, "invalid_grant");
    let bare = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    stage
        .platform
        .post_bare(&bare)
        .await
        .assert_refused(401, "invalid_client");
    let hostile = "\"\\\r\n한<svg>";
    let answer = stage.platform.post(&[("grant_type", hostile)]).await;
    answer.assert_refused(400, "unsupported_grant_type");
    let answer = stage.platform.post(&[(hostile, hostile)]).await;
    answer.assert_refused(400, "invalid_request");
}

#[sqlx::test]
async fn tok_08_no_other_origin_may_read_an_answer(db: PgPool) {
    let stage = Stage::set(db).await;
    let preflight = [
        ("origin", "https://evil.test"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    for path in [
        "/oauth/token",
        "/resolve",
        "/account",
        "/login",
        "/consent",
        "/oauth/authorize",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/userinfo",
        "/admin",
        "/admin/login",
        "/admin/accounts/new",
    ] {
        for method in ["OPTIONS", "GET", "POST"] {
            let answer = stage.platform.send(method, path, "", &preflight).await;
            let allowed = answer
                .headers
                .keys()
                .find(|name| name.as_str().starts_with("access-control"));
            assert_eq!(allowed, None, "{method} {path}");
        }
    }
}
