//! What a code is worth, and to whom.

use futures_util::future::join_all;
use sqlx::PgPool;

use super::{EMAIL, Scene, Way, another, ask, finish, type_code};
use crate::harness::{minutes, seconds};

/// What guesses are answered, and the right code after them.
async fn guess(scene: &Scene, guesses: usize, right: bool) -> Vec<u16> {
    let browser = scene.app.browser();
    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    let mut statuses = Vec::new();
    for _ in 0..guesses {
        statuses.push(type_code(&browser, &page, another(&code)).await.status);
    }
    if right {
        statuses.push(type_code(&browser, &page, &code).await.status);
    }
    statuses
}

#[sqlx::test]
async fn a_code_takes_five_guesses(db: PgPool) {
    let scene = Scene::set(db).await;
    assert_eq!(guess(&scene, 4, true).await, [422, 422, 422, 422, 303]);
    assert_eq!(guess(&scene, 5, true).await, [422; 6]);
}

#[sqlx::test]
async fn many_guesses_at_once_are_no_more_than_five(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    let guesses = (0..16).map(|_| type_code(&browser, &page, another(&code)));
    join_all(guesses).await;
    assert_eq!(type_code(&browser, &page, &code).await.status, 422);
    assert_eq!(scene.app.count("mailed_code", "tries = 5").await, 1);
}

#[sqlx::test]
async fn a_code_is_good_for_ten_minutes_and_what_it_opens_for_twenty(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    scene.app.clock.advance(minutes(10) - seconds(1));
    let typed = type_code(&browser, &page, &code).await;
    assert!(typed.location().starts_with("/signup/finish?"));
    let end = browser.get(typed.location()).await;
    scene.app.clock.advance(minutes(20));
    let late = finish(&browser, &end, super::NEW_PASSWORD).await;
    assert_eq!(late.location(), "/signup?again=1");

    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    scene.app.clock.advance(minutes(10));
    assert_eq!(type_code(&browser, &page, &code).await.status, 422);
    assert_eq!(scene.app.count("account", "true").await, 0);
}

#[sqlx::test]
async fn a_code_is_good_only_in_the_browser_that_asked_for_it(db: PgPool) {
    let scene = Scene::set(db).await;
    let (browser, thief) = (scene.app.browser(), scene.app.browser());
    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    let own = thief.get("/signup").await.form("/signup");
    let stolen = page.form("/verify").with("csrf", own.value("csrf"));
    let answer = thief.submit(&stolen.with("code", &code)).await;
    assert_eq!(answer.status, 422);
    let typed = type_code(&browser, &page, &code).await;
    let elsewhere = thief.get(typed.location()).await;
    assert_eq!(elsewhere.location(), "/signup?again=1");
    assert_eq!(browser.get(typed.location()).await.status, 200);
}

#[sqlx::test]
async fn a_code_for_one_thing_is_none_for_another(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person(EMAIL).await;
    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::Recovery, &browser, EMAIL).await;
    let ticket = page.form("/password/reset").value("ticket").to_owned();
    let answer = browser
        .get(&format!("/signup/finish?ticket={ticket}"))
        .await;
    assert_eq!(answer.location(), "/signup?again=1");
}

#[sqlx::test]
async fn a_new_code_ends_the_one_before_and_each_is_used_once(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let first = ask("/signup", &browser, EMAIL).await;
    let old = scene.code_for(EMAIL).await;
    scene.app.clock.advance(seconds(31));
    let again = browser
        .submit(&first.form("/verify").with("again", "1"))
        .await;
    let second = browser.get(again.location()).await;
    let new = scene.code_for(EMAIL).await;
    assert_eq!(type_code(&browser, &first, &old).await.status, 422);
    assert_eq!(type_code(&browser, &second, &new).await.status, 303);
    // A tap on the button again leads on, too.
    let typed = type_code(&browser, &second, &new).await;
    let end = browser.get(typed.location()).await;
    assert_eq!(
        finish(&browser, &end, super::NEW_PASSWORD).await.location(),
        "/account"
    );
    let again = finish(&browser, &end, super::NEW_PASSWORD).await;
    assert_eq!(again.location(), "/signup?again=1");
    assert_eq!(scene.app.count("account", "true").await, 1);
}

#[sqlx::test]
async fn a_double_tap_sends_one_letter(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let form = browser.get("/signup").await.form("/signup");
    let form = form.with("email", EMAIL);
    let taps = join_all([(); 3].map(|()| browser.submit(&form))).await;
    let code = scene.code_for(EMAIL).await;
    let page = browser.get(taps[2].location()).await;
    assert_eq!(type_code(&browser, &page, &code).await.status, 303);
    assert_eq!(scene.app.count("mail", "true").await, 0);
    assert!(scene.mail.letters().is_empty());
    assert_eq!(scene.app.count("mailed_code", "true").await, 1);
}

#[sqlx::test]
async fn a_dump_of_the_database_tells_no_code(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    // The letter comes with the second try, so that both rows are there before its code is known.
    scene.mail.answer(&["451 later"]);
    ask("/signup", &browser, EMAIL).await;
    while scene.app.count("mail", "failure <> ''").await == 0 {
        tokio::task::yield_now().await;
    }
    let rows = "select (select string_agg(m::text, ' ') from mail m) || ' ' ||
                       (select string_agg(c::text, ' ') from mailed_code c)";
    let rows = scene.app.value(rows).await.unwrap();
    scene.app.clock.advance(seconds(20));
    let code = scene.code_for(EMAIL).await;
    assert!(!rows.contains(&format!("\"{code}\"")) && !rows.contains(&format!(",{code},")));
    // Digits in hexadecimal have a 3 before each.
    let hex: String = code.chars().flat_map(|digit| ['3', digit]).collect();
    assert!(!rows.contains(&hex), "{rows}");
}

#[sqlx::test]
async fn what_nobody_can_use_any_more_is_deleted(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    ask("/signup", &browser, EMAIL).await;
    scene.app.clock.advance(minutes(59));
    scene.app.clean().await;
    assert_eq!(scene.app.count("mailed_code", "true").await, 1);
    scene.app.clock.advance(minutes(2));
    scene.app.clean().await;
    assert_eq!(scene.app.count("mailed_code", "true").await, 0);
}
