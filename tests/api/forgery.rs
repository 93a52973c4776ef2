//! Forms that no page of ours posted (CSR in the abuse cases).

use sqlx::PgPool;

use crate::harness::{Form, PASSWORD, Stage};

/// Every form a person can post, filled in, for a person who is logged in and has a link.
async fn every_form(stage: &Stage) -> Vec<Form> {
    stage.link().await;
    let consent = stage.consent_page(&[]).await;
    let account = stage.browser.get("/account").await;
    let login = stage.browser.get("/login").await.form("/login");
    vec![
        consent.form("/consent").with("decision", "approve"),
        consent.form("/logout"),
        account.form("/account/unlink"),
        account.form("/logout"),
        login
            .with("email", &stage.person.email)
            .with("password", PASSWORD),
    ]
}

/// Fails unless nothing came of the forged posts: one link, active, and one session.
async fn assert_unchanged(stage: &Stage) {
    assert_eq!(stage.app.count("link", "true").await, 1);
    assert_eq!(stage.app.only_link().await, "active");
    assert_eq!(stage.app.count("session", "true").await, 1);
    assert_eq!(stage.browser.get("/account").await.status, 200);
}

#[sqlx::test]
async fn csr_01_a_post_from_another_site_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    for form in every_form(&stage).await {
        for headers in [
            vec![("origin", "https://evil.test")],
            vec![
                ("origin", "https://evil.test"),
                ("sec-fetch-site", "same-origin"),
            ],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![
                ("origin", stage.app.url.as_str()),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            let answer = stage.browser.submit_with(&form, &headers).await;
            answer.assert_page(403);
        }
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_01_a_form_in_disguise_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    for form in every_form(&stage).await {
        let without = form.clone().without("csrf");
        for media_type in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
        ] {
            let body = serde_json::to_string(&without.fields).unwrap();
            let post = stage.browser.request("POST", &form.action).body(body);
            let answer = stage
                .browser
                .send(post.header("content-type", media_type))
                .await;
            assert!([400, 403, 415].contains(&answer.status), "{answer:?}");
        }
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_02_a_missing_or_mistyped_token_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    for form in every_form(&stage).await {
        stage
            .browser
            .submit(&form.clone().without("csrf"))
            .await
            .assert_page(403);
        let good = form.value("csrf").to_owned();
        for bad in [
            "",
            "x",
            "1.",
            "1.AAAA",
            &format!("{good}A"),
            &good.replace('.', "1."),
            "99999.AAAA",
        ] {
            let answer = stage.browser.submit(&form.clone().with("csrf", bad)).await;
            answer.assert_page(403);
        }
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_02_another_browsers_token_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let attacker = stage.app.person("attacker@example.com").await;
    let attackers = stage.app.browser();
    let page = attackers
        .consent_page(&attacker, &stage.platform.url_with(&[]))
        .await;
    let account = attackers.get("/account").await;
    let foreign = [page.form("/consent"), account.form("/logout")];
    let logged_out = attackers.submit(&account.form("/logout")).await;
    assert_eq!(logged_out.status, 200);
    for form in every_form(&stage).await {
        for foreign in &foreign {
            let forged = form.clone().with("csrf", foreign.value("csrf"));
            stage.browser.submit(&forged).await.assert_page(403);
        }
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_02_a_browser_without_its_mark_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let forms = every_form(&stage).await;
    let mark = stage.browser.cookie("txn").unwrap();
    for form in forms {
        stage.browser.forget_cookie("txn");
        stage.browser.submit(&form).await.assert_page(403);
        stage.browser.set_cookie("txn", &mark);
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_02_a_sessions_token_dies_with_the_session(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let before = stage.browser.get("/account").await.form("/account/unlink");
    stage.browser.log_in(&stage.person).await;
    stage.browser.submit(&before).await.assert_page(403);
    let consent = stage.consent_page(&[]).await;
    let token = consent.form("/consent").value("csrf").to_owned();
    stage
        .browser
        .submit(&before.with("csrf", &token))
        .await
        .assert_page(403);
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_02_what_changes_something_is_never_a_get(db: PgPool) {
    let stage = Stage::set(db).await;
    for form in every_form(&stage).await {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        stage.browser.get(&format!("{}?{query}", form.action)).await;
    }
    stage.browser.get("/logout").await.assert_page(405);
    stage.browser.get("/account/unlink").await.assert_page(405);
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_03_a_null_origin_or_a_foreign_referer_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let like_ours = format!("{}.evil.test/", stage.app.url);
    for form in every_form(&stage).await {
        for headers in [
            vec![("origin", "null")],
            vec![("origin", "null"), ("sec-fetch-site", "none")],
            vec![("origin", "null"), ("sec-fetch-site", "cross-site")],
            vec![("referer", "https://evil.test/")],
            vec![("referer", like_ours.as_str())],
            vec![("referer", "about:blank")],
        ] {
            let answer = stage.browser.submit_with(&form, &headers).await;
            answer.assert_page(403);
        }
    }
    assert_unchanged(&stage).await;
}

#[sqlx::test]
async fn csr_03_a_browser_that_speaks_for_our_own_page_is_believed(db: PgPool) {
    let stage = Stage::set(db).await;
    let referer = format!("{}/login", stage.app.url);
    for headers in [
        vec![
            ("origin", stage.app.url.as_str()),
            ("sec-fetch-site", "same-origin"),
        ],
        vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
        vec![("referer", referer.as_str())],
        vec![("sec-fetch-site", "none")],
        vec![],
    ] {
        let browser = stage.app.browser();
        let form = browser.get("/login").await.form("/login");
        let form = form
            .with("email", &stage.person.email)
            .with("password", PASSWORD);
        let answer = browser.submit_with(&form, &headers).await;
        assert_eq!(answer.location(), "/account", "{headers:?}");
    }
}

#[sqlx::test]
async fn csr_01_nobody_can_be_logged_in_as_somebody_else(db: PgPool) {
    let stage = Stage::set(db).await;
    let victim = stage.app.browser();
    let form = stage.browser.get("/login").await.form("/login");
    let form = form
        .with("email", &stage.person.email)
        .with("password", PASSWORD);
    victim.submit(&form).await.assert_page(403);
    assert_eq!(victim.cookie("sid"), None);
    assert_eq!(stage.app.count("session", "true").await, 0);
}
