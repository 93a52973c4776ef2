//! The mail about a login on a device that was not known.

use sqlx::PgPool;

use super::{EMAIL, Scene};
use crate::harness::PASSWORD;

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15; SM-S931N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36";

#[sqlx::test]
async fn a_login_on_a_new_device_is_told_and_one_on_a_known_device_is_not(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person(EMAIL).await;
    let (first, second) = (scene.app.browser(), scene.app.browser());
    // Of the very first login there is nothing to tell.
    first.log_in(&person).await;
    first.log_in(&person).await;
    assert_eq!(scene.app.count("mail", "true").await, 0);
    let form = second.get("/login").await.form("/login");
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    let answer = second.submit_with(&form, &[("user-agent", PHONE)]).await;
    assert_eq!(answer.location(), "/account");
    let letter = scene.mail.letter_to(EMAIL).await;
    assert!(letter.text.contains("Chrome · Android"), "{}", letter.text);
    second.log_in(&person).await;
    first.log_in(&person).await;
    assert_eq!(scene.app.count("mail", "true").await, 0);
    assert!(scene.mail.letters().is_empty());
}

#[sqlx::test]
async fn what_a_device_says_of_itself_reaches_no_mail_unread(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person(EMAIL).await;
    scene.app.browser().log_in(&person).await;
    let stranger = scene.app.browser();
    let form = stranger.get("/login").await.form("/login");
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    let said = "Your account is lost, call 070-1234-5678 <b>now</b>";
    stranger.submit_with(&form, &[("user-agent", said)]).await;
    let letter = scene.mail.letter_to(EMAIL).await;
    assert!(!letter.text.contains("070") && !letter.html.contains("070"));
}
