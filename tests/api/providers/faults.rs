//! Providers that say no, that do not answer, and that were switched off: the person always gets a page,
//! and what they were doing goes on.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;

use super::{Scene, button};
use crate::harness::minutes;

#[sqlx::test]
async fn what_a_provider_refuses_is_a_page_that_keeps_the_flow(db: PgPool) {
    let scene = Scene::set(db).await;
    let client = scene.app.client().await;
    let platform = scene.app.platform(&client);
    for (error, status) in [
        ("access_denied", 200),
        ("server_error", 400),
        ("<b>x</b>", 400),
    ] {
        let browser = scene.app.browser();
        let login = browser.get(&platform.url_with(&[])).await;
        let there = scene.leave(&browser, login.location(), "company").await;
        let mut query = scene.there.sign_in(&there);
        query[0] = ("error".to_owned(), error.to_owned());
        let back = scene.come_back(&browser, "company", &query).await;
        back.assert_page(status);
        assert!(!back.body.contains("<b>x"), "{back:?}");
        // The same button leads there again, with the flow.
        let again = browser.submit(&button(&back, "company")).await;
        let query = scene.there.sign_in(again.location());
        let back = scene.come_back(&browser, "company", &query).await;
        assert!(
            back.location().starts_with("/signup/with?flow="),
            "{back:?}"
        );
    }
}

#[sqlx::test]
async fn a_provider_that_fails_or_is_slow_costs_nobody_more_than_a_moment(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    for (token, status) in [
        ((500, json!({})), 503),
        ((302, json!({})), 503),
        ((400, json!({ "error": "invalid_client" })), 400),
        ((200, json!({ "error": "invalid_request" })), 400),
        (
            (200, json!({ "access_token": "x", "token_type": "bearer" })),
            400,
        ),
        (
            (
                200,
                json!({ "access_token": "x", "padding": "x".repeat(300_000) }),
            ),
            503,
        ),
    ] {
        scene
            .there
            .with(|playing| playing.token = Some(token.clone()));
        let back = scene.round_trip(&browser, "/login", "company").await;
        assert_eq!(back.status, status, "{}: {back:?}", token.0);
    }
    assert_eq!(scene.there.count("/elsewhere"), 0);
    scene.there.with(|playing| playing.token = None);

    let there = scene.leave(&browser, "/login", "company").await;
    let query = scene.there.sign_in(&there);
    scene
        .there
        .with(|playing| playing.delay = Duration::from_secs(30));
    let coming = scene.come_back(&browser, "company", &query);
    let back = tokio::time::timeout(Duration::from_secs(15), coming)
        .await
        .unwrap();
    assert_eq!(back.status, 503, "{back:?}");
    assert!(back.header("retry-after").is_some());
    scene.there.with(|playing| playing.delay = Duration::ZERO);
    let back = scene.round_trip(&browser, "/login", "company").await;
    assert_eq!(back.location(), "/signup/with");
    assert_eq!(scene.app.count("session", "true").await, 0);
}

#[sqlx::test]
async fn a_provider_that_is_switched_off_is_refused_at_every_step(db: PgPool) {
    let scene = Scene::set(db).await;
    let connected = scene.newcomer("company").await;
    let person = scene.app.person("haneul@example.com").await;
    let form = "/admin/providers/company";
    let switch = async |to: &str| {
        let action = format!("/admin/providers/company/{to}");
        scene
            .owner
            .fill_in(form, &action, &[])
            .await
            .location()
            .to_owned()
    };
    let browser = scene.app.browser();
    let page = browser.get("/login").await;
    let tap = button(&page, "company");
    let on_the_way = scene
        .there
        .sign_in(&scene.leave(&browser, "/login", "company").await);
    // One who is about to make an account, and one who is about to connect.
    scene.person("person-2", Some(("new@example.com", true)));
    let newcomer = scene.app.browser();
    scene.round_trip(&newcomer, "/login", "company").await;
    let signing_up = newcomer.get("/signup/with").await.form("/signup/with");
    scene.person("person-3", Some(("third@example.com", true)));
    let connecting = scene.app.browser();
    scene.round_trip(&connecting, "/login", "company").await;
    connecting
        .log_in_at("/login", &person.email, crate::harness::PASSWORD)
        .await;
    let connect = connecting
        .get("/login/connect")
        .await
        .form("/login/connect");

    switch("disable").await;
    assert!(!browser.get("/login").await.body.contains("/login/with/"));
    browser.submit(&tap).await.assert_page(403);
    scene
        .come_back(&browser, "company", &on_the_way)
        .await
        .assert_page(403);
    newcomer.submit(&signing_up).await;
    connecting
        .submit(&connect.with("decision", "connect"))
        .await;
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
    assert_eq!(scene.app.count("account", "true").await, 2);
    assert_eq!(scene.app.count("session", "true").await, 2);
    // Who is signed in stays so, and the connection is kept.
    assert_eq!(connected.get("/account").await.status, 200);
    switch("enable").await;
    scene.person("person-1", Some(("sora@example.com", true)));
    let back = scene.round_trip(&browser, "/login", "company").await;
    assert_eq!(back.location(), "/account");
}

#[sqlx::test]
async fn a_provider_that_was_set_up_anew_is_another_one(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let on_the_way = scene
        .there
        .sign_in(&scene.leave(&browser, "/login", "company").await);
    let pending = scene.app.browser();
    scene.round_trip(&pending, "/login", "company").await;
    let signing_up = pending.get("/signup/with").await.form("/signup/with");
    let page = "/admin/providers/company/delete";
    scene.owner.fill_in(page, page, &[]).await.location();
    scene.app.clock.advance(minutes(1));
    scene.set_up("oidc").await;
    scene
        .come_back(&browser, "company", &on_the_way)
        .await
        .assert_page(403);
    pending.submit(&signing_up).await;
    assert_eq!(scene.app.count("account", "true").await, 0);
}

#[sqlx::test]
async fn csr_01_nobody_is_sent_off_or_connected_by_another_site(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = browser.get("/login").await;
    let tap = button(&page, "company");
    assert_eq!(
        browser.get("/login/with/company").await.location(),
        "/login"
    );
    browser
        .submit(&tap.clone().with("csrf", "x"))
        .await
        .assert_page(403);
    let foreign = [("origin", "https://evil.example")];
    browser.submit_with(&tap, &foreign).await.assert_page(403);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains(&format!("form-action 'self' {} https:", scene.there.url)),
        "{policy}"
    );
}
