//! The way to another address, and what counts on it.

use linkgate::admin::AdminRole;
use sqlx::PgPool;

use super::{ASK, DONE, NEW, OLD, Scene, TYPE, ask, ask_with, is_logged_in, type_code};
use crate::harness::{PASSWORD, minutes};

#[sqlx::test]
async fn ses_06_a_changed_address_ends_every_other_login_and_no_link(db: PgPool) {
    let scene = Scene::set(db).await;
    let (stage, app) = (&scene.stage, scene.app());
    let link = stage.link().await;
    let elsewhere = app.browser();
    elsewhere.log_in(&stage.person).await;
    scene.letters().await;

    scene.change_to(NEW).await;
    let told = stage.browser.get(&format!("{DONE}&lang=en")).await.text();
    assert!(told.contains("Your e-mail address is changed"), "{told}");
    assert!(told.contains(NEW), "{told}");
    assert!(is_logged_in(&stage.browser).await);
    assert!(!is_logged_in(&elsewhere).await);
    assert!(stage.resolves(&stage.platform.refresh(&link).await).await);

    let old = elsewhere.log_in_at("/login", OLD, PASSWORD).await;
    assert_eq!(old.status, 422);
    app.clock.advance(minutes(1));
    let new = elsewhere.log_in_at("/login", NEW, PASSWORD).await;
    assert_eq!(new.location(), "/account");
}

#[sqlx::test]
async fn both_addresses_are_told_and_the_old_one_not_the_new_one_in_full(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.change_to(NEW).await;
    let old = scene.mail.letter_to(OLD).await;
    assert_eq!(old.subject, "Linkgate 계정의 이메일 주소가 바뀌었어요");
    assert!(old.text.contains("n…@example.com"), "{}", old.text);
    assert!(!old.raw.contains(NEW), "{}", old.raw);
    let new = scene.mail.letter_to(NEW).await;
    assert!(
        new.subject.contains("이제 이 주소가 Linkgate 계정의"),
        "{new:?}"
    );
    assert!(scene.letters().await.is_empty());
}

#[sqlx::test]
async fn the_history_the_export_and_the_console_know_of_it(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.change_to(NEW).await;
    let all = scene.stage.browser.get("/account/export").await.json();
    assert_eq!(all["account"]["email"], NEW);
    let history = all["history"].as_array().unwrap();
    let line = history.iter().find(|line| line["kind"] == "email_changed");
    assert_eq!(line.unwrap()["detail"], "h…@example.com → n…@example.com");
    let console = scene.app().console(AdminRole::Viewer).await;
    let page = format!("/admin/accounts/{}", scene.stage.person.id);
    let text = console.get(&page).await.text();
    assert!(text.contains("Changed the e-mail address"), "{text}");
    assert!(text.contains(NEW), "{text}");
}

#[sqlx::test]
async fn a_code_changes_an_address_once(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    assert_eq!(type_code(browser, &page, &code).await.location(), DONE);
    // A double tap is no mistake.
    assert_eq!(type_code(browser, &page, &code).await.location(), DONE);
    scene.change_to("third@example.com").await;
    assert_eq!(type_code(browser, &page, &code).await.status, 422);
    assert_eq!(scene.address().await.as_deref(), Some("third@example.com"));
}

#[sqlx::test]
async fn a_code_is_over_after_ten_minutes(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    scene.app().clock.advance(minutes(10));
    let late = type_code(browser, &page, &code).await;
    late.assert_page(422);
    let anew = late.body.split("href=\"/account/email?ticket=").nth(1);
    let anew = anew.unwrap().split('"').next().unwrap();
    // What was typed is there again.
    let again = browser.get(&format!("{ASK}?ticket={anew}")).await;
    assert_eq!(again.form(ASK).value("email"), NEW);
    assert_eq!(scene.address().await.as_deref(), Some(OLD));
}

#[sqlx::test]
async fn a_new_code_ends_the_one_before(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let first = scene.code_for(NEW).await;
    // A double tap sends nothing more.
    ask(browser, NEW).await;
    assert!(scene.letters().await.is_empty());
    scene.app().clock.advance(minutes(1));
    let second = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    assert_eq!(type_code(browser, &page, &first).await.status, 422);
    assert_eq!(type_code(browser, &second, &code).await.location(), DONE);
}

#[sqlx::test]
async fn an_address_that_is_none_or_ones_own_is_refused_before_anything_is_sent(db: PgPool) {
    let scene = Scene::set(db).await;
    for email in ["", "haneul", "a b@example.com", "HANEUL@Example.com"] {
        let refused = ask_with(&scene.stage.browser, email, PASSWORD).await;
        refused.assert_page(422);
        assert!(refused.body.contains("id=\"wrong\""), "{email}");
    }
    assert!(scene.letters().await.is_empty());
    assert_eq!(scene.app().count("mailed_code", "true").await, 0);
}

#[sqlx::test]
async fn a_code_of_another_purpose_is_none_for_this_and_this_none_for_another(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let ticket = page.form(TYPE).value("ticket").to_owned();
    for door in ["/verify", "/signup/finish", "/password/reset"] {
        let elsewhere = browser.get(&format!("{door}?ticket={ticket}")).await;
        assert_eq!(elsewhere.status, 303, "{door}");
    }
    let sign_up = browser.get("/signup").await.form("/signup");
    let asked = browser.submit(&sign_up.with("email", NEW)).await;
    let (_, query) = asked.location().split_once('?').unwrap();
    let other = browser.get(&format!("{TYPE}?{query}")).await;
    assert_eq!(other.location(), ASK);
}

#[sqlx::test]
async fn where_no_mail_arrives_there_is_no_way_to_it(db: PgPool) {
    use crate::harness::{Stage, TestApp, draft};
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.com")];
    let app = TestApp::spawn_with(db, &settings).await;
    let stage = Stage::on(app, draft()).await;
    stage.browser.log_in(&stage.person).await;
    let details = stage.browser.get("/account/you").await;
    assert!(!details.body.contains(ASK), "{details:?}");
    let closed = stage.browser.get(ASK).await;
    assert_eq!(closed.location(), "/account/you");
}
