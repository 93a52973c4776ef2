//! Passkeys of admins: beside the password, never instead of it.

use linkgate::admin::AdminRole::Owner;
use sqlx::PgPool;

use super::{NAMED, NEW as OWN_NEW, ORIGIN, assert_refused, question};
use crate::harness::{Answer, Browser, Device, PASSWORD, TestApp, minutes, recovery_codes};

const REQUIRED: (&str, &str) = ("LINKGATE_ADMIN_SECOND_FACTOR", "required");
const NEW: &str = "/admin/sign-in/passkeys/new";
const STEP: &str = "/admin/login/factor";
const EMAIL: &str = "owner@example.com";

/// An admin with a passkey, and a browser that knows nothing of them.
struct Keyed {
    app: TestApp,
    own: Browser,
    device: Device,
    browser: Browser,
    recovery: Vec<String>,
}

impl Keyed {
    async fn set(db: PgPool) -> Self {
        let app = TestApp::spawn_with(db, &[NAMED, REQUIRED]).await;
        app.admin(EMAIL, Owner).await;
        let own = app.browser();
        own.sign_in(EMAIL).await.location();
        let mut device = Device::new(ORIGIN);
        let recovery = recovery_codes(&add(&own, &mut device).await);
        assert_eq!(recovery.len(), 10);
        let browser = app.browser();
        Self {
            app,
            own,
            device,
            browser,
            recovery,
        }
    }

    async fn page(&self) -> String {
        let id = self.app.value("select passkey_id::text from passkey").await;
        format!("/admin/sign-in/passkeys/{}", id.unwrap())
    }
}

async fn add(browser: &Browser, device: &mut Device) -> Answer {
    let (form, options) = question(&browser.get(NEW).await, NEW);
    let form = form.with("credential", &device.make(&options));
    browser.submit(&form.with("password", PASSWORD)).await
}

/// The right password; gives the page of the second step.
async fn knock(browser: &Browser) -> Answer {
    let asked = browser.sign_in(EMAIL).await;
    assert!(asked.location().starts_with("/admin/login/factor?ticket="));
    assert_eq!(browser.cookie("adm"), None);
    browser.get(asked.location()).await
}

async fn step(browser: &Browser, page: &Answer, device: &mut Device) -> Answer {
    let (form, options) = question(page, STEP);
    let signed = device.sign(&options);
    browser.submit(&form.with("credential", &signed)).await
}

#[sqlx::test]
async fn an_admin_enrols_with_a_passkey_and_signs_in_with_it(db: PgPool) {
    let app = TestApp::spawn_with(db, &[NAMED, REQUIRED]).await;
    app.admin(EMAIL, Owner).await;
    let own = app.browser();
    own.sign_in(EMAIL).await.location();
    let asked = own.get("/admin").await;
    assert_eq!(asked.location(), "/admin/sign-in/app");
    assert!(own.get(asked.location()).await.body.contains(NEW));
    let (form, options) = question(&own.get(NEW).await, NEW);
    let wanted = &options["authenticatorSelection"];
    assert_eq!(wanted["userVerification"], "required");
    assert_eq!(wanted["residentKey"], "discouraged");
    let mut device = Device::new(ORIGIN);
    let form = form.with("credential", &device.make(&options));
    let refused = own.submit(&form.clone().with("password", "wrong")).await;
    refused.assert_page(422);
    assert_eq!(own.get("/admin").await.location(), "/admin/sign-in/app");
    app.clock.advance(minutes(1));
    let form = form.with("password", PASSWORD);
    let codes = recovery_codes(&own.submit(&form).await);
    assert_eq!(codes.len(), 10);
    assert_eq!(recovery_codes(&own.submit(&form).await), codes);
    own.get("/admin").await.assert_page(200);

    let browser = app.browser();
    let page = knock(&browser).await;
    let entered = step(&browser, &page, &mut device).await;
    assert_eq!(entered.location(), "/admin");
    browser.get("/admin").await.assert_page(200);
    let listed = browser.get("/admin/sign-in").await;
    assert!(listed.text().contains("last used"), "{listed:?}");
    let again = app.browser();
    let page = knock(&again).await;
    let code = page.form_with(STEP, "code").with("code", &codes[0]);
    assert_eq!(again.submit(&code).await.location(), "/admin");
}

#[sqlx::test]
async fn an_answer_for_an_admin_counts_once_here_and_now(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    let page = knock(browser).await;
    let (form, options) = question(&page, STEP);
    let signed = device.sign(&options);
    // In another browser, or at another ticket's step,
    let thief = keyed.app.browser();
    let theirs = knock(&thief).await.form_with(STEP, "challenge");
    let stolen = theirs
        .with("challenge", form.value("challenge"))
        .with("credential", &signed);
    assert_eq!(thief.submit(&stolen).await.status, 422);
    let other = knock(browser).await.form_with(STEP, "challenge");
    let moved = other
        .with("challenge", form.value("challenge"))
        .with("credential", &signed);
    assert_eq!(browser.submit(&moved).await.status, 422);
    // or five minutes later,
    let form = form.with("credential", &signed);
    keyed.app.clock.advance(minutes(5));
    assert_eq!(browser.submit(&form).await.status, 422);
    assert_eq!(browser.cookie("adm"), None);
    // or twice.
    let page = knock(browser).await;
    let (form, options) = question(&page, STEP);
    let form = form.with("credential", &device.sign(&options));
    assert_eq!(browser.submit(&form).await.location(), "/admin");
    browser.forget_cookie("adm");
    let twice = browser.submit(&form).await;
    assert!(twice.location().starts_with("/admin/login?again=1"));
    assert_eq!(browser.cookie("adm"), None);
}

