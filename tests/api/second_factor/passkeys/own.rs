//! Adding passkeys, naming them, and removing them.

use sqlx::PgPool;

use super::{Keyed, NEW, ORIGIN, add, assert_refused, log_in, question};
use crate::harness::{
    Device, MailServer, PASSWORD, Stage, TestApp, draft, minutes, recovery_codes, seconds,
};

#[sqlx::test]
async fn a_double_tap_adds_one_passkey_and_shows_the_codes_that_count(db: PgPool) {
    let app = TestApp::spawn_with(db, &[super::NAMED]).await;
    let stage = Stage::on(app, draft()).await;
    let (app, browser) = (&stage.app, &stage.browser);
    browser.log_in(&stage.person).await;
    let (form, options) = question(&browser.get(NEW).await, NEW);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(
        options["authenticatorSelection"]["userVerification"],
        "required"
    );
    let mut device = Device::new(ORIGIN);
    let form = form
        .with("credential", &device.make(&options))
        .with("current", PASSWORD)
        .with("name", "  Blue\u{7} phone ");
    let codes = recovery_codes(&browser.submit(&form).await);
    assert_eq!(codes.len(), 10);
    assert_eq!(recovery_codes(&browser.submit(&form).await), codes);
    assert_eq!(app.count("passkey", "name = 'Blue phone'").await, 1);
    // A second one has no codes of its own.
    let more = add(browser, &mut Device::new(ORIGIN)).await;
    assert_eq!(more.location(), "/account/factors?done=passkey-added");
    assert_eq!(app.count("recovery_code", "true").await, 10);
    let stranger = app.browser();
    let asked = stranger
        .log_in_at("/login", &stage.person.email, PASSWORD)
        .await;
    assert_eq!(
        stranger.type_code(&asked, &codes[3]).await.location(),
        "/account"
    );
}

#[sqlx::test]
async fn no_passkey_is_added_without_the_password_or_a_right_answer(db: PgPool) {
    let app = TestApp::spawn_with(db, &[super::NAMED]).await;
    let stage = Stage::on(app, draft()).await;
    let (app, browser) = (&stage.app, &stage.browser);
    browser.log_in(&stage.person).await;
    let mut device = Device::new(ORIGIN);
    let (form, options) = question(&browser.get(NEW).await, NEW);
    let made = form.with("credential", &device.make(&options));
    for current in ["", "wrong horse"] {
        let refused = browser.submit(&made.clone().with("current", current)).await;
        refused.assert_page(422);
    }
    app.clock.advance(minutes(1));
    device.verifies = false;
    assert_eq!(add(browser, &mut device).await.status, 422);
    device.verifies = true;
    device.origin = "http://evil.test".to_owned();
    assert_eq!(add(browser, &mut device).await.status, 422);
    device.origin = ORIGIN.to_owned();
    device.party = Some("evil.test".to_owned());
    assert_eq!(add(browser, &mut device).await.status, 422);
    device.party = None;
    // Another's challenge, or one that is over.
    let other = app.person("other@example.com").await;
    let theirs = app.browser();
    theirs.log_in(&other).await;
    let (form, _) = question(&theirs.get(NEW).await, NEW);
    let stolen = form
        .with("credential", made.value("credential"))
        .with("challenge", made.value("challenge"))
        .with("current", PASSWORD);
    assert_eq!(theirs.submit(&stolen).await.status, 422);
    let stolen = stolen.with("enrolment", made.value("enrolment"));
    assert_eq!(theirs.submit(&stolen).await.location(), NEW);
    app.clock.advance(minutes(5));
    let late = browser.submit(&made.with("current", PASSWORD)).await;
    assert_eq!(late.status, 422);
    for table in ["passkey", "recovery_code"] {
        assert_eq!(app.count(table, "true").await, 0, "{table}");
    }
    assert_eq!(recovery_codes(&add(browser, &mut device).await).len(), 10);
}

