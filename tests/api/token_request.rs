//! The token endpoint itself: which requests it reads, and what its answers look like (GRA and TOK
//! in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Stage, basic, tokens};

#[sqlx::test]
async fn gra_01_an_unknown_or_missing_grant_type_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    stage
        .platform
        .redeem(&code, &[("grant_type", "")])
        .await
        .assert_refused(400, "invalid_request");
    stage
        .platform
        .post(&[("code", &code)])
        .await
        .assert_refused(400, "invalid_request");
    for grant in [
        "password",
        "client_credentials",
        "implicit",
        "AUTHORIZATION_CODE",
        "x",
        "refresh-token",
    ] {
        let answer = stage.platform.redeem(&code, &[("grant_type", grant)]).await;
        answer.assert_refused(400, "unsupported_grant_type");
    }
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn gra_02_a_parameter_of_another_grant_is_ignored(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let with_token = [("refresh_token", "lg_rt_x")];
    let link = tokens(&stage.platform.redeem(&code, &with_token).await);
    let with_code = [
        ("code", code.as_str()),
        ("redirect_uri", "https://evil.test/"),
    ];
    assert_eq!(
        stage
            .platform
            .refresh_with(&link.refresh, &with_code)
            .await
            .status,
        200
    );

    let code = stage.code().await;
    let only_code = [("grant_type", "refresh_token"), ("code", code.as_str())];
    stage
        .platform
        .post(&only_code)
        .await
        .assert_refused(400, "invalid_request");
    let only_token = [
        ("grant_type", "authorization_code"),
        ("refresh_token", link.refresh.as_str()),
    ];
    stage
        .platform
        .post(&only_token)
        .await
        .assert_refused(400, "invalid_request");
}

#[sqlx::test]
async fn gra_03_extension_grants_are_unsupported(db: PgPool) {
    let stage = Stage::set(db).await;
    for grant in [
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ] {
        let answer = stage.platform.post(&[("grant_type", grant)]).await;
        answer.assert_refused(400, "unsupported_grant_type");
    }
}

#[sqlx::test]
async fn tok_01_only_post_is_allowed(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let query = format!("/oauth/token?grant_type=authorization_code&code={code}");
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        for path in ["/oauth/token", &query] {
            let answer = stage.platform.send(method, path, "", &[]).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("POST"));
        }
    }
    assert_eq!(stage.redeem(&code).await.status, 200);
}

#[sqlx::test]
async fn tok_02_nothing_but_a_form_is_read_as_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let form = format!("grant_type=refresh_token&refresh_token={}", link.refresh);
    let json = format!(
        "{{\"grant_type\":\"refresh_token\",\"refresh_token\":\"{}\"}}",
        link.refresh
    );
    let header = basic(
        &stage.platform.client_id,
        stage.platform.secret.as_deref().unwrap(),
    );
    for media_type in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "application/x-www-form-urlencodedx",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded, text/plain",
        "garbage",
    ] {
        for body in [&form, &json] {
            let headers = [
                ("authorization", header.as_str()),
                ("content-type", media_type),
            ];
            let answer = stage
                .platform
                .send("POST", "/oauth/token", body, &headers)
                .await;
            answer.assert_refused(400, "invalid_request");
        }
    }
    let headers = [("authorization", header.as_str())];
    let answer = stage
        .platform
        .send("POST", "/oauth/token", &form, &headers)
        .await;
    answer.assert_refused(400, "invalid_request");
    for media_type in [
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Application/X-WWW-Form-URLEncoded; charset=\"utf-8\"",
    ] {
        let headers = [
            ("authorization", header.as_str()),
            ("content-type", media_type),
        ];
        let answer = stage
            .platform
            .send("POST", "/oauth/token", &form, &headers)
            .await;
        assert_eq!(answer.status, 200, "{media_type}");
    }
}

