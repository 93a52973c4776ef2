//! Sign-up by invitation.

use linkgate::{
    account::invitation::{NewInvitation, USUAL_DAYS},
    mail::Recipient,
};
use sqlx::PgPool;

use super::{EMAIL, NEW_PASSWORD, Scene, Way, ask, finish, type_code};
use crate::harness::{days, minutes};

const INVITED: [(&str, &str); 1] = [("LINKGATE_SIGNUP", "invited")];

async fn invite(scene: &Scene, email: &str) {
    let recipient = Recipient {
        email,
        language: "en",
    };
    let new = NewInvitation {
        id: scene.app.state().random.uuid(),
        recipient,
        days: USUAL_DAYS,
        by: None,
    };
    let mut connection = scene.app.db.acquire().await.unwrap();
    let sent = new.send(&mut connection, scene.app.now()).await;
    assert!(sent.unwrap().is_some());
}

#[sqlx::test]
async fn who_is_invited_signs_up_once(db: PgPool) {
    let scene = Scene::set_with(db, &INVITED).await;
    invite(&scene, EMAIL).await;
    let letter = scene.mail.letter_to(EMAIL).await;
    assert!(
        letter
            .text
            .contains(&format!("{}/signup", scene.app.issuer()))
    );
    let browser = scene.app.browser();
    // In any case: an address is the same however it is written.
    let in_capitals = EMAIL.to_uppercase();
    let page = scene
        .come_to_the_end(Way::SignUp, &browser, &in_capitals)
        .await;
    let done = finish(&browser, &page, NEW_PASSWORD).await;
    assert_eq!(done.location(), "/account");
    assert_eq!(scene.app.count("invitation", "used_at is null").await, 0);
    // Once: whoever has the address later needs another one.
    scene.app.change("delete from account").await;
    scene.app.clock.advance(minutes(1));
    ask("/signup", &scene.app.browser(), EMAIL).await;
    assert_eq!(scene.mail.letter_to(EMAIL).await.code(), None);
}

#[sqlx::test]
async fn an_invitation_is_over_after_two_weeks(db: PgPool) {
    let scene = Scene::set_with(db, &INVITED).await;
    invite(&scene, EMAIL).await;
    scene.mail.letter_to(EMAIL).await;
    scene.app.clock.advance(days(14));
    let browser = scene.app.browser();
    let page = ask("/signup", &browser, EMAIL).await;
    assert_eq!(scene.mail.letter_to(EMAIL).await.code(), None);
    assert_eq!(type_code(&browser, &page, "000000").await.status, 422);
    scene.app.clock.advance(days(31));
    scene.app.clean().await;
    assert_eq!(scene.app.count("invitation", "true").await, 0);
}
