//! From the address to the account, also in the middle of linking.

use sqlx::PgPool;

use super::{EMAIL, NAME, NEW_PASSWORD, Scene, Way, ask, finish, type_code};
use crate::harness::{Redirect, TestApp, minutes, tokens};

#[sqlx::test]
async fn a_person_signs_up_on_the_way_to_linking_and_goes_on_where_they_were(db: PgPool) {
    let scene = Scene::set(db).await;
    let client = scene.app.client().await;
    let platform = scene.app.platform(&client);
    let browser = scene.app.browser();
    let login = browser
        .get(&platform.url_with(&[("ui_locales", "ko")]))
        .await;
    let login = browser.get(login.location()).await;
    let start = login.body.split("href=\"/signup?").nth(1).unwrap();
    let start = format!("/signup?{}", start.split('"').next().unwrap());
    let page = ask(&start, &browser, EMAIL).await;
    assert!(page.text().contains("Speaker"), "{page:?}");
    let letter = scene.mail.letter_to(EMAIL).await;
    let typed = type_code(&browser, &page, &letter.code().unwrap()).await;
    assert!(typed.location().starts_with("/signup/finish?"));
    let page = browser.get(typed.location()).await;
    assert_eq!(scene.app.count("account", "true").await, 0);

    let done = finish(&browser, &page, NEW_PASSWORD).await;
    assert!(done.location().starts_with("/consent?flow="), "{done:?}");
    let consent = browser.get(done.location()).await;
    assert!(consent.text().contains(NAME) && consent.text().contains(EMAIL));
    let redirect = Redirect::of(&browser.decide(&consent, "approve").await);
    let tokens = tokens(&platform.redeem(redirect.code(), &[]).await);
    let resolved = platform.resolve(&tokens.access).await.json();
    assert_eq!(resolved["account"]["email"], EMAIL);
    assert_eq!(resolved["account"]["name"], NAME);
    assert_eq!(scene.app.count("event", "kind = 'signed_up'").await, 1);
}

#[sqlx::test]
async fn a_new_account_logs_in_with_its_password_anywhere(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::SignUp, &browser, EMAIL).await;
    let done = finish(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(done.location(), "/account");
    assert_eq!(browser.get("/account").await.status, 200);
    let other = scene.app.browser();
    let in_capitals = EMAIL.to_uppercase();
    let answer = other.log_in_at("/login", &in_capitals, NEW_PASSWORD).await;
    assert_eq!(answer.location(), "/account");
}

#[sqlx::test]
async fn a_flow_whose_time_is_over_costs_nobody_the_account(db: PgPool) {
    let scene = Scene::set(db).await;
    let client = scene.app.client().await;
    let browser = scene.app.browser();
    let login = browser
        .get(&scene.app.platform(&client).url_with(&[]))
        .await;
    let start = login.location().replace("/login", "/signup");
    let page = ask(&start, &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    scene.app.clock.advance(minutes(9));
    let typed = type_code(&browser, &page, &code).await;
    scene.app.clock.advance(minutes(9));
    let page = browser.get(typed.location()).await;
    let done = finish(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(scene.app.count("account", "true").await, 1);
    // It says there that linking has to begin anew.
    browser.get(done.location()).await.assert_page(400);
}

#[sqlx::test]
async fn race_06_sign_ups_with_one_address_at_once_make_one_account(db: PgPool) {
    let scene = Scene::set(db).await;
    let mut ends = Vec::new();
    for _ in 0..4 {
        let browser = scene.app.browser();
        let page = scene.come_to_the_end(Way::SignUp, &browser, EMAIL).await;
        ends.push((browser, page));
    }
    // And each of them twice.
    let finishing = ends.iter().chain(&ends);
    let finishing = finishing.map(|(browser, page)| finish(browser, page, NEW_PASSWORD));
    let finished = futures_util::future::join_all(finishing).await;
    assert!(finished.iter().all(|answer| answer.status == 303));
    assert_eq!(scene.app.count("account", "true").await, 1);
}

#[sqlx::test]
async fn nobody_signs_up_where_accounts_come_from_admins(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    let login = browser.get("/login").await;
    assert!(!login.body.contains("/signup"), "{login:?}");
    let page = browser.get("/signup").await;
    page.assert_page(200);
    assert!(!page.body.contains("<form"), "{page:?}");
    let csrf = login.form("/login").value("csrf").to_owned();
    let fields = [("csrf", csrf.as_str()), ("email", EMAIL)];
    let posted = browser.request("POST", "/signup").form(&fields);
    browser.send(posted).await.assert_page(200);
    assert_eq!(app.count("mail", "true").await, 0);
    assert_eq!(app.count("mailed_code", "true").await, 0);
}

#[sqlx::test]
async fn a_name_and_an_address_are_checked_where_they_are_typed(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let start = browser.get("/signup").await.form("/signup");
    for wrong in ["", "nobody", "a@b@c", "a b@example.com", "<a@example.com>"] {
        let answer = browser.submit(&start.clone().with("email", wrong)).await;
        answer.assert_page(422);
        assert!(answer.body.contains("aria-invalid=\"true\""));
    }
    assert_eq!(scene.app.count("mail", "true").await, 0);
    let page = scene.come_to_the_end(Way::SignUp, &browser, EMAIL).await;
    let form = page.form("/signup/finish").with("password", NEW_PASSWORD);
    for wrong in ["", "  ", "a\u{0}b", &"이".repeat(201)] {
        let answer = browser.submit(&form.clone().with("name", wrong)).await;
        assert!(matches!(answer.status, 400 | 422), "{answer:?}");
    }
    assert_eq!(scene.app.count("account", "true").await, 0);
    let done = browser.submit(&form.with("name", NAME)).await;
    assert_eq!(done.location(), "/account");
}
