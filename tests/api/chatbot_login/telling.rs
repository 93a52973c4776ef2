//! The chatbot is told of a connection: signed, behind, and until it has heard.

use linkgate::chatbot::connect::outbox::Outbox;
use serde_json::json;
use sqlx::PgPool;

use super::{Scene, decide, page_for};
use crate::harness::{
    TestApp,
    chatbot::{CHAT_USER, DOMAIN, MESSENGER},
    days, hours, minutes, seconds,
};

/// One round of telling, which otherwise comes every five seconds.
async fn tell(app: &TestApp) {
    let outbox = Outbox::new(app.state().outbound).unwrap();
    outbox.deliver_due(app.state()).await.unwrap();
}

async fn waiting(app: &TestApp) -> i64 {
    app.count("chatbot_notice", "true").await
}

/// Waits until what was sent is settled, one way or the other.
async fn until_settled(app: &TestApp, condition: &str) {
    let settled = async {
        while app.count("chatbot_notice", condition).await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let limit = std::time::Duration::from_secs(10);
    tokio::time::timeout(limit, settled).await.unwrap();
}

#[sqlx::test]
async fn the_chatbot_is_told_at_once_in_the_documents_form(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[]).await;
    let login = format!("{}&nonce=n-1", scene.chatbot.login_for(CHAT_USER));
    let (browser, person) = (&scene.stage.browser, &scene.stage.person);
    let page = page_for(browser, person, &login).await;
    assert_eq!(inbox.calls().len(), 0);
    decide(browser, &page, "approve").await.assert_page(200);
    let told = inbox.until(1).await;
    let expected = json!({
        "domainCode": DOMAIN, "platform": MESSENGER, "userId": CHAT_USER, "nonce": "n-1", "needPush": true,
    });
    assert_eq!(told[0].body, expected);
    assert!(told[0].signed);
    assert_eq!(told[0].content_type, "application/json;UTF-8");
    until_settled(&scene.stage.app, "true").await;
    let app = &scene.stage.app;
    assert_eq!(
        app.count("chatbot_delivery", "delivered_at is not null")
            .await,
        1
    );
}

#[sqlx::test]
async fn without_a_nonce_of_its_own_each_telling_has_a_new_one(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[]).await;
    scene.connect().await;
    inbox.until(1).await;
    // The same chat again: no second link, and told once more.
    scene.connect().await;
    let told = inbox.until(2).await;
    let nonces: Vec<_> = told.iter().map(|told| told.body["nonce"].clone()).collect();
    assert_ne!(nonces[0], nonces[1]);
    assert!(
        nonces
            .iter()
            .all(|nonce| nonce.as_str().unwrap().len() == 36)
    );
    assert_eq!(scene.links().await, 1);
}

#[sqlx::test]
async fn what_the_chatbot_does_not_take_is_told_again_with_the_same_words(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[500, 302]).await;
    let app = &scene.stage.app;
    scene.connect().await;
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    inbox.until(1).await;
    until_settled(app, "failure = ''").await;
    let failure = "select failure from chatbot_notice";
    assert!(app.value(failure).await.unwrap().contains("500"));
    tell(app).await;
    assert_eq!(inbox.calls().len(), 1, "not before its time");
    app.clock.advance(seconds(13));
    tell(app).await;
    assert_eq!(inbox.calls().len(), 2, "a redirect is not followed");
    assert!(app.value(failure).await.unwrap().contains("302"));
    app.clock.advance(minutes(1));
    tell(app).await;
    let told = inbox.calls();
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|call| call.signed && call.body == told[0].body)
    );
    assert_eq!(waiting(app).await, 0);
}

#[sqlx::test]
async fn after_a_day_it_is_given_up_and_the_history_says_why(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[500]).await;
    let app = &scene.stage.app;
    scene.connect().await;
    inbox.until(1).await;
    until_settled(app, "failure = ''").await;
    for _ in 0..40 {
        inbox.answer_next(503);
        app.clock.advance(hours(1));
        tell(app).await;
    }
    let calls = inbox.calls().len();
    assert!((10..30).contains(&calls), "{calls}");
    assert_eq!(waiting(app).await, 0);
    let event = "select detail from event where kind = 'chat_notice_given_up'";
    assert!(app.value(event).await.unwrap().contains("503"));
    app.clock.advance(days(1));
    tell(app).await;
    assert_eq!(inbox.calls().len(), calls);
    assert!(
        scene.chatbot.confirms(CHAT_USER).await,
        "the link is none the worse"
    );
}

#[sqlx::test]
async fn of_two_nodes_one_tells_and_a_crash_loses_nothing(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[]).await;
    let app = &scene.stage.app;
    scene.connect().await;
    inbox.until(1).await;
    until_settled(app, "true").await;
    let again = "insert into chatbot_notice (client_id, link_id, domain_code, platform, user_id, nonce, made_at, due_at)
                 select client_id, link_id, domain_code, platform, user_id, 'n', connected_at, connected_at from chatbot_user";
    app.change(again).await;
    tokio::join!(tell(app), tell(app), tell(app));
    until_settled(app, "true").await;
    assert_eq!(inbox.calls().len(), 2);

    // A node that took it and died has told nobody.
    app.change(again).await;
    let db = &app.db;
    let lease = app.now() + seconds(30);
    let taken = linkgate::chatbot::connect::store::take_due(db, 8, app.now(), lease).await;
    let taken = taken.unwrap().len() + inbox.calls().len() - 2;
    assert_eq!(taken, 1);
    app.clock.advance(seconds(31));
    tell(app).await;
    until_settled(app, "true").await;
    assert_eq!(inbox.calls().len(), 3);
}

#[sqlx::test]
async fn nobody_is_told_of_a_link_that_has_ended(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[500]).await;
    let app = &scene.stage.app;
    scene.connect().await;
    inbox.until(1).await;
    until_settled(app, "failure = ''").await;
    let account = scene.stage.browser.get("/account").await;
    let unlink = account.form("/account/unlink");
    scene.stage.browser.submit(&unlink).await;
    app.clock.advance(minutes(1));
    tell(app).await;
    assert_eq!((waiting(app).await, inbox.calls().len()), (0, 1));
}

#[sqlx::test]
async fn without_an_address_or_a_key_nothing_waits(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    assert_eq!(waiting(&scene.stage.app).await, 0);
}

#[sqlx::test]
async fn adm_09_an_invoke_url_that_leads_inside_is_not_called_whoever_stored_it(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[500]).await;
    let app = &scene.stage.app;
    scene.connect().await;
    inbox.until(1).await;
    until_settled(app, "failure = ''").await;
    let strict = app.second_node().await;
    for url in [
        inbox.url.clone(),
        inbox.url.replace("127.0.0.1", "localhost"),
    ] {
        let https = url.replace("http:", "https:");
        for url in [url, https] {
            app.tell_at(&scene.stage.client, &url).await;
            app.clock.advance(hours(1));
            tell(&strict).await;
            let failure = app.value("select failure from chatbot_notice").await;
            let failure = failure.unwrap();
            assert!(
                failure.contains("must be an https URL") || failure.contains("must not lead"),
                "{failure}"
            );
        }
    }
    assert_eq!(inbox.calls().len(), 1);
}