#[sqlx::test]
async fn tok_03_a_repeated_parameter_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let (id, secret) = (
        stage.platform.client_id.as_str(),
        stage.platform.secret.as_deref().unwrap(),
    );
    let good = format!(
        "grant_type=refresh_token&refresh_token={}&scope=account:id&client_id={id}&client_secret={secret}",
        link.refresh
    );
    for (name, value) in [
        ("grant_type", "refresh_token"),
        ("refresh_token", link.refresh.as_str()),
        ("scope", "account:id"),
        ("client_id", id),
        ("client_secret", secret),
    ] {
        let twice = format!("{good}&{name}={value}");
        stage
            .platform
            .post_raw(&twice, &[])
            .await
            .assert_refused(400, "invalid_request");
        let empty = format!("{good}&{name}=");
        stage
            .platform
            .post_raw(&empty, &[])
            .await
            .assert_refused(400, "invalid_request");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let url = format!("/oauth/token?{name}={value}");
        let split = stage.platform.send("POST", &url, &good, &form).await;
        split.assert_refused(400, "invalid_request");
    }
    let code = stage.code().await;
    for name in ["code", "redirect_uri", "code_verifier"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", stage.platform.redirect_uri.as_str()),
            ("code_verifier", ""),
            (name, "again"),
        ];
        stage
            .platform
            .post(&fields)
            .await
            .assert_refused(400, "invalid_request");
    }
    assert_eq!(stage.platform.post_raw(&good, &[]).await.status, 200);
}

#[sqlx::test]
async fn tok_04_parameters_that_are_no_text_are_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let (id, secret) = (
        stage.platform.client_id.as_str(),
        stage.platform.secret.as_deref().unwrap(),
    );
    for junk in [
        "%ff%fe",
        "%c0%ae",
        "%00",
        "a%00b",
        "%ed%a0%80",
        "%zz",
        "%",
        "%f",
    ] {
        for name in [
            "code",
            "refresh_token",
            "scope",
            "redirect_uri",
            "code_verifier",
            "unknown",
            "state",
        ] {
            for grant in ["authorization_code", "refresh_token"] {
                let body = format!(
                    "grant_type={grant}&client_id={id}&client_secret={secret}&{name}={junk}"
                );
                let answer = stage.platform.post_raw(&body, &[]).await;
                assert_eq!(answer.status, 400, "{body}: {answer:?}");
            }
        }
        let body = format!(
            "grant_type=refresh_token&client_id={junk}&client_secret={junk}&refresh_token=x"
        );
        stage
            .platform
            .post_raw(&body, &[])
            .await
            .assert_refused(400, "invalid_request");
    }
}

#[sqlx::test]
async fn tok_05_unknown_parameters_are_ignored(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    let more = [
        ("resource", "https://api.test"),
        ("foo", "a"),
        ("foo", "b"),
        ("", "x"),
    ];
    assert_eq!(stage.platform.redeem(&code, &more).await.status, 200);
}

#[sqlx::test]
async fn a_huge_or_endless_form_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let huge = "x".repeat(100_000);
    stage
        .platform
        .refresh_with(&huge, &[])
        .await
        .assert_refused(413, "invalid_request");
    let many = vec![("a", "b"); 101];
    stage
        .platform
        .refresh_with("x", &many)
        .await
        .assert_refused(400, "invalid_request");
}

#[sqlx::test]
async fn a_busy_database_is_503_and_never_unlinks_anybody(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let code = stage.code().await;
    let mut locking = stage.app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table link in access exclusive mode");
    lock.execute(&mut *locking).await.unwrap();
    let (refreshed, redeemed, resolved, revoked, introspected) = tokio::join!(
        stage.platform.refresh_with(&link.refresh, &[]),
        stage.redeem(&code),
        stage.platform.resolve(&link.access),
        stage.platform.revoke(&link.refresh),
        stage.platform.introspect(&link.access),
    );
    locking.rollback().await.unwrap();
    for answer in [refreshed, redeemed, resolved, revoked, introspected] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.error(), "temporarily_unavailable");
        assert!(answer.header("retry-after").is_some());
    }
    assert!(stage.resolves(&link).await);
    assert_eq!(
        stage.platform.refresh_with(&link.refresh, &[]).await.status,
        200
    );
    assert_eq!(stage.redeem(&code).await.status, 200);
}
