//! What a new password has to be, and that the page says why one is not.

use sqlx::PgPool;

use super::{EMAIL, NAME, NEW_PASSWORD, Scene, Way, reset};
use crate::harness::Answer;

fn advice(answer: &Answer) -> String {
    answer.assert_page(422);
    let (_, rest) = answer.body.split_once("id=\"weak\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[sqlx::test]
async fn a_weak_password_is_refused_with_advice_and_can_be_mended_in_place(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = scene.come_to_the_end(Way::SignUp, &browser, EMAIL).await;
    let form = page.form("/signup/finish").with("name", NAME);
    for (password, said) in [
        ("short", "too short"),
        ("password1", "attackers try first"),
        ("newcomer-example", "your address"),
        ("aaaaaaaaaaaaaaaa", "repetitions"),
        (&"x".repeat(129), "too long"),
    ] {
        let answer = browser
            .submit(&form.clone().with("password", password))
            .await;
        let advice = advice(&answer);
        assert!(advice.contains(said), "{password}: {advice}");
        assert!(!answer.body.contains(&format!("value=\"{password}\"")));
        assert_eq!(answer.form("/signup/finish").value("name"), NAME);
    }
    assert_eq!(scene.app.count("account", "true").await, 0);
    let done = browser.submit(&form.with("password", NEW_PASSWORD)).await;
    assert_eq!(done.location(), "/account");
}

#[sqlx::test]
async fn no_letters_are_prescribed_and_long_ones_are_kept_whole(db: PgPool) {
    let scene = Scene::set(db).await;
    scene.app.person(EMAIL).await;
    let browser = scene.app.browser();
    let long = "한강에서 자전거를 타고 치킨을 먹는 여름밤 ".repeat(5);
    for password in ["한강에서 치킨을 먹었다", long.trim()] {
        let page = scene.come_to_the_end(Way::Recovery, &browser, EMAIL).await;
        let done = reset(&browser, &page, password).await;
        assert_eq!(done.location(), "/account", "{password}");
        assert_eq!(scene.mail.letter_to(EMAIL).await.code(), None);
        let other = scene.app.browser();
        let cut: String = password
            .chars()
            .take(password.chars().count() - 1)
            .collect();
        assert_eq!(other.log_in_at("/login", EMAIL, &cut).await.status, 422);
        scene.app.clock.advance(crate::harness::minutes(1));
        let whole = other.log_in_at("/login", EMAIL, password).await;
        assert_eq!(whole.location(), "/account");
        // About the new device.
        scene.mail.letter_to(EMAIL).await;
    }
}
