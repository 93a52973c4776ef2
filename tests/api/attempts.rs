//! Attempts to link: every step is recorded under the support code that error pages show.

use chrono::TimeDelta;
use linkgate::foundation::support_code::SupportCode;
use sqlx::PgPool;

use crate::harness::{
    Answer, Pkce, REDIRECT_URI, Redirect, Stage, TestApp, days, hours, minutes, seconds,
};

/// The support code an error page shows.
#[track_caller]
fn code_on(page: &Answer) -> SupportCode {
    let shown = page.body.split("translate=\"no\">").nth(1);
    let shown = shown.unwrap_or_else(|| panic!("no support code: {}", page.text()));
    shown.split('<').next().unwrap().parse().unwrap()
}

/// Every step of every attempt, a row each.
const WALKED: &str =
    "attempt, jsonb_to_recordset(steps) as walked (step text, reason text, first_at timestamptz,
    times integer, detail text, presented text, registered text)";

/// The steps of the only attempt, or of the one of that code, in their order.
async fn steps(app: &TestApp, code: Option<&SupportCode>) -> String {
    let named = code.map_or_else(
        || "select support_code from attempt".to_owned(),
        |code| format!("select '{}'", code.letters()),
    );
    let sql = format!(
        "select string_agg(step || coalesce(':' || walked.reason, '') || coalesce(' x' || times, ''), ', '
                           order by first_at, step)
         from {WALKED} where support_code = ({named})"
    );
    app.value(&sql).await.unwrap_or_default()
}

/// Waits until the steps are those: they are written behind.
async fn assert_steps(app: &TestApp, code: Option<&SupportCode>, expected: &str) {
    let mut seen = String::new();
    for _ in 0..100 {
        seen = steps(app, code).await;
        if seen == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{seen}\ninstead of\n{expected}");
}

async fn outcome(app: &TestApp) -> String {
    let sql = "select outcome || case when reason = '' then '' else ':' || reason end from attempt";
    app.value(sql).await.unwrap()
}

#[sqlx::test]
async fn every_step_from_the_request_to_the_first_use_is_recorded(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let tick = || stage.app.clock.advance(seconds(1));
    let login = stage.open(&[("scope", "account:email")]).await;
    let login = login.location();
    tick();
    let form = stage.browser.get(login).await.form("/login");
    tick();
    let form = form.with("email", &stage.person.email);
    let wrong = form.clone().with("password", "wrong");
    stage.browser.submit(&wrong).await;
    stage.app.clock.advance(seconds(5));
    stage.browser.submit(&wrong).await;
    tick();
    let right = form.with("password", crate::harness::PASSWORD);
    let consent = stage.browser.submit(&right).await;
    tick();
    let page = stage.browser.get(consent.location()).await;
    tick();
    let code = Redirect::of(&stage.browser.decide(&page, "approve").await);
    tick();
    let tokens = stage.platform.redeem(code.code(), &[]).await;
    let tokens = crate::harness::tokens(&tokens);
    tick();
    stage.platform.refresh(&tokens).await;
    tick();
    assert!(stage.resolves(&tokens).await);
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    assert_eq!(
        steps(&app, None).await,
        "requested, login_shown, login_failed:wrong_password x2, logged_in, consent_shown, approved, code_handed_over, \
         code_redeemed, first_refresh, first_use"
    );
    assert_eq!(outcome(&app).await, "linked");
    let whole =
        "select exists (select from link join attempt using (client_id, account_id, link_id))";
    assert_eq!(app.value(whole).await.as_deref(), Some("true"));
    let detail = format!("select detail from {WALKED} where step = 'requested'");
    let detail = app.value(&detail).await.unwrap();
    assert_eq!(detail, "account:id account:email, without PKCE");
}

#[sqlx::test]
async fn why_a_login_failed_is_for_the_history_alone(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let disabled = stage.app.person("disabled@example.com").await;
    stage.app.disable(&disabled).await;
    let login = stage.open(&[]).await;
    let form = stage.browser.get(login.location()).await.form("/login");
    let mut shown = Vec::new();
    for email in ["nobody@example.com", &disabled.email, &stage.person.email] {
        stage.app.clock.advance(seconds(5));
        let form = form.clone().with("email", email).with("password", "wrong");
        let page = stage.browser.submit(&form).await;
        page.assert_page(422);
        // What the page says apart from what was typed.
        shown.push(page.text().replace(email, ""));
    }
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0], shown[2]);
    // The account is locked by then, but for a moment.
    stage.app.clock.advance(TimeDelta::milliseconds(1));
    for _ in 0..2 {
        let form = form.clone().with("email", &stage.person.email);
        stage.browser.submit(&form.with("password", "wrong")).await;
    }
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    assert_eq!(
        steps(&app, None).await,
        "login_shown, requested, login_failed:unknown_email, login_failed:login_closed, \
         login_failed:wrong_password, login_failed:login_locked x2"
    );
}