#[sqlx::test]
async fn what_is_signed_wrongly_leads_no_admin_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    let mut page = knock(browser).await;
    device.verifies = false;
    page = step(browser, &page, device).await;
    assert_eq!(page.status, 422);
    device.verifies = true;
    device.origin = "http://evil.test".to_owned();
    page = step(browser, &page, device).await;
    assert_eq!(page.status, 422);
    device.origin = ORIGIN.to_owned();
    device.party = Some("evil.test".to_owned());
    page = step(browser, &page, device).await;
    assert_eq!(page.status, 422);
    device.party = None;
    page = step(browser, &page, &mut Device::new(ORIGIN)).await;
    assert_eq!(page.status, 422);
    // A fifth one ends the step.
    let over = step(browser, &page, &mut Device::new(ORIGIN)).await;
    assert!(over.location().starts_with("/admin/login?again=1"));
    assert_eq!(browser.cookie("adm"), None);
    let page = knock(browser).await;
    assert_eq!(step(browser, &page, device).await.location(), "/admin");
}

#[sqlx::test]
async fn an_admin_s_passkey_whose_counter_goes_back_is_refused_and_noted(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    device.counter = 10;
    let page = knock(browser).await;
    assert_eq!(step(browser, &page, device).await.location(), "/admin");
    let browser = keyed.app.browser();
    device.counter = 4;
    let page = knock(&browser).await;
    assert_eq!(step(&browser, &page, device).await.status, 422);
    let db = keyed.app.db.clone();
    keyed.app.stop().await;
    let noted = "select count(*) from event where kind = 'factor_changed' and detail like '%counter went back%' and admin_id is not null";
    let noted: i64 = sqlx::query_scalar(noted).fetch_one(&db).await.unwrap();
    assert_eq!(noted, 1);
}

#[sqlx::test]
async fn a_passkey_of_an_admin_leads_into_no_account_and_the_other_way_round(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let app = &keyed.app;
    let person = app.person("haneul@example.com").await;
    let (form, options) = question(&keyed.browser.get("/login").await, "/login/passkey");
    let signed = keyed.device.sign(&options);
    let answer = keyed
        .browser
        .submit(&form.with("credential", &signed))
        .await;
    assert_refused(&answer);
    let own = app.browser();
    own.log_in(&person).await;
    let mut device = Device::new(ORIGIN);
    let (form, options) = question(&own.get(OWN_NEW).await, OWN_NEW);
    let form = form.with("credential", &device.make(&options));
    own.submit(&form.with("current", PASSWORD)).await;
    assert_eq!(app.count("passkey", "account_id is not null").await, 1);
    let page = knock(&keyed.browser).await;
    for user in [device.user.clone(), None] {
        device.user = user;
        let answer = step(&keyed.browser, &page, &mut device).await;
        assert_eq!(answer.status, 422);
    }
    assert_eq!(keyed.browser.cookie("adm"), None);
}

#[sqlx::test]
async fn a_removed_passkey_leads_no_admin_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let waiting = knock(&keyed.browser).await;
    let page = keyed.page().await;
    let form = keyed.own.get(&page).await.form(&page);
    let refused = keyed.own.submit(&form.clone().with("password", "x")).await;
    refused.assert_page(422);
    keyed.app.clock.advance(minutes(1));
    let removed = keyed.own.submit(&form.with("password", PASSWORD)).await;
    assert_eq!(removed.location(), "/admin/sign-in?done=factor-removed");
    // Whoever has to have one gets another before any page.
    assert_eq!(
        keyed.own.get("/admin").await.location(),
        "/admin/sign-in/app"
    );
    let answer = step(&keyed.browser, &waiting, &mut keyed.device).await;
    assert_eq!(answer.status, 422);
    assert_eq!(keyed.browser.cookie("adm"), None);
    assert_eq!(keyed.app.count("recovery_code", "true").await, 0);
}

#[sqlx::test]
async fn a_disabled_admin_has_no_passkey_that_leads_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let page = knock(&keyed.browser).await;
    keyed
        .app
        .change("update admin set disabled_at = now()")
        .await;
    let answer = step(&keyed.browser, &page, &mut keyed.device).await;
    assert!(answer.location().starts_with("/admin/login?again=1"));
    let code = page.form_with(STEP, "code");
    let code = code.with("code", &keyed.recovery[0]);
    let answer = keyed.browser.submit(&code).await;
    assert!(answer.location().starts_with("/admin/login?again=1"));
    assert_eq!(keyed.browser.cookie("adm"), None);
}
