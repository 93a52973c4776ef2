//! Adding second factors and removing them: who may, and who is told.

use sqlx::PgPool;

use super::Guarded;
use crate::harness::{
    Authenticator, MailServer, PASSWORD, Stage, TestApp, draft, hours, recovery_codes, seconds,
};

#[sqlx::test]
async fn an_app_counts_once_it_has_made_a_right_code(db: PgPool) {
    let stage = Stage::set(db).await;
    let (app, browser) = (&stage.app, &stage.browser);
    browser.log_in(&stage.person).await;
    let page = browser.get("/account/factors/app?lang=en").await;
    assert!(page.body.contains("<svg class=\"qr\""), "{page:?}");
    let made = Authenticator::of_page(&page);
    let form = page.form("/account/factors/app").with("current", PASSWORD);
    let wrong = form.clone().with("code", &made.wrong_code(app.now()));
    let again = browser.submit(&wrong).await;
    again.assert_page(422);
    // The same key is shown again: the app has it already.
    let shown = Authenticator::of_page(&again);
    assert_eq!(shown.code(app.now()), made.code(app.now()));
    assert_eq!(app.count("totp", "true").await, 0);
    assert_eq!(app.count("recovery_code", "true").await, 0);
    stage.app.browser().log_in(&stage.person).await;

    let right = form.with("code", &made.code(app.now()));
    let codes = recovery_codes(&browser.submit(&right).await);
    assert_eq!(codes.len(), 10);
    // A double tap shows the same codes, and they count.
    assert_eq!(recovery_codes(&browser.submit(&right).await), codes);
    assert_eq!(app.count("totp", "true").await, 1);
    let other = stage.app.browser();
    let asked = other
        .log_in_at("/login", &stage.person.email, PASSWORD)
        .await;
    // The code that proved the app is used.
    let used = other.type_code(&asked, &made.code(app.now())).await;
    used.assert_page(422);
    assert_eq!(
        other.type_code(&used, &codes[9]).await.location(),
        "/account"
    );
}

#[sqlx::test]
async fn nothing_is_added_or_removed_without_the_password(db: PgPool) {
    let stage = Stage::set(db).await;
    let (app, browser) = (&stage.app, &stage.browser);
    browser.log_in(&stage.person).await;
    let page = browser.get("/account/factors/app").await;
    let made = Authenticator::of_page(&page);
    let form = page.form("/account/factors/app");
    let form = form.with("code", &made.code(app.now()));
    for current in ["", "wrong horse"] {
        let refused = browser.submit(&form.clone().with("current", current)).await;
        refused.assert_page(422);
        assert!(recovery_codes(&refused).is_empty());
    }
    assert_eq!(app.count("totp", "true").await, 0);
    app.clock.advance(hours(1));
    let browser = app.browser();
    browser.log_in(&stage.person).await;
    app.add_app(&browser).await;
    let form = browser.get("/account/factors/app").await;
    let form = form.form("/account/factors/app");
    browser
        .submit(&form.clone().with("current", "wrong horse"))
        .await
        .assert_page(422);
    assert_eq!(app.count("totp", "true").await, 1);
}

#[sqlx::test]
async fn a_removed_app_is_asked_for_no_more(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let (app, own) = (&guarded.stage.app, &guarded.stage.browser);
    let asked = guarded.knock(own).await;
    own.type_code(&asked, &guarded.code()).await;
    let form = own.get("/account/factors/app").await;
    let form = form.form("/account/factors/app").with("current", PASSWORD);
    let removed = own.submit(&form).await;
    assert_eq!(removed.location(), "/account/factors?done=app-removed");
    own.get(removed.location()).await.assert_page(200);
    assert_eq!(app.count("totp", "true").await, 0);
    assert_eq!(app.count("recovery_code", "true").await, 0);
    guarded.browser.log_in(&guarded.stage.person).await;
    // Another one can be added.
    app.clock.advance(seconds(30));
    app.add_app(own).await;
}

