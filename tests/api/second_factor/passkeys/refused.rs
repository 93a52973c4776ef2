//! What leads nobody in.

use sqlx::PgPool;

use super::{Keyed, NEW, ORIGIN, add, assert_late, assert_refused, knock, log_in, question, step};
use crate::{
    harness::{Browser, Device, PASSWORD, minutes, seconds},
    second_factor::{assert_from_the_start, is_logged_in},
};

#[sqlx::test]
async fn an_answer_counts_once_on_all_nodes(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let other = keyed.stage.app.second_node().await;
    let browser = &keyed.browser;
    let (form, options) = question(&browser.get("/login").await, "/login/passkey");
    let form = form.with("credential", &keyed.device.sign(&options));
    let there = browser.at(&other.url);
    let (here, there) = tokio::join!(browser.submit(&form), there.submit(&form));
    let mut led = [here.location(), there.location()];
    led.sort_unstable();
    assert_eq!(led, ["/account", "/login?passkey=late"]);
    browser.forget_cookie("sid");
    assert_late(&browser.submit(&form).await);
    assert!(!is_logged_in(browser).await);
    // What remembers that goes once the challenge is over anyway.
    keyed.stage.app.clock.advance(minutes(6));
    keyed.stage.app.clean().await;
    assert_eq!(keyed.stage.app.count("answered_challenge", "true").await, 0);
    assert_late(&browser.submit(&form).await);
}

#[sqlx::test]
async fn an_answer_is_worth_nothing_in_another_browser(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (form, options) = question(&keyed.browser.get("/login").await, "/login/passkey");
    let signed = keyed.device.sign(&options);
    let thief = keyed.stage.app.browser();
    let own = thief.get("/login").await.form("/login/passkey");
    let stolen = own.with("challenge", form.value("challenge"));
    assert_late(&thief.submit(&stolen.with("credential", &signed)).await);
    assert!(!is_logged_in(&thief).await);
}

#[sqlx::test]
async fn an_answer_is_worth_nothing_for_another_purpose(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    let (login, options) = question(&browser.get("/login").await, "/login/passkey");
    let signed = device.sign(&options);
    // Of a login, at the second step,
    let page = knock(browser, &keyed.stage.person).await;
    let (form, asked) = question(&page, "/login/factor");
    let answer = form
        .clone()
        .with("challenge", login.value("challenge"))
        .with("credential", &signed);
    assert_eq!(browser.submit(&answer).await.status, 422);
    // or of one second step, at another one or for a login.
    let signed = device.sign(&asked);
    let other = knock(browser, &keyed.stage.person).await;
    let other = other.form_with("/login/factor", "challenge");
    let answer = other
        .with("challenge", form.value("challenge"))
        .with("credential", &signed);
    assert_eq!(browser.submit(&answer).await.status, 422);
    let answer = login
        .with("challenge", form.value("challenge"))
        .with("credential", &signed);
    assert_late(&browser.submit(&answer).await);
    assert!(!is_logged_in(browser).await);
}

#[sqlx::test]
async fn a_challenge_is_over_after_five_minutes(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    let (form, options) = question(&browser.get("/login").await, "/login/passkey");
    let form = form.with("credential", &device.sign(&options));
    keyed.stage.app.clock.advance(minutes(5));
    let late = browser.submit(&form).await;
    assert_late(&late);
    let said = browser.get("/login?passkey=late&lang=en").await;
    assert!(said.text().contains("That took too long"), "{said:?}");
    let (form, options) = question(&said, "/login/passkey");
    let form = form.with("credential", &device.sign(&options));
    keyed.stage.app.clock.advance(minutes(5) - seconds(1));
    assert_eq!(browser.submit(&form).await.location(), "/account");
}

#[sqlx::test]
async fn what_is_signed_wrongly_leads_nobody_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    // Who holds the device was not checked,
    device.verifies = false;
    assert_refused(&log_in(browser, device).await);
    device.verifies = true;
    // or the browser was at another site,
    for origin in [
        "http://evil.test",
        "http://localhost:8081",
        "https://localhost:8080",
    ] {
        device.origin = origin.to_owned();
        assert_refused(&log_in(browser, device).await);
    }
    device.origin = ORIGIN.to_owned();
    // or the passkey was made for another one,
    device.party = Some("evil.test".to_owned());
    assert_refused(&log_in(browser, device).await);
    device.party = None;
    // or says it is another's, or nobody's,
    let user = device.user.replace(vec![7; 16]);
    assert_refused(&log_in(browser, device).await);
    device.user = None;
    assert_refused(&log_in(browser, device).await);
    device.user = user;
    // or nobody here knows it.
    assert_refused(&log_in(browser, &mut Device::new(ORIGIN)).await);
    assert!(!is_logged_in(browser).await);
    assert_eq!(log_in(browser, device).await.location(), "/account");
}

