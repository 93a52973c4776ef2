//! What an admin sets: in the console, and at rest.

use linkgate::{admin::AdminRole::Operator, foundation::outbound::Outbound};
use sqlx::PgPool;

use super::Scene;
use crate::harness::{
    Answer, Desk, Stage, TestApp,
    chatbot::{CHAT_USER, CHATBOT_SECRET, DOMAIN},
};

async fn save(desk: &Desk, stage: &Stage, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/admin/clients/{}/edit", stage.client.id());
    desk.browser.fill_in(&page, &page, fields).await
}

async fn stored(app: &TestApp, column: &str) -> Option<String> {
    app.value(&format!("select {column} from client")).await
}

#[sqlx::test]
async fn an_operator_switches_it_on_and_the_secret_key_is_never_shown(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(Operator).await;
    let url = "https://chatbot.example.com/custom/v1/guide";
    crate::harness::canary::note(crate::harness::canary::Kind::ClientSecret, CHATBOT_SECRET);
    let fields = [
        ("chatbot_domain_code", DOMAIN),
        ("chatbot_invoke_url", url),
        ("chatbot_secret", CHATBOT_SECRET),
    ];
    let saved = save(&desk, &stage, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let keys = &stage.app.state().keys;
    let id = &stage.client.client.id;
    let client = linkgate::client::store::find_client(&stage.app.db, id).await;
    let chatbot = client.unwrap().unwrap().settings.chatbot;
    let opened = keys.open_chatbot_secret(id, &chatbot.secret.clone().unwrap());
    assert_eq!(opened.unwrap().as_slice(), CHATBOT_SECRET.as_bytes());
    let elsewhere = linkgate::foundation::ids::ClientId("other".to_owned());
    assert!(
        keys.open_chatbot_secret(&elsewhere, &chatbot.secret.unwrap())
            .is_none()
    );

    let page = format!("/admin/clients/{}/edit", stage.client.id());
    let shown = desk.browser.get(&page).await;
    assert!(shown.text().contains("One is stored"), "{}", shown.text());
    assert!(!shown.body.contains(CHATBOT_SECRET));
    // Saving something else leaves it, and the history tells what changed, not how.
    save(&desk, &stage, &[("name", "Guide")]).await;
    assert!(stored(&stage.app, "chatbot_secret").await.is_some());
    let history =
        "select string_agg(detail, ' | ' order by event_id) from event where kind = 'admin_change'";
    let second = stage.app.second_node().await;
    stage.app.stop().await;
    let history = second.value(history).await.unwrap();
    assert!(
        history.contains(
            "chatbot_domain_code, chatbot_invoke_url, chatbot_secret | client changed: name"
        ),
        "{history}"
    );
}

#[sqlx::test]
async fn a_tick_removes_the_secret_key_and_an_empty_code_switches_it_off(db: PgPool) {
    let (scene, _inbox) = Scene::telling(db, &[]).await;
    let stage = &scene.stage;
    let desk = stage.app.desk(Operator).await;
    save(&desk, stage, &[("remove_chatbot_secret", "on")]).await;
    assert_eq!(stored(&stage.app, "chatbot_secret").await, None);
    scene.connect().await;
    save(&desk, stage, &[("chatbot_domain_code", "")]).await;
    let ask =
        format!("{{\"userId\":\"{CHAT_USER}\",\"platform\":\"line\",\"domainCode\":\"{DOMAIN}\"}}");
    assert_eq!(scene.chatbot.ask(&ask).await.status, 404);
}

#[sqlx::test]
async fn adm_09_an_invoke_url_that_leads_inside_is_not_stored(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(Operator).await;
    for (url, why) in [
        ("http://chatbot.example.com/", "must be an https URL"),
        ("https://127.0.0.1/", "must not lead to a private"),
        ("https://0x7f000001/", "must not lead to a private"),
        ("https://169.254.169.254/latest/meta-data", "must not lead"),
        ("https://[::ffff:10.0.0.1]/", "must not lead"),
        ("https://localhost:5432/", "must not lead"),
        ("http://localhost/", "must be an https URL"),
    ] {
        let answer = save(&desk, &stage, &[("chatbot_invoke_url", url)]).await;
        assert!(answer.text().contains(why), "{url}: {}", answer.text());
        assert_eq!(stored(&stage.app, "chatbot_invoke_url").await, None);
    }
}

#[sqlx::test]
async fn the_setting_allows_the_inside_and_plain_http_on_loopback_alone(db: PgPool) {
    let settings = [("LINKGATE_OUTBOUND_PRIVATE", "allow")];
    let app = TestApp::spawn_with(db, &settings).await;
    assert_eq!(app.state().outbound, Outbound::new(true, true));
    let stage = Stage::on(app, crate::harness::draft()).await;
    let desk = stage.app.desk(Operator).await;
    for (url, status) in [
        ("https://10.0.0.7/", 303),
        ("http://127.0.0.1:8000/", 303),
        ("http://10.0.0.7/", 422),
    ] {
        let answer = save(&desk, &stage, &[("chatbot_invoke_url", url)]).await;
        assert_eq!(answer.status, status, "{url}: {}", answer.text());
    }
}

#[sqlx::test]
async fn a_secret_key_with_spaces_or_a_code_too_long_is_refused_with_a_reason(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(Operator).await;
    let long = "x".repeat(129);
    for (field, typed, why) in [
        ("chatbot_secret", "two words", "no spaces"),
        ("chatbot_secret", "한글", "no spaces"),
        ("chatbot_domain_code", long.as_str(), "1 to 128 characters"),
    ] {
        let answer = save(&desk, &stage, &[(field, typed)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    assert_eq!(stored(&stage.app, "chatbot_secret").await, None);
}

#[sqlx::test]
async fn the_secret_key_is_resealed_with_all_others(db: PgPool) {
    let (scene, _inbox) = Scene::telling(db, &[]).await;
    let app = &scene.stage.app;
    let new = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
    let both = [
        ("LINKGATE_SECRET_KEY", new),
        ("LINKGATE_SECRET_KEY_PREVIOUS", crate::harness::SECRET_KEY),
    ];
    let opens = async |node: &TestApp| {
        let id = &scene.stage.client.client.id;
        let client = linkgate::client::store::find_client(&app.db, id).await;
        let sealed = client.unwrap().unwrap().settings.chatbot.secret.unwrap();
        let opened = node.state().keys.open_chatbot_secret(id, &sealed);
        opened.is_some_and(|secret| secret.as_slice() == CHATBOT_SECRET.as_bytes())
    };
    let both = app.node_with(&both).await;
    assert!(opens(&both).await, "the previous one opens it");
    both.reseal().await;
    let only_new = app.node_with(&[("LINKGATE_SECRET_KEY", new)]).await;
    assert!(opens(&only_new).await && opens(&both).await);
    assert!(!opens(app).await);
}