#[sqlx::test]
async fn a_later_refresh_or_use_is_no_step(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let tokens = stage.link().await;
    let first = stage.platform.refresh(&tokens).await;
    assert!(stage.resolves(&first).await);
    stage.app.stop().await;

    let app = TestApp::spawn(db.clone()).await;
    app.clock.advance(hours(2));
    let platform = app.platform(&stage.client);
    let later = platform.refresh(&first).await;
    assert_eq!(platform.resolve(&later.access).await.status, 200);
    app.stop().await;

    let app = TestApp::spawn(db).await;
    let sql = format!("select count(*) from {WALKED} where step in ('first_refresh', 'first_use')");
    assert_eq!(app.value(&sql).await.as_deref(), Some("2"));
}

#[sqlx::test]
async fn an_expired_page_shows_the_code_of_its_attempt_and_names_the_platform(db: PgPool) {
    let stage = Stage::set(db).await;
    let login = stage.open(&[]).await;
    stage.browser.get(login.location()).await;
    stage.app.clock.advance(minutes(11));
    let page = stage.browser.get(login.location()).await;
    page.assert_page(400);
    assert!(
        page.text().contains("start again in the Speaker app"),
        "{page:?}"
    );
    let code = code_on(&page);
    let expected = "login_shown, requested, page_failed:flow_expired";
    assert_steps(&stage.app, Some(&code), expected).await;
    assert_eq!(outcome(&stage.app).await, "failed:flow_expired");
}

#[sqlx::test]
async fn a_page_in_another_browser_or_with_a_lost_cookie_belongs_to_its_attempt(db: PgPool) {
    let stage = Stage::set(db).await;
    let login = stage.open(&[]).await;
    let page = stage.app.browser().get(login.location()).await;
    page.assert_page(403);
    let code = code_on(&page);
    let form = stage.browser.get(login.location()).await.form("/login");
    stage.browser.forget_cookie("txn");
    let page = stage.browser.submit(&form).await;
    page.assert_page(403);
    assert_eq!(code_on(&page), code);
    let expected = "login_shown, page_failed:other_browser, page_failed:stale_form, requested";
    assert_steps(&stage.app, Some(&code), expected).await;
}

#[sqlx::test]
async fn an_error_page_speaks_the_language_that_the_platform_named(db: PgPool) {
    let stage = Stage::set(db).await;
    let korean = ("user_locale", "ko_KR");
    let wrong = ("redirect_uri", "https://platform.test/other");
    let refused = stage.open(&[korean, wrong]).await;
    let login = stage.open(&[korean]).await;
    let elsewhere = stage.app.browser().get(login.location()).await;
    for page in [refused, elsewhere] {
        assert!(page.text().contains("문의 코드"), "{page:?}");
    }
}

#[sqlx::test]
async fn a_person_who_declines_ends_the_attempt(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    stage.browser.decide(&page, "deny").await;
    let all = "consent_shown, denied, logged_in, login_shown, requested";
    assert_steps(&stage.app, None, all).await;
    assert_eq!(outcome(&stage.app).await, "declined");
}

#[sqlx::test]
async fn a_wrong_redirect_uri_is_told_apart_from_the_registered_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let wrong = "https://platform.test/callback/";
    let page = stage.open(&[("redirect_uri", wrong)]).await;
    page.assert_page(400);
    let code = code_on(&page);
    let expected = "request_refused:redirect_trailing_slash";
    assert_steps(&stage.app, Some(&code), expected).await;
    let row = format!("select presented || ' ' || registered from {WALKED}");
    let row = stage.app.value(&row).await.unwrap();
    assert_eq!(row, format!("{wrong} {REDIRECT_URI}"));
    assert_eq!(outcome(&stage.app).await, "failed:redirect_trailing_slash");
}

#[sqlx::test]
async fn an_unknown_client_has_a_code_and_no_secret_of_ours_is_kept_of_it(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.open(&[("client_id", "nobody\u{7}")]).await;
    let code = code_on(&page);
    assert_steps(&stage.app, Some(&code), "request_refused:client_unknown").await;
    let secret = stage.client.secret.clone().unwrap();
    let page = stage.open(&[("client_id", &secret)]).await;
    let code = code_on(&page);
    assert_steps(
        &stage.app,
        Some(&code),
        "request_refused:client_id_is_secret",
    )
    .await;
    let presented =
        format!("select string_agg(coalesce(presented, ''), ',' order by first_at) from {WALKED}");
    assert_eq!(stage.app.value(&presented).await.unwrap(), "nobody,");
}

