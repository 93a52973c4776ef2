//! The second step on the way in.

use sqlx::PgPool;

use super::{Guarded, assert_from_the_start, is_logged_in};
use crate::harness::{PASSWORD, Redirect, Stage, minutes, seconds};

#[sqlx::test]
async fn a_right_password_begins_no_session_before_the_second_step(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let browser = &guarded.browser;
    let asked = guarded.knock(browser).await;
    assert_eq!(browser.cookie("sid"), None);
    // Nor is the device known, which would be past the limits of others.
    assert_eq!(browser.cookie("dev"), None);
    assert_eq!(guarded.sessions().await, 0);
    assert!(!is_logged_in(browser).await);
    let page = browser.get(asked.location()).await;
    page.assert_page(200);
    assert!(page.body.contains("autocomplete=\"one-time-code\""));

    let entered = browser.type_code(&asked, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
    assert!(is_logged_in(browser).await);
    assert_eq!(guarded.sessions().await, 1);
}

#[sqlx::test]
async fn a_flow_goes_on_to_the_link_after_the_second_step(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let (stage, browser) = (&guarded.stage, &guarded.browser);
    let login = browser.get(&stage.platform.url_with(&[])).await;
    let asked = guarded.knock_at(browser, login.location()).await;
    let page = browser.get(asked.location()).await;
    assert!(page.text().contains("Speaker"), "{page:?}");
    // The consent page is not to be had by leaving the step out.
    let flow = page.form("/login/factor").value("flow").to_owned();
    let skipped = browser.get(&format!("/consent?flow={flow}")).await;
    assert!(
        skipped.location().starts_with("/login?flow="),
        "{skipped:?}"
    );

    let entered = browser.type_code(&asked, &guarded.code()).await;
    assert!(
        entered.location().starts_with("/consent?flow="),
        "{entered:?}"
    );
    let consent = browser.get(entered.location()).await;
    let redirect = Redirect::of(&browser.decide(&consent, "approve").await);
    assert!(!redirect.code().is_empty());
}

#[sqlx::test]
async fn a_code_of_an_app_counts_once(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let code = guarded.code();
    let asked = guarded.knock(&guarded.browser).await;
    let entered = guarded.browser.type_code(&asked, &code).await;
    assert_eq!(entered.location(), "/account");
    for wait in [0, 20, 20] {
        guarded.stage.app.clock.advance(seconds(wait));
        let again = guarded.stage.app.browser();
        let asked = guarded.knock(&again).await;
        let refused = again.type_code(&asked, &code).await;
        refused.assert_page(422);
        assert_eq!(again.cookie("sid"), None);
    }
    // Nor does a code of an earlier step that was never used.
    guarded.stage.app.clock.advance(minutes(10));
    let now = guarded.stage.app.now();
    let (before, current) = (guarded.app.code(now - seconds(30)), guarded.app.code(now));
    let browser = guarded.stage.app.browser();
    let asked = guarded.knock(&browser).await;
    assert_eq!(
        browser.type_code(&asked, &current).await.location(),
        "/account"
    );
    let asked = guarded.knock(&browser).await;
    assert_eq!(browser.type_code(&asked, &before).await.status, 422);
}

#[sqlx::test]
async fn of_one_code_typed_on_two_nodes_at_once_one_counts(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let other = guarded.stage.app.second_node().await;
    for _ in 0..5 {
        guarded.stage.app.clock.advance(minutes(5));
        let code = guarded.code();
        let (one, two) = (guarded.stage.app.browser(), guarded.stage.app.browser());
        let (first, second) = (guarded.knock(&one).await, guarded.knock(&two).await);
        let two = two.at(&other.url);
        let typed = tokio::join!(one.type_code(&first, &code), two.type_code(&second, &code));
        let mut statuses = [typed.0.status, typed.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
    }
}

#[sqlx::test]
async fn a_step_leads_in_once_and_for_ten_minutes(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let browser = &guarded.browser;
    let asked = guarded.knock(browser).await;
    let page = browser.get(asked.location()).await;
    browser.type_code(&page, &guarded.code()).await;
    guarded.stage.app.clock.advance(minutes(1));
    assert_from_the_start(&browser.type_code(&page, &guarded.code()).await);

    let asked = guarded.knock(browser).await;
    let page = browser.get(asked.location()).await;
    guarded.stage.app.clock.advance(minutes(10));
    assert_from_the_start(&browser.get(asked.location()).await);
    assert_from_the_start(&browser.type_code(&page, &guarded.code()).await);
    let told = browser.get("/login?again=1&lang=en").await.text();
    assert!(told.contains("Please log in again"), "{told}");
    guarded.stage.app.clock.advance(seconds(1));
    guarded.stage.app.clean().await;
    assert_eq!(guarded.stage.app.count("factor_ticket", "true").await, 0);
}

#[sqlx::test]
async fn a_step_leads_in_only_in_the_browser_that_gave_the_password(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    let thief = guarded.stage.app.browser();
    let own = thief.get("/login").await.form("/login");
    assert_from_the_start(&thief.get(asked.location()).await);
    let stolen = page.form("/login/factor").with("csrf", own.value("csrf"));
    let answer = thief.submit(&stolen.with("code", &guarded.code())).await;
    assert_from_the_start(&answer);
    // It was not used up by that.
    let entered = guarded.browser.type_code(&page, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
}

#[sqlx::test]
async fn another_s_code_leads_nobody_in(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let stage = &guarded.stage;
    let other = stage.app.person("other@example.com").await;
    let their_browser = stage.app.browser();
    their_browser.log_in(&other).await;
    let theirs = stage.app.add_app(&their_browser).await;
    let now = stage.app.now();
    let asked = guarded.knock(&guarded.browser).await;
    for code in [theirs.code(now + seconds(30)), theirs.recovery[0].clone()] {
        let refused = guarded.browser.type_code(&asked, &code).await;
        refused.assert_page(422);
    }
    assert!(!is_logged_in(&guarded.browser).await);
    // Their code is not used up either.
    let again = stage.app.browser();
    let asked = again.log_in_at("/login", &other.email, PASSWORD).await;
    let entered = again.type_code(&asked, &theirs.recovery[0]).await;
    assert_eq!(entered.location(), "/account");
}

#[sqlx::test]
async fn a_password_that_changes_between_the_steps_leads_nobody_in(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let stage = &guarded.stage;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    let other = stage.app.person("other@example.com").await;
    let hash = format!(
        "select password_hash from account where email = '{}'",
        other.email
    );
    stage
        .app
        .change(&format!(
            "update account set password_hash = ({hash}) where email = '{}'",
            stage.person.email
        ))
        .await;
    assert_from_the_start(&guarded.browser.type_code(&page, &guarded.code()).await);
    assert!(!is_logged_in(&guarded.browser).await);
}

#[sqlx::test]
async fn a_disabled_account_is_not_led_in_by_its_second_step(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    guarded.stage.app.disable(&guarded.stage.person).await;
    assert_from_the_start(&guarded.browser.type_code(&page, &guarded.code()).await);
}

#[sqlx::test]
async fn what_was_altered_or_made_up_is_no_step(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    let form = page.form("/login/factor").with("code", &guarded.code());
    let ticket = form.value("ticket").to_owned();
    let cut = ticket[..ticket.len() - 4].to_owned();
    for odd in ["", "x", cut.as_str(), &format!("A{ticket}"), "😀"] {
        let answer = guarded
            .browser
            .submit(&form.clone().with("ticket", odd))
            .await;
        assert_from_the_start(&answer);
    }
    for odd in [
        "",
        "0",
        "１２３",
        "\u{0}12345",
        &"9".repeat(5000),
        "😀😀😀😀😀😀",
    ] {
        let asked = guarded.knock(&guarded.browser).await;
        let page = guarded.browser.get(asked.location()).await;
        let answer = guarded.browser.type_code(&page, odd).await;
        assert!(matches!(answer.status, 400 | 422), "{odd:?}: {answer:?}");
    }
    guarded.browser.get("/login/factor").await.location();
}

#[sqlx::test]
async fn csr_01_another_site_can_type_no_code(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    let form = page.form("/login/factor").with("code", &guarded.code());
    let evil = [("origin", "https://evil.test")];
    let answer = guarded.browser.submit_with(&form, &evil).await;
    assert_eq!(answer.status, 403);
    let answer = guarded.browser.submit(&form.clone().without("csrf")).await;
    assert_eq!(answer.status, 403);
    assert_eq!(guarded.browser.submit(&form).await.location(), "/account");
}

#[sqlx::test]
async fn who_has_no_second_factor_is_asked_for_none(db: PgPool) {
    let stage = Stage::set(db).await;
    let guarded = Guarded::on(stage).await;
    let other = guarded.stage.app.person("other@example.com").await;
    guarded.browser.log_in(&other).await;
}