#[sqlx::test]
async fn what_one_browser_was_shown_adds_no_app_to_another_s_account(db: PgPool) {
    let stage = Stage::set(db).await;
    let app = &stage.app;
    stage.browser.log_in(&stage.person).await;
    let page = stage.browser.get("/account/factors/app").await;
    let theirs = Authenticator::of_page(&page);
    let shown = page
        .form("/account/factors/app")
        .value("enrolment")
        .to_owned();
    let other = app.person("other@example.com").await;
    let browser = app.browser();
    browser.log_in(&other).await;
    let form = browser.get("/account/factors/app").await;
    let form = form.form("/account/factors/app");
    let form = form.with("enrolment", &shown).with("current", PASSWORD);
    let answer = browser
        .submit(&form.with("code", &theirs.code(app.now())))
        .await;
    assert_eq!(answer.location(), "/account/factors/app");
    assert_eq!(app.count("totp", "true").await, 0);
}

#[sqlx::test]
async fn the_person_is_told_of_every_change(db: PgPool) {
    let mail = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &mail.url)]).await;
    let guarded = Guarded::on(Stage::on(app, draft()).await).await;
    let (stage, own) = (&guarded.stage, &guarded.stage.browser);
    let email = &stage.person.email;
    let told = |text: String, word: &str| assert!(text.contains(word), "{text}");
    told(mail.letter_to(email).await.text, "인증 앱이 추가됐어요");
    let asked = guarded.knock(own).await;
    own.type_code(&asked, &guarded.app.recovery[0]).await;
    told(
        mail.letter_to(email).await.text,
        "복구 코드 하나로 로그인했어요",
    );
    let form = own.get("/account/factors/codes").await;
    let form = form.form("/account/factors/codes");
    own.submit(&form.with("current", PASSWORD)).await;
    told(
        mail.letter_to(email).await.text,
        "복구 코드를 새로 받았어요",
    );
    let form = own.get("/account/factors/app").await;
    let form = form.form("/account/factors/app");
    own.submit(&form.with("current", PASSWORD)).await;
    told(mail.letter_to(email).await.text, "인증 앱이 삭제됐어요");
    let details = "select string_agg(detail, ', ' order by event_id) from event where kind = 'factor_changed'";
    let details = stage.app.value(details).await.unwrap();
    assert_eq!(
        details,
        "authenticator app added, recovery code used, recovery codes renewed, authenticator app removed"
    );
}

#[sqlx::test]
async fn a_dump_of_the_database_makes_no_codes(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let rows = "select (select string_agg(t::text, ' ') from totp t) || (select string_agg(c::text, ' ') from recovery_code c)";
    let rows = guarded.stage.app.value(rows).await.unwrap();
    for code in &guarded.app.recovery {
        let letters = code.replace('-', "");
        let hex: Vec<_> = letters.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!rows.contains(code) && !rows.contains(&letters));
        assert!(!rows.contains(&hex.concat()));
    }
    // A seed opens in its own row alone.
    let other = guarded.stage.app.person("other@example.com").await;
    let browser = guarded.stage.app.browser();
    browser.log_in(&other).await;
    guarded.stage.app.add_app(&browser).await;
    let of = |person: &str| {
        format!(
            "(select t.sealed_seed from totp t join account a using (account_id) where a.email = '{person}')"
        )
    };
    let moved = format!(
        "update totp set sealed_seed = {} where account_id = '{}'",
        of(&other.email),
        guarded.stage.person.id
    );
    guarded.stage.app.change(&moved).await;
    let asked = guarded.knock(&guarded.browser).await;
    let answer = guarded.browser.type_code(&asked, &guarded.code()).await;
    assert_eq!(answer.status, 503);
}

#[sqlx::test]
async fn what_is_kept_of_second_factors_goes_along_and_goes_with_the_account(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let (app, own) = (&guarded.stage.app, &guarded.stage.browser);
    guarded.knock(&guarded.browser).await;
    let asked = guarded.knock(own).await;
    own.type_code(&asked, &guarded.code()).await;
    let export = own.get("/account/export").await.json();
    assert_eq!(export["second_factors"]["recovery_codes_left"], 10);
    assert!(export["second_factors"]["authenticator_app_since"].is_string());
    app.change(&format!(
        "delete from account where account_id = '{}'",
        guarded.stage.person.id
    ))
    .await;
    for table in ["totp", "recovery_code", "factor_ticket"] {
        assert_eq!(app.count(table, "true").await, 0, "{table}");
    }
}