#[sqlx::test]
async fn a_flood_of_one_mistake_is_a_few_attempts_with_a_count(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    for number in 0..40 {
        let wrong = format!("https://evil.test/{number}");
        stage
            .open(&[("redirect_uri", &wrong)])
            .await
            .assert_page(400);
        stage
            .open(&[("client_id", &format!("nobody{number}"))])
            .await;
    }
    for _ in 0..20 {
        stage.open(&[("response_type", "token")]).await.location();
    }
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    assert!(app.count("attempt", "true").await <= 17);
    let times = format!("select sum(coalesce(times, 1)) from {WALKED}");
    let times = app.value(&times).await;
    assert_eq!(times.as_deref(), Some("100"));
}

#[sqlx::test]
async fn a_refused_redemption_belongs_to_the_attempt_of_its_code(db: PgPool) {
    let stage = Stage::set(db).await;
    let verifier = Pkce::default();
    let code = stage
        .approve(&verifier.parameters())
        .await
        .code()
        .to_owned();
    let sent = [
        ("code", code.as_str()),
        ("grant_type", "authorization_code"),
    ];
    let with_secret = |secret| crate::harness::basic(&stage.client.id(), secret);
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={REDIRECT_URI}");
    for _ in 0..3 {
        let header = with_secret("wrong");
        let headers = [("authorization", header.as_str())];
        let refused = stage.platform.post_raw(&body, &headers).await;
        refused.assert_refused(401, "invalid_client");
    }
    stage.app.clock.advance(seconds(1));
    stage
        .platform
        .post_bare(&[sent.as_slice(), &[("client_id", &stage.client.id())]].concat())
        .await;
    stage.app.clock.advance(seconds(1));
    stage.platform.redeem(&code, &[]).await;
    stage.app.clock.advance(seconds(1));
    stage
        .platform
        .redeem(&code, &[("code_verifier", &"x".repeat(43))])
        .await;
    stage.app.clock.advance(seconds(1));
    let other = ("redirect_uri", "https://platform.test/other");
    stage.platform.redeem(&code, &[other]).await;
    stage.app.clock.advance(minutes(3));
    let right = ("code_verifier", verifier.verifier.as_str());
    stage
        .platform
        .redeem(&code, &[right])
        .await
        .assert_refused(400, "invalid_grant");
    let expected = "approved, code_handed_over, consent_shown, logged_in, login_shown, requested, \
         token_refused:secret_wrong x3, token_refused:secret_missing, token_refused:verifier_missing, \
         token_refused:verifier_wrong, token_refused:code_redirect_uri, token_refused:code_expired";
    assert_steps(&stage.app, None, expected).await;
    assert_eq!(outcome(&stage.app).await, "failed:code_expired");
}

#[sqlx::test]
async fn a_token_request_without_a_known_code_is_shown_at_its_client(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.platform.redeem("lg_ac_nonsense", &[]).await;
    stage.platform.redeem("", &[]).await;
    stage
        .platform
        .post_raw("{}", &[("authorization", "Basic eA==")])
        .await;
    stage.platform.post(&[("grant_type", "password")]).await;
    let body = "grant_type=authorization_code&client_id=nobody&client_secret=x";
    stage.platform.post_raw(body, &[]).await;
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    let sql = "select string_agg(coalesce(client_id, '-') || ' ' || reason, ', ' order by reason) from attempt";
    let id = stage.client.id();
    assert_eq!(
        app.value(sql).await.unwrap(),
        format!(
            "- client_unknown, {id} code_missing, {id} code_unknown, - token_request_invalid, - token_request_invalid"
        )
    );
}

#[sqlx::test]
async fn a_link_never_waits_for_its_history(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.app.change_schema("drop table attempt cascade").await;
    let tokens = stage.link().await;
    let refreshed = stage.platform.refresh(&tokens).await;
    assert!(stage.resolves(&refreshed).await);
    for _ in 0..100 {
        let metrics = stage
            .app
            .browser()
            .get(&format!("{}/metrics", stage.app.ops_url))
            .await;
        let lost = metrics
            .body
            .lines()
            .find_map(|line| line.strip_prefix("linkgate_attempt_steps_dropped_total "));
        if lost.unwrap() != "0" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody counted the lost steps");
}

#[sqlx::test]
async fn attempts_are_kept_for_thirty_days(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.link().await;
    stage.app.stop().await;
    let app = TestApp::spawn(db).await;
    app.clock.advance(days(29));
    app.clean().await;
    assert_eq!(app.count("attempt", "true").await, 1);
    app.clock.advance(days(2));
    app.clean().await;
    assert_eq!(app.count("attempt", "true").await, 0);
}
