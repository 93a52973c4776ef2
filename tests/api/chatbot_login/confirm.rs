//! `/confirm`: yes or no, and nothing more.

use serde_json::json;
use sqlx::PgPool;

use super::Scene;
use crate::harness::{
    TestApp,
    chatbot::{CHAT_USER, Chatbot, DOMAIN, MESSENGER},
    minutes, seconds,
};

fn question(user: &str, platform: &str, domain: &str) -> String {
    json!({ "userId": user, "platform": platform, "domainCode": domain, "more": [1] }).to_string()
}

#[sqlx::test]
async fn a_chat_user_is_valid_while_link_client_and_account_live(db: PgPool) {
    let scene = Scene::new(db).await;
    let Scene { stage, chatbot } = &scene;
    assert!(!chatbot.confirms(CHAT_USER).await);
    scene.connect().await;
    assert!(chatbot.confirms(CHAT_USER).await);
    for (user, platform, domain) in [
        ("U4f1a-0002", MESSENGER, DOMAIN),
        (CHAT_USER, "LINE", DOMAIN),
        (CHAT_USER, MESSENGER, "other-bot"),
    ] {
        let answer = chatbot.ask(&question(user, platform, domain)).await;
        assert_eq!(answer.json(), json!({ "valid": false }), "{user}");
    }

    stage.app.disable(&stage.person).await;
    assert!(!chatbot.confirms(CHAT_USER).await);
    stage.app.enable(&stage.person).await;
    assert!(chatbot.confirms(CHAT_USER).await);

    stage.app.disable_client(&stage.client).await;
    assert!(!chatbot.confirms(CHAT_USER).await);
    let enabled = |client: &mut linkgate::client::Client| client.disabled_at = None;
    stage.app.change_client(&stage.client, enabled).await;
    assert!(chatbot.confirms(CHAT_USER).await);

    stage.browser.log_in(&stage.person).await;
    let account = stage.browser.get("/account").await;
    stage.browser.submit(&account.form("/account/unlink")).await;
    assert!(!chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn another_domain_of_the_client_knows_nobody_of_before(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let (app, client) = (&scene.stage.app, &scene.stage.client);
    let moved = |client: &mut linkgate::client::Client| {
        client.settings.chatbot.domain_code = Some("other-bot".to_owned());
    };
    app.change_client(client, moved).await;
    assert!(!scene.chatbot.confirms(CHAT_USER).await);
    let answer = scene
        .chatbot
        .ask(&question(CHAT_USER, MESSENGER, "other-bot"))
        .await;
    assert_eq!(answer.json(), json!({ "valid": false }));
}

#[sqlx::test]
async fn an_unknown_client_and_one_that_connects_nobody_are_the_same_404(db: PgPool) {
    let scene = Scene::new(db).await;
    let app = &scene.stage.app;
    let off = app.client().await;
    let mut answers = Vec::new();
    for client in [off.id().as_str(), "nobody", "%00", "a%20b"] {
        let chatbot = Chatbot::new(&app.url, client);
        let answer = chatbot.ask(&question(CHAT_USER, MESSENGER, DOMAIN)).await;
        assert_eq!(answer.status, 404, "{client}");
        answers.push(answer.body);
        let login = chatbot.login_for(CHAT_USER);
        app.browser().get(&login).await.assert_page(404);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[sqlx::test]
async fn a_malformed_question_is_told_what_is_wrong(db: PgPool) {
    let scene = Scene::new(db).await;
    for (body, wrong) in [
        (String::new(), "not valid JSON"),
        ("{".to_owned(), "not valid JSON"),
        ("[]".to_owned(), "userId is missing"),
        (
            json!({ "platform": "p", "domainCode": "d" }).to_string(),
            "userId is missing",
        ),
        (
            json!({ "userId": 7, "platform": "p", "domainCode": "d" }).to_string(),
            "userId is missing or no string",
        ),
        (
            json!({ "userId": "u", "domainCode": "d" }).to_string(),
            "platform is missing",
        ),
        (
            json!({ "userId": "u", "platform": "p", "domainCode": null }).to_string(),
            "domainCode is missing",
        ),
        (question("", "p", "d"), "userId must have 1 to 256"),
        (question("a\nb", "p", "d"), "userId must have"),
        (question("a\0b", "p", "d"), "userId must have"),
        (question(&"x".repeat(257), "p", "d"), "userId must have"),
        (question("u", &"x".repeat(65), "d"), "platform must have"),
        (question("u", "p", &"x".repeat(129)), "domainCode must have"),
    ] {
        let answer = scene.chatbot.ask(&body).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains(wrong), "{body}: {said}");
    }
}

#[sqlx::test]
async fn a_database_that_does_not_answer_is_503_and_no_no(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let mut locking = scene.stage.app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table chatbot_user in access exclusive mode");
    lock.execute(&mut *locking).await.unwrap();
    let answer = scene
        .chatbot
        .ask(&question(CHAT_USER, MESSENGER, DOMAIN))
        .await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    locking.rollback().await.unwrap();
    assert!(scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn an_address_that_asks_after_too_many_strangers_waits_and_yeses_dont_count(db: PgPool) {
    let settings = [("LINKGATE_LIMIT_CONFIRM", "3")];
    let scene = Scene::on(TestApp::spawn_with(db, &settings).await).await;
    scene.connect().await;
    for _ in 0..10 {
        assert!(scene.chatbot.confirms(CHAT_USER).await);
    }
    for stranger in ["a", "b", "c"] {
        assert!(!scene.chatbot.confirms(stranger).await);
    }
    for user in ["d", CHAT_USER] {
        let answer = scene.chatbot.ask(&question(user, MESSENGER, DOMAIN)).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    scene.stage.app.clock.advance(minutes(1));
    assert!(scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn a_yes_is_a_use_of_the_link(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let Scene { stage, chatbot } = scene;
    let used = "select last_used_at from link";
    assert!(!chatbot.confirms("stranger").await);
    stage.app.clock.advance(minutes(5) + seconds(1));
    assert!(chatbot.confirms(CHAT_USER).await);
    let (now, second) = (stage.app.now(), stage.app.second_node().await);
    stage.app.stop().await;
    let at = second.value(used).await.unwrap();
    assert!(
        at.starts_with(&now.format("%Y-%m-%d %H:%M:%S").to_string()),
        "{at}"
    );
}
