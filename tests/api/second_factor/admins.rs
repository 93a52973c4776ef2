//! Second factors of admins: who has to have one, and what becomes of one that is lost.

use linkgate::admin::AdminRole::{Operator, Owner};
use sqlx::PgPool;

use super::Guarded;
use crate::harness::{
    Answer, Authenticator, Browser, PASSWORD, Stage, TestApp, days, hours, recovery_codes, seconds,
};

const REQUIRED: [(&str, &str); 1] = [("LINKGATE_ADMIN_SECOND_FACTOR", "required")];
const EMAIL: &str = "owner@example.com";
const APP: &str = "/admin/sign-in/app";

/// Has an admin who is signed in there add an app.
async fn enrol(app: &TestApp, browser: &Browser) -> Authenticator {
    let page = browser.get(APP).await;
    page.assert_page(200);
    let mut made = Authenticator::of_page(&page);
    let form = page.form(APP).with("code", &made.code(app.now()));
    let shown = browser.submit(&form.with("password", PASSWORD)).await;
    shown.assert_page(200);
    made.recovery = recovery_codes(&shown);
    assert_eq!(made.recovery.len(), 10, "{shown:?}");
    made
}

async fn type_code(browser: &Browser, answer: &Answer, code: &str) -> Answer {
    let page = if answer.status == 303 {
        browser.get(answer.location()).await
    } else {
        answer.clone()
    };
    let form = page.form("/admin/login/factor").with("code", code);
    browser.submit(&form).await
}

/// The right password; gives what leads to the second step.
async fn knock(browser: &Browser) -> Answer {
    let answer = browser.sign_in(EMAIL).await;
    assert!(
        answer.location().starts_with("/admin/login/factor?ticket="),
        "{answer:?}"
    );
    assert_eq!(browser.cookie("adm"), None);
    answer
}

#[sqlx::test]
async fn an_admin_without_a_second_factor_gets_one_before_any_page(db: PgPool) {
    let app = TestApp::spawn_with(db, &REQUIRED).await;
    app.admin(EMAIL, Owner).await;
    let browser = app.browser();
    browser.sign_in(EMAIL).await;
    for page in [
        "/admin",
        "/admin/clients",
        "/admin/admins",
        "/admin/accounts/new",
        "/admin/sign-in/codes",
    ] {
        assert_eq!(browser.get(page).await.location(), APP, "{page}");
    }
    let form = browser.get(APP).await.form(APP);
    let mut other = form.clone();
    other.action = "/admin/settings".to_owned();
    assert_eq!(
        browser.submit(&other.with("name", "Mine")).await.location(),
        APP
    );
    assert_eq!(app.count("service", "name = 'Mine'").await, 0);

    enrol(&app, &browser).await;
    browser.get("/admin").await.assert_page(200);
    browser.get("/admin/settings").await.assert_page(200);
}

#[sqlx::test]
async fn where_it_is_optional_an_admin_adds_one_by_choice(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    browser.get("/admin/sign-in").await.assert_page(200);
    let made = enrol(&app, &browser).await;
    app.clock.advance(hours(1));
    let again = app.browser();
    let asked = knock(&again).await;
    let entered = type_code(&again, &asked, &made.code(app.now())).await;
    assert_eq!(entered.location(), "/admin");
    again.get("/admin").await.assert_page(200);
    // Removed, it is asked for no more.
    let form = again.get(APP).await.form(APP);
    again
        .submit(&form.clone().with("password", "wrong"))
        .await
        .assert_page(422);
    assert_eq!(app.count("totp", "true").await, 1);
    app.clock.advance(seconds(5));
    let removed = again.submit(&form.with("password", PASSWORD)).await;
    assert_eq!(removed.location(), "/admin/sign-in?done=factor-removed");
    assert_eq!(app.browser().sign_in(EMAIL).await.location(), "/admin");
}

