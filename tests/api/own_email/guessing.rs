//! Who may ask, how often, and what guesses come to.

use sqlx::PgPool;

use super::{ASK, DONE, NEW, OLD, Scene, ask, ask_with, is_logged_in, type_code};
use crate::harness::{PASSWORD, minutes};

#[sqlx::test]
async fn nothing_is_sent_without_the_password_which_can_t_be_guessed(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    for _ in 0..20 {
        let refused = ask_with(browser, NEW, "wrong horse").await;
        refused.assert_page(422);
        assert_eq!(refused.form(ASK).value("email"), NEW);
    }
    // Whoever sits at a browser that was left open doesn't get it by guessing.
    assert_eq!(ask_with(browser, NEW, PASSWORD).await.status, 422);
    assert!(scene.letters().await.is_empty());
    scene.app().clock.advance(minutes(16));
    assert_eq!(ask_with(browser, NEW, PASSWORD).await.status, 303);
}

#[sqlx::test]
async fn every_page_and_every_form_needs_a_login(db: PgPool) {
    let scene = Scene::set(db).await;
    let (browser, stranger) = (&scene.stage.browser, scene.app().browser());
    let page = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    for address in [ASK, "/account/email/code"] {
        assert_eq!(stranger.get(address).await.location(), "/login");
    }
    stranger.get("/login").await;
    assert_eq!(type_code(&stranger, &page, &code).await.status, 403);
    assert_eq!(scene.address().await.as_deref(), Some(OLD));
}

#[sqlx::test]
async fn a_code_takes_five_guesses(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..5 {
        assert_eq!(type_code(browser, &page, wrong).await.status, 422);
    }
    assert_eq!(type_code(browser, &page, &code).await.status, 422);
    assert_eq!(scene.address().await.as_deref(), Some(OLD));
}

#[sqlx::test]
async fn an_account_asks_for_ten_codes_an_hour_whatever_the_addresses(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    for n in 0..10 {
        ask(browser, &format!("somebody{n}@example.com")).await;
    }
    let refused = ask_with(browser, NEW, PASSWORD).await;
    refused.assert_page(429);
    let seconds = refused.header("retry-after").unwrap();
    assert!((1..=3600).contains(&seconds.parse::<u32>().unwrap()));
    assert_eq!(scene.letters().await.len(), 10);
    scene.app().clock.advance(minutes(60));
    browser.log_in(&scene.stage.person).await;
    ask(browser, NEW).await;
}

#[sqlx::test]
async fn a_code_is_good_in_the_browser_and_for_the_account_that_asked(db: PgPool) {
    let scene = Scene::set(db).await;
    let (stage, app) = (&scene.stage, scene.app());
    let page = ask(&stage.browser, NEW).await;
    let code = scene.code_for(NEW).await;
    let ticket = page.form("/account/email/code");
    let ticket = format!("/account/email/code?ticket={}", ticket.value("ticket"));
    let elsewhere = app.browser();
    elsewhere.log_in(&stage.person).await;
    let there = elsewhere.get(&ticket).await;
    assert_eq!(type_code(&elsewhere, &there, &code).await.status, 422);
    // The same browser, with another account in it.
    let other = app.person("other@example.com").await;
    stage.browser.log_in(&other).await;
    let theirs = stage.browser.get(&ticket).await;
    assert_eq!(type_code(&stage.browser, &theirs, &code).await.status, 422);
    let stolen = app.count("account", &format!("email = '{NEW}'")).await;
    assert_eq!(stolen, 0);
    // What was tried in vain has not used it up.
    stage.browser.log_in(&stage.person).await;
    let page = stage.browser.get(&ticket).await;
    let done = type_code(&stage.browser, &page, &code).await;
    assert_eq!(done.location(), DONE);
}

#[sqlx::test]
async fn a_code_that_another_account_asked_for_a_moment_ago_is_not_handed_on(db: PgPool) {
    let scene = Scene::set(db).await;
    let (stage, app) = (&scene.stage, scene.app());
    ask(&stage.browser, NEW).await;
    scene.code_for(NEW).await;
    let other = app.person("other@example.com").await;
    stage.browser.log_in(&other).await;
    let page = ask(&stage.browser, NEW).await;
    let code = scene.code_for(NEW).await;
    let done = type_code(&stage.browser, &page, &code).await;
    assert_eq!(done.location(), DONE);
    assert_eq!(scene.address().await.as_deref(), Some(OLD));
}

#[sqlx::test]
async fn who_has_no_password_and_no_second_factor_has_to_have_just_logged_in(db: PgPool) {
    let scene = Scene::set(db).await;
    let (stage, app) = (&scene.stage, scene.app());
    app.change("update account set password_hash = null").await;
    app.clock.advance(minutes(10));
    for (page, action) in [(ASK, ASK), ("/account/delete", "/account/delete")] {
        let shown = stage.browser.get(page).await;
        assert!(shown.body.contains("href=\"/login\""), "{shown:?}");
        assert!(!shown.body.contains(&format!("action=\"{action}\"")));
    }
    // The form of before, or one made up, helps no one.
    let form = stage.browser.get("/account/you").await.form("/account/you");
    for action in [ASK, "/account/delete", "/account/factors/app"] {
        let mut made_up = form.clone().and("email", NEW).and("enrolment", "");
        made_up.action = action.to_owned();
        let answer = stage.browser.submit(&made_up).await;
        assert_ne!(answer.status, 200, "{action}");
    }
    assert!(scene.letters().await.is_empty());
    assert_eq!(app.count("account", "delete_at is not null").await, 0);
    // A moment after a login it asks for nothing.
    app.change("update session set created_at = created_at + interval '10 minutes'")
        .await;
    let form = stage.browser.get(ASK).await.form(ASK);
    let asked = stage.browser.submit(&form.with("email", NEW)).await;
    assert_eq!(asked.status, 303);
    assert!(is_logged_in(&stage.browser).await);
}
