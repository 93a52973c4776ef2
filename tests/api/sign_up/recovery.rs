//! A new password for one that was forgotten.

use sqlx::PgPool;

use super::{EMAIL, NEW_PASSWORD, Scene, Way, ask, reset, type_code};
use crate::harness::{PASSWORD, TestApp, minutes, tokens};

#[sqlx::test]
async fn a_new_password_ends_every_login_and_no_link(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person(EMAIL).await;
    let client = scene.app.client().await;
    let platform = scene.app.platform(&client);
    let elsewhere = scene.app.browser();
    let redirect = elsewhere.approve(&person, &platform.url_with(&[])).await;
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);

    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::Recovery, &browser, EMAIL).await;
    let done = reset(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(done.location(), "/account");
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(elsewhere.get("/account").await.location(), "/login");
    assert_eq!(platform.resolve(&tokens.access).await.status, 200);
    let letter = scene.mail.letter_to(EMAIL).await;
    assert!(
        letter.subject.contains("비밀번호가 바뀌었어요"),
        "{letter:?}"
    );

    let old = elsewhere.log_in_at("/login", EMAIL, PASSWORD).await;
    assert_eq!(old.status, 422);
    scene.app.clock.advance(minutes(1));
    let new = elsewhere.log_in_at("/login", EMAIL, NEW_PASSWORD).await;
    assert_eq!(new.location(), "/account");
    assert_eq!(scene.app.count("event", "kind = 'password_reset'").await, 1);
}

#[sqlx::test]
async fn a_recovery_goes_on_with_the_linking_it_interrupted(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person(EMAIL).await;
    let client = scene.app.client().await;
    let browser = scene.app.browser();
    let login = browser
        .get(&scene.app.platform(&client).url_with(&[]))
        .await;
    let start = login.location().replace("/login", "/password/forgot");
    let page = ask(&start, &browser, EMAIL).await;
    let typed = type_code(&browser, &page, &scene.code_for(EMAIL).await).await;
    let page = browser.get(typed.location()).await;
    let done = reset(&browser, &page, NEW_PASSWORD).await;
    assert!(done.location().starts_with("/consent?flow="), "{done:?}");
    assert_eq!(browser.get(done.location()).await.status, 200);
}

#[sqlx::test]
async fn an_account_that_was_disabled_meanwhile_gets_no_new_password(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person(EMAIL).await;
    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::Recovery, &browser, EMAIL).await;
    scene.app.disable(&person).await;
    let refused = reset(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(refused.location(), "/password/forgot?again=1");
    scene.app.enable(&person).await;
    browser.log_in(&person).await;
}

#[sqlx::test]
async fn an_address_that_moved_to_another_account_meanwhile_opens_neither(db: PgPool) {
    let scene = Scene::set(db).await;
    let first = scene.app.person(EMAIL).await;
    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::Recovery, &browser, EMAIL).await;
    let moved = |account: &mut linkgate::account::Account| {
        account.email = "moved@example.com".to_owned();
        account.external_id = None;
    };
    scene.app.change_account(&first, moved).await;
    let second = scene.app.person(EMAIL).await;
    let refused = reset(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(refused.location(), "/password/forgot?again=1");
    scene.app.browser().log_in(&second).await;
}

#[sqlx::test]
async fn a_server_that_reaches_nobody_by_mail_says_so(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.com")];
    let app = TestApp::spawn_with(db, &settings).await;
    let browser = app.browser();
    let page = browser.get("/password/forgot").await;
    page.assert_page(200);
    assert!(!page.body.contains("<form"), "{page:?}");
    assert!(page.text().contains("sends no mail"), "{page:?}");
}