#[sqlx::test]
async fn an_admin_s_codes_count_once_and_take_few_guesses(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let own = app.console(Owner).await;
    let made = enrol(&app, &own).await;
    app.clock.advance(days(1));
    let code = made.code(app.now());
    let browser = app.browser();
    let asked = knock(&browser).await;
    assert_eq!(
        type_code(&browser, &asked, &code).await.location(),
        "/admin"
    );
    let wrong = made.wrong_code(app.now());
    for typed in [&code, &wrong, &wrong, &wrong] {
        let stranger = app.browser();
        let asked = knock(&stranger).await;
        type_code(&stranger, &asked, typed).await.assert_page(422);
    }
    let stranger = app.browser();
    let asked = knock(&stranger).await;
    let page = stranger.get(asked.location()).await;
    type_code(&stranger, &page, &wrong).await.assert_page(422);
    type_code(&stranger, &page, &wrong).await.assert_page(429);
    // A recovery code is looked at, once.
    let entered = type_code(&stranger, &page, &made.recovery[0]).await;
    assert_eq!(entered.location(), "/admin");
    let stranger = app.browser();
    let asked = knock(&stranger).await;
    type_code(&stranger, &asked, &made.recovery[0])
        .await
        .assert_page(422);
}

#[sqlx::test]
async fn a_sign_in_leads_on_to_where_it_was_to_lead_after_the_second_step(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let own = app.console(Owner).await;
    let made = enrol(&app, &own).await;
    app.clock.advance(days(1));
    let browser = app.browser();
    let form = browser.get("/admin/login?next=/admin/links").await;
    let form = form.form("/admin/login").with("email", EMAIL);
    let asked = browser.submit(&form.with("password", PASSWORD)).await;
    let page = browser.get(asked.location()).await;
    let form = page
        .form("/admin/login/factor")
        .with("code", &made.code(app.now()));
    let evil = form
        .clone()
        .with("next", "//evil.test")
        .with("code", "000000x");
    let again = browser.submit(&evil).await;
    assert_eq!(again.form("/admin/login/factor").value("next"), "/admin");
    assert_eq!(browser.submit(&form).await.location(), "/admin/links");
}

#[sqlx::test]
async fn a_person_s_step_leads_into_no_console_and_an_admin_s_to_no_account(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let app = &guarded.stage.app;
    let own = app.console(Owner).await;
    let made = enrol(app, &own).await;
    let browser = app.browser();
    let theirs = guarded.knock(&browser).await;
    let admins = knock(&browser).await;
    let ticket = |answer: &Answer| {
        let query = answer.location().split("ticket=").nth(1).unwrap();
        query.split('&').next().unwrap().to_owned()
    };
    let form = browser
        .get(admins.location())
        .await
        .form("/admin/login/factor");
    let stolen = form
        .with("ticket", &ticket(&theirs))
        .with("code", &guarded.code());
    let answer = browser.submit(&stolen).await;
    assert!(answer.location().starts_with("/admin/login?again=1"));
    let form = browser.get(theirs.location()).await.form("/login/factor");
    let stolen = form
        .with("ticket", &ticket(&admins))
        .with("code", &made.recovery[0]);
    let answer = browser.submit(&stolen).await;
    assert!(answer.location().starts_with("/login?again=1"));
}

#[sqlx::test]
async fn an_owner_clears_another_admin_s_second_factors(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    let other = app.admin("other@example.com", Operator).await;
    let theirs = app.browser();
    theirs.sign_in(&other.email).await;
    enrol(&app, &theirs).await;
    let page = format!("/admin/admins/{}/factors", other.id);
    // An operator may not.
    assert_eq!(theirs.get(&page).await.status, 403);
    let cleared = browser.submit(&browser.get(&page).await.form(&page)).await;
    assert_eq!(cleared.location(), "/admin/admins?done=factors-cleared");
    assert_eq!(app.count("totp", "true").await, 0);
    assert_eq!(app.count("recovery_code", "true").await, 0);
    assert!(
        theirs
            .get("/admin")
            .await
            .location()
            .starts_with("/admin/login")
    );
    assert_eq!(
        app.browser().sign_in(&other.email).await.location(),
        "/admin"
    );
    app.stop().await;
}

#[sqlx::test]
async fn an_operator_clears_a_person_s_second_factors_and_the_person_is_told(db: PgPool) {
    let guarded = Guarded::on(Stage::set(db).await).await;
    let (app, person) = (&guarded.stage.app, &guarded.stage.person);
    let console = app.console(Operator).await;
    let page = format!("/admin/accounts/{}/factors", person.id);
    let shown = console.get(&format!("/admin/accounts/{}", person.id)).await;
    assert!(shown.body.contains(&page), "{shown:?}");
    console
        .submit(&console.get(&page).await.form(&page))
        .await
        .location();
    guarded.browser.log_in(person).await;
    let told = "kind = 'factor_changed' and detail = 'all second factors cleared' and admin_id is not null";
    assert_eq!(app.count("event", told).await, 1);
    assert_eq!(app.count("recovery_code", "true").await, 0);
}