#[sqlx::test]
async fn a_removed_passkey_leads_nobody_in_and_is_asked_for_no_more(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (app, own) = (&keyed.stage.app, &keyed.stage.browser);
    let page = keyed.page().await;
    let listed = own.get("/account/factors").await;
    assert!(listed.body.contains(&page), "{listed:?}");
    let form = own.get(&page).await.form_with(&page, "rename");
    let named = own.submit(&form.with("name", "Blue phone")).await;
    let listed = own.get(named.location()).await;
    assert!(listed.text().contains("Blue phone"), "{listed:?}");
    let form = own.get(&page).await.form_with(&page, "current");
    let refused = own.submit(&form.clone().with("current", "wrong")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(app.count("passkey", "true").await, 1);
    app.clock.advance(seconds(30));
    let form = form.with("current", PASSWORD);
    // A double tap is told the same.
    for _ in 0..2 {
        let removed = own.submit(&form).await;
        assert_eq!(removed.location(), "/account/factors?done=passkey-removed");
    }
    assert_refused(&log_in(&keyed.browser, &mut keyed.device).await);
    keyed.browser.log_in(&keyed.stage.person).await;
    assert_eq!(app.count("recovery_code", "true").await, 0);
}

#[sqlx::test]
async fn nobody_touches_another_s_passkey(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let app = &keyed.stage.app;
    let page = keyed.page().await;
    let form = keyed.stage.browser.get(&page).await;
    let (rename, remove) = (
        form.form_with(&page, "rename"),
        form.form_with(&page, "current"),
    );
    let other = app.person("other@example.com").await;
    let theirs = app.browser();
    theirs.log_in(&other).await;
    assert_eq!(theirs.get(&page).await.status, 404);
    let csrf = theirs.get("/account/factors/app").await;
    let csrf = csrf.form("/account/factors/app");
    let csrf = csrf.value("csrf");
    let renamed = rename.with("csrf", csrf).with("name", "Mine");
    assert_eq!(theirs.submit(&renamed).await.status, 404);
    let removed = remove.with("csrf", csrf).with("current", PASSWORD);
    theirs.submit(&removed).await;
    assert_eq!(app.count("passkey", "name <> 'Mine'").await, 1);
    assert_eq!(theirs.get("/account/factors/passkeys/x").await.status, 404);
}

#[sqlx::test]
async fn the_only_passkey_stays_where_there_is_no_other_way_in(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let (app, own) = (&keyed.stage.app, &keyed.stage.browser);
    app.change("update account set password_hash = null").await;
    let page = keyed.page().await;
    let form = own.get(&page).await.form_with(&page, "current");
    let kept = own
        .submit(&form.clone().with("current", &keyed.recovery[0]))
        .await;
    assert_eq!(kept.status, 409);
    assert!(kept.body.contains("/password/forgot"), "{kept:?}");
    assert_eq!(app.count("passkey", "true").await, 1);
    // With another one it goes.
    let (form_new, options) = question(&own.get(NEW).await, NEW);
    let made = Device::new(ORIGIN).make(&options);
    let made = form_new.with("credential", &made);
    let added = own.submit(&made.with("current", &keyed.recovery[1])).await;
    assert_eq!(added.location(), "/account/factors?done=passkey-added");
    let gone = own.submit(&form.with("current", &keyed.recovery[2])).await;
    assert_eq!(gone.location(), "/account/factors?done=passkey-removed");
    assert_eq!(app.count("passkey", "true").await, 1);
}

#[sqlx::test]
async fn with_a_passkey_the_last_provider_may_go(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let (app, own) = (&keyed.stage.app, &keyed.stage.browser);
    let provider =
        "insert into provider (provider_id, kind, client_id, client_secret, created_at, updated_at)
         values ('line', 'line', 'x', 'x', now(), now())";
    app.change(provider).await;
    let connection = "insert into connected_sign_in (connection_id, provider_id, subject, account_id, connected_at)
         select gen_random_uuid(), 'line', 'x', account_id, now() from account";
    app.change(connection).await;
    app.change("update account set password_hash = null").await;
    let page = own.get("/account/security").await;
    let form = page.form_with("/account/connections", "connection");
    assert_eq!(own.submit(&form).await.location(), "/account/security");
    assert_eq!(app.count("connected_sign_in", "true").await, 0);
    let entered = log_in(&keyed.browser, &mut keyed.device).await;
    assert_eq!(entered.location(), "/account");
}

#[sqlx::test]
async fn the_person_is_told_of_passkeys_that_come_and_go(db: PgPool) {
    let mail = MailServer::open().await;
    let keyed = Keyed::set_with(db, &[("LINKGATE_SMTP_URL", &mail.url)]).await;
    let (own, email) = (&keyed.stage.browser, &keyed.stage.person.email);
    let told = mail.letter_to(email).await.text;
    assert!(told.contains("패스키가 추가됐어요"), "{told}");
    let page = keyed.page().await;
    let form = own.get(&page).await.form_with(&page, "current");
    own.submit(&form.with("current", PASSWORD)).await.location();
    let told = mail.letter_to(email).await.text;
    assert!(told.contains("패스키가 삭제됐어요"), "{told}");
    let details = "select string_agg(detail, ', ' order by event_id) from event where kind = 'factor_changed'";
    let details = keyed.stage.app.value(details).await.unwrap();
    assert_eq!(details, "passkey added, passkey removed");
}
