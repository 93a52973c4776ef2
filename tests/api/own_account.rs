//! What people do about their own accounts: sessions, details, export, deletion.

use linkgate::admin::AdminRole;
use sqlx::PgPool;

use crate::harness::{Browser, PASSWORD, Person, Stage, TestApp, days, hours, minutes};

const NAVER: &str = "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/131.0.0.0 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.9.3)";

/// Logs in with a browser that says it is the NAVER app.
async fn log_in_with_naver(browser: &Browser, person: &Person) {
    let form = browser.get("/login?lang=en").await.form("/login");
    let form = form.with("email", &person.email).with("password", PASSWORD);
    let answer = browser.submit_with(&form, &[("user-agent", NAVER)]).await;
    assert_eq!(answer.location(), "/account");
}

async fn is_logged_in(browser: &Browser) -> bool {
    browser.get("/account/security").await.status == 200
}

async fn ask_deletion(browser: &Browser, password: &str) -> u16 {
    let form = browser.get("/account/delete").await.form("/account/delete");
    browser.submit(&form.with("current", password)).await.status
}

#[sqlx::test]
async fn every_page_and_every_form_needs_a_login(db: PgPool) {
    let stage = Stage::set(db).await;
    let stranger = stage.app.browser();
    for page in ["security", "you", "export", "delete"] {
        let answer = stranger.get(&format!("/account/{page}")).await;
        assert_eq!(answer.location(), "/login", "{page}");
    }
    // A form of somebody's is worth nothing to a stranger.
    stage.browser.log_in(&stage.person).await;
    let page = stage.browser.get("/account/you").await;
    stranger.get("/login").await;
    let stolen = page.form("/account/you").with("name", "Stranger");
    assert_eq!(stranger.submit(&stolen).await.status, 403);
    assert_eq!(stage.app.count("account", "name = 'Stranger'").await, 0);
}

#[sqlx::test]
async fn sessions_are_told_by_device_and_ended_one_by_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let (here, there) = (stage.app.browser(), stage.app.browser());
    log_in_with_naver(&there, &stage.person).await;
    here.log_in(&stage.person).await;
    let page = here.get("/account/security?lang=en").await;
    let text = page.text();
    assert!(text.contains("NAVER · Android"), "{text}");
    assert!(
        text.contains("Unknown device") && text.contains("this one"),
        "{text}"
    );
    // The first form is the other session's: this browser's own has none.
    let answer = here.submit(&page.form("/account/security")).await;
    assert_eq!(answer.location(), "/account/security?ended=1");
    assert!(!is_logged_in(&there).await);
    assert!(is_logged_in(&here).await);
    let text = here.get("/account/security?ended=1").await.text();
    assert!(
        text.contains("Logged out.") && !text.contains("NAVER"),
        "{text}"
    );
    // On a page that is no longer true it does no harm.
    let again = here.submit(&page.form("/account/security")).await;
    assert_eq!(again.status, 303);
}

#[sqlx::test]
async fn ses_06_logging_out_everywhere_else_ends_all_but_this_session_and_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let others = [stage.app.browser(), stage.app.browser()];
    for browser in &others {
        browser.log_in(&stage.person).await;
    }
    let form = stage.browser.get("/account/security").await;
    let form = form.form("/account/security").with("session", "others");
    stage.browser.submit(&form).await;
    for browser in &others {
        assert!(!is_logged_in(browser).await);
    }
    assert!(is_logged_in(&stage.browser).await);
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn adm_02_nobody_ends_a_session_of_another(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let (victim, attacker) = (
        app.person("v@example.com").await,
        app.person("a@example.com").await,
    );
    let (victims, second, attackers) = (app.browser(), app.browser(), app.browser());
    victims.log_in(&victim).await;
    second.log_in(&victim).await;
    attackers.log_in(&attacker).await;
    app.browser().log_in(&attacker).await;
    let named = victims.get("/account/security").await;
    let named = named.form("/account/security").value("session").to_owned();
    let form = attackers.get("/account/security").await;
    let form = form.form("/account/security");
    for session in [named.as_str(), "others"] {
        let form = form.clone().with("session", session);
        assert_eq!(attackers.submit(&form).await.status, 303);
    }
    assert!(is_logged_in(&victims).await && is_logged_in(&second).await);
    for session in ["", "AA", "x", "' or true --"] {
        let form = form.clone().with("session", session);
        attackers.submit(&form).await.assert_page(404);
    }
    assert!(is_logged_in(&attackers).await);
}