#[sqlx::test]
async fn what_is_no_answer_leads_nobody_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let browser = &keyed.browser;
    for odd in ["", "{}", "null", "[]", "\"\"", "{\"id\":1}", "\u{1}"] {
        let (form, _) = question(&browser.get("/login").await, "/login/passkey");
        assert_refused(&browser.submit(&form.with("credential", odd)).await);
        keyed.stage.app.clock.advance(seconds(20));
    }
    let (form, options) = question(&browser.get("/login").await, "/login/passkey");
    let signed = keyed.device.sign(&options);
    // Altered anywhere, it is not what was signed.
    let other = signed.replace("\"type\":\"public-key\"", "\"type\":\"other\"");
    assert_ne!(other, signed);
    let mut parts: serde_json::Value = serde_json::from_str(&signed).unwrap();
    parts["response"]["signature"] = "MEUCIQ".into();
    let forged = form.with("credential", &parts.to_string());
    assert_refused(&browser.submit(&forged).await);
    assert!(!is_logged_in(browser).await);
}

#[sqlx::test]
async fn another_s_passkey_is_no_second_step(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let app = &keyed.stage.app;
    let other = app.person("other@example.com").await;
    let theirs = app.browser();
    theirs.log_in(&other).await;
    let mut device = Device::new(ORIGIN);
    add(&theirs, &mut device).await;
    let page = knock(&keyed.browser, &keyed.stage.person).await;
    for user in [device.user.clone(), None] {
        device.user = user;
        let answer = step(&keyed.browser, &page, &mut device).await;
        assert_eq!(answer.status, 422);
        assert!(!is_logged_in(&keyed.browser).await);
    }
    // It was not used by that.
    assert_eq!(app.count("passkey", "last_used_at is not null").await, 0);
    // Nor does a credential belong to two.
    let (form, options) = question(&keyed.stage.browser.get(NEW).await, NEW);
    let made = form.with("credential", &device.make(&options));
    let own = &keyed.stage.browser;
    let taken = own.submit(&made.with("current", PASSWORD)).await;
    assert_eq!(taken.status, 422);
    assert_eq!(app.count("passkey", "true").await, 2);
}

async fn noted(keyed: Keyed) -> i64 {
    let (db, person) = (keyed.stage.app.db.clone(), keyed.stage.person.id);
    keyed.stage.app.stop().await;
    let noted = "select count(*) from event where kind = 'factor_changed' and detail like '%counter went back%' and account_id = $1";
    let noted = sqlx::query_scalar(noted).bind(person.0);
    noted.fetch_one(&db).await.unwrap()
}

#[sqlx::test]
async fn a_passkey_whose_counter_goes_back_is_refused_and_noted(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (device, browser) = (&mut keyed.device, &keyed.browser);
    device.counter = 10;
    assert_eq!(log_in(browser, device).await.location(), "/account");
    let browser = keyed.stage.app.browser();
    for counter in [5, 10] {
        device.counter = counter;
        assert_refused(&log_in(&browser, device).await);
    }
    let page = knock(&browser, &keyed.stage.person).await;
    device.counter = 3;
    assert_eq!(step(&browser, &page, device).await.status, 422);
    assert!(!is_logged_in(&browser).await);
    device.counter = 20;
    assert_eq!(log_in(&browser, device).await.location(), "/account");
    assert_eq!(noted(keyed).await, 3);
}

#[sqlx::test]
async fn of_two_answers_with_one_counter_one_counts(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let both: [Browser; 2] = std::array::from_fn(|_| keyed.stage.app.browser());
    let mut forms = Vec::new();
    for browser in &both {
        let (form, options) = question(&browser.get("/login").await, "/login/passkey");
        keyed.device.counter = 10;
        forms.push(form.with("credential", &keyed.device.sign(&options)));
    }
    let [one, two] = &both;
    let answers = tokio::join!(one.submit(&forms[0]), two.submit(&forms[1]));
    let mut led = [answers.0.location(), answers.1.location()];
    led.sort_unstable();
    assert_eq!(led, ["/account", "/login?passkey=no"]);
}

#[sqlx::test]
async fn a_disabled_account_has_no_passkey_that_leads_in(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    keyed.stage.app.disable(&keyed.stage.person).await;
    assert_refused(&log_in(&keyed.browser, &mut keyed.device).await);
    assert!(!is_logged_in(&keyed.browser).await);
}

#[sqlx::test]
async fn a_second_step_takes_few_answers(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let (browser, mut wrong) = (&keyed.browser, Device::new(ORIGIN));
    let page = knock(browser, &keyed.stage.person).await;
    for _ in 0..4 {
        assert_eq!(step(browser, &page, &mut wrong).await.status, 422);
    }
    assert_from_the_start(&step(browser, &page, &mut wrong).await);
    let right = browser.type_code(&page, &keyed.recovery[0]).await;
    assert_from_the_start(&right);
}

#[sqlx::test]
async fn after_ten_answers_that_lead_nowhere_an_address_waits(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (stranger, mut wrong) = (keyed.stage.app.browser(), Device::new(ORIGIN));
    for _ in 0..10 {
        assert_refused(&log_in(&stranger, &mut wrong).await);
    }
    log_in(&stranger, &mut keyed.device).await.assert_page(429);
    // The password waits with it, and so does the other node.
    let form = stranger.get("/login").await.form("/login");
    let form = form.with("email", &keyed.stage.person.email);
    let waits = stranger.submit(&form.with("password", PASSWORD)).await;
    waits.assert_page(429);
    let other = keyed.stage.app.second_node().await;
    let there = stranger.at(&other.url);
    log_in(&there, &mut keyed.device).await.assert_page(429);
    keyed.stage.app.clock.advance(seconds(10));
    let entered = log_in(&stranger, &mut keyed.device).await;
    assert_eq!(entered.location(), "/account");
}
