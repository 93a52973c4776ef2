//! How many codes there are: for one person's address, and from one place.

use sqlx::PgPool;

use super::{EMAIL, Scene, ask};
use crate::harness::{Browser, TestApp, minutes, seconds};

/// Asks that often, each time in another browser, and gives how many letters came.
async fn letters(scene: &Scene, start: &str, times: usize) -> usize {
    for _ in 0..times {
        ask(start, &scene.app.browser(), EMAIL).await;
    }
    scene.app.clock.advance(seconds(1));
    while scene.app.count("mail", "true").await > 0 {
        tokio::task::yield_now().await;
    }
    scene.mail.letters().len()
}

#[sqlx::test]
async fn an_address_gets_ten_codes_an_hour_and_nobody_sees_when_it_had_them(db: PgPool) {
    let scene = Scene::set(db).await;
    assert_eq!(letters(&scene, "/signup", 13).await, 10);
    scene.app.clock.advance(minutes(60));
    assert_eq!(letters(&scene, "/signup", 1).await, 11);
}

#[sqlx::test]
async fn an_account_gets_three_codes_for_a_new_password_an_hour(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person(EMAIL).await;
    assert_eq!(letters(&scene, "/password/forgot", 5).await, 3);
    scene.app.clock.advance(minutes(60));
    assert_eq!(letters(&scene, "/password/forgot", 1).await, 4);
}

#[sqlx::test]
async fn auth_05_others_cannot_use_up_the_codes_of_a_device_that_logged_in_before(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person(EMAIL).await;
    let own = scene.app.browser();
    own.log_in(&person).await;
    assert_eq!(letters(&scene, "/password/forgot", 5).await, 3);
    ask("/password/forgot", &own, EMAIL).await;
    for _ in 0..4 {
        assert!(scene.mail.letter_to(EMAIL).await.code().is_some());
    }
}

async fn status(app: &TestApp, browser: &Browser, email: &str) -> u16 {
    let browser = browser.at(&app.url);
    let form = browser.get("/signup").await.form("/signup");
    let answer = browser.submit(&form.with("email", email)).await;
    if answer.status == 429 {
        let seconds = answer.header("retry-after").unwrap();
        assert!((1..=3600).contains(&seconds.parse::<u32>().unwrap()));
        assert!(answer.body.contains("role=\"alert\""));
    }
    answer.status
}

#[sqlx::test]
async fn one_place_asks_for_sixty_codes_an_hour_at_all_nodes_together(db: PgPool) {
    let settings = [("LINKGATE_LIMIT_SIGNUP", "6")];
    let scene = Scene::set_with(db, &settings).await;
    let mail = scene.mail.url.as_str();
    let same = [
        ("LINKGATE_SMTP_URL", mail),
        ("LINKGATE_SIGNUP", "open"),
        ("LINKGATE_LIMIT_SIGNUP", "6"),
    ];
    let second = scene.app.node_with(&same).await;
    let browser = scene.app.browser();
    let mut statuses = Vec::new();
    for n in 0..8 {
        let node = if n % 2 == 0 { &scene.app } else { &second };
        statuses.push(status(node, &browser, &format!("p{n}@example.com")).await);
    }
    assert_eq!(statuses, [303, 303, 303, 303, 303, 303, 429, 429]);
    scene.app.clock.advance(minutes(60));
    assert_eq!(status(&second, &browser, "p9@example.com").await, 303);
}