#[sqlx::test]
async fn a_session_that_is_over_is_not_listed(db: PgPool) {
    let stage = Stage::set(db).await;
    log_in_with_naver(&stage.app.browser(), &stage.person).await;
    stage.app.clock.advance(hours(1));
    stage.browser.log_in(&stage.person).await;
    let text = stage.browser.get("/account/security").await.text();
    assert!(!text.contains("NAVER"), "{text}");
}

#[sqlx::test]
async fn a_name_and_a_language_are_changed_and_seen_by_the_platform(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let form = stage.browser.get("/account/you").await.form("/account/you");
    let changed = form.clone().with("name", " 김바다 ").with("language", "ja");
    let answer = stage.browser.submit(&changed).await;
    assert_eq!(answer.location(), "/account/you?saved=1&lang=ja");
    let page = stage.browser.get(answer.location()).await;
    assert!(page.body.contains("<html lang=\"ja\">"), "{page:?}");
    // The browser remembers the language.
    let again = stage.browser.get("/account").await;
    assert!(again.body.contains("<html lang=\"ja\">"), "{again:?}");
    let stored = "select name || ' ' || locale from account";
    assert_eq!(stage.app.value(stored).await.as_deref(), Some("김바다 ja"));

    let refused = stage.browser.submit(&form.clone().with("name", "  ")).await;
    refused.assert_page(422);
    let refused = stage.browser.submit(&form.with("language", "tlh")).await;
    refused.assert_page(400);
    assert_eq!(stage.app.value(stored).await.as_deref(), Some("김바다 ja"));
}

#[sqlx::test]
async fn an_export_has_everything_of_the_person_and_no_secret(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.link().await;
    stage.app.person("somebody.else@example.com").await;
    let answer = stage.browser.get("/account/export").await;
    let shown = answer.header("content-disposition");
    assert_eq!(shown, Some("attachment; filename=\"account.json\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let all = answer.json();
    assert_eq!(all["account"]["email"], stage.person.email);
    assert_eq!(all["links"][0]["app"], "Speaker");
    assert_eq!(all["links"][0]["state"], "active");
    assert_eq!(all["sessions"].as_array().unwrap().len(), 1);
    for secret in ["argon2", "somebody.else", "lg_", "hash"] {
        assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
    }
}

#[sqlx::test]
async fn an_account_is_deleted_a_week_after_its_person_asked_and_not_before(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    assert_eq!(ask_deletion(&stage.browser, PASSWORD).await, 303);
    let text = stage.browser.get("/account?lang=en").await.text();
    assert!(text.contains("will be deleted on 11 May 2026"), "{text}");
    stage.app.clock.advance(days(7) - hours(1));
    stage.app.clean().await;
    let kept = stage.platform.refresh(&link).await;
    assert!(stage.resolves(&kept).await);
    stage.app.clock.advance(hours(1));
    stage.app.clean().await;
    assert!(!stage.resolves(&kept).await);
    assert_eq!(stage.app.count("account", "true").await, 0);
    assert_eq!(stage.app.count("link", "true").await, 0);
    assert_eq!(stage.app.count("session", "true").await, 0);
    let told = "select string_agg(kind || ' ' || detail, ', ' order by event_id) from event
                where kind in ('link_ended', 'account_deleted')";
    let told = stage.app.value(told).await;
    assert_eq!(
        told.as_deref(),
        Some("link_ended account, account_deleted ")
    );
}

#[sqlx::test]
async fn who_thinks_better_of_it_keeps_account_and_links(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    ask_deletion(&stage.browser, PASSWORD).await;
    // An admin who looks sees it coming.
    let console = stage.app.console(AdminRole::Viewer).await;
    let seen = console
        .get(&format!("/admin/accounts/{}", stage.person.id))
        .await;
    assert!(seen.text().contains("Asked for"), "{seen:?}");
    stage.app.clock.advance(days(6));
    stage.browser.log_in(&stage.person).await;
    let page = stage.browser.get("/account").await;
    stage.browser.submit(&page.form("/account/keep")).await;
    stage.app.clock.advance(days(2));
    stage.app.clean().await;
    assert_eq!(stage.app.only_link().await, "active");
    assert_eq!(stage.app.count("account", "delete_at is null").await, 1);
}

#[sqlx::test]
async fn deleting_needs_the_password_and_its_guesses_are_counted(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    for _ in 0..20 {
        assert_eq!(ask_deletion(&stage.browser, "wrong horse").await, 422);
    }
    // Whoever sits at a browser that was left open doesn't get it by guessing.
    assert_eq!(ask_deletion(&stage.browser, PASSWORD).await, 422);
    assert_eq!(stage.app.count("account", "delete_at is not null").await, 0);
    stage.app.clock.advance(minutes(16));
    assert_eq!(ask_deletion(&stage.browser, PASSWORD).await, 303);
}
