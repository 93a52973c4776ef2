//! A chat that was connected before: to the same account, to another, by a link that is dead.

use sqlx::PgPool;

use super::{Scene, decide, page_for};
use crate::harness::{Person, chatbot::CHAT_USER};

async fn owner(scene: &Scene) -> String {
    let sql = "select account_id from chatbot_user join link using (link_id)";
    scene.stage.app.value(sql).await.unwrap()
}

/// Another person tries to connect the same chat; gives the status.
async fn taken_by(scene: &Scene, person: &Person) -> u16 {
    let browser = scene.stage.app.browser();
    let login = scene.chatbot.login_for(CHAT_USER);
    let page = page_for(&browser, person, &login).await;
    decide(&browser, &page, "approve").await.status
}

#[sqlx::test]
async fn the_same_account_again_makes_no_second_link(db: PgPool) {
    let scene = Scene::new(db).await;
    for _ in 0..2 {
        scene.connect().await;
        assert_eq!(scene.links().await, 1);
    }
    assert!(scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn a_chat_of_another_account_is_left_to_it(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let (app, person) = (&scene.stage.app, &scene.stage.person);
    let other = app.person("other@example.com").await;
    let browser = app.browser();
    let login = scene.chatbot.login_for(CHAT_USER);
    let page = page_for(&browser, &other, &login).await;
    let answer = decide(&browser, &page, "approve").await;
    answer.assert_page(409);
    assert!(answer.text().contains("connected to another account"));
    assert!(answer.text().contains("Support code"));
    assert!(!answer.text().contains(&person.email));
    assert_eq!(owner(&scene).await, person.id.to_string());
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    // Nor while its owner may not log in.
    app.disable(person).await;
    assert_eq!(taken_by(&scene, &other).await, 409);
    assert_eq!(scene.links().await, 1);
}

#[sqlx::test]
async fn a_chat_whose_link_is_dead_can_be_connected_anew(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let other = scene.stage.app.person("other@example.com").await;
    let account = scene.stage.browser.get("/account").await;
    let unlink = account.form("/account/unlink");
    scene.stage.browser.submit(&unlink).await;
    assert_eq!(taken_by(&scene, &other).await, 200);
    assert_eq!(owner(&scene).await, other.id.to_string());
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    assert_eq!(scene.links().await, 2);
}

#[sqlx::test]
async fn one_account_may_have_many_chats(db: PgPool) {
    let scene = Scene::new(db).await;
    let users = ["one", "two", "three"];
    for user in users {
        let login = scene.chatbot.login_for(user);
        let (browser, person) = (&scene.stage.browser, &scene.stage.person);
        let page = page_for(browser, person, &login).await;
        decide(browser, &page, "approve").await.assert_page(200);
    }
    assert_eq!(scene.links().await, 3);
    for user in users {
        assert!(scene.chatbot.confirms(user).await);
    }
}
