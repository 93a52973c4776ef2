//! From the chat's button to a connected chat.

use sqlx::PgPool;

use super::{Scene, decide, page_for};
use crate::harness::{
    PASSWORD,
    chatbot::{CHAT_USER, MESSENGER},
    minutes,
};

#[sqlx::test]
async fn the_page_names_the_chat_the_account_each_scope_and_the_time_left(db: PgPool) {
    let scene = Scene::new(db).await;
    let text = scene.page().await.text();
    for part in [
        "Connect this chat to your Linkgate account?",
        CHAT_USER,
        MESSENGER,
        "Speaker",
        "If somebody sent you this address, don’t",
        "김하늘",
        "haneul@example.com",
        "Not you?",
        "A number that stands for you",
        "Your details at Linkgate",
        "10 minutes",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[sqlx::test]
async fn nothing_is_written_before_the_yes_which_links_at_once(db: PgPool) {
    let scene = Scene::new(db).await;
    let Scene { stage, chatbot } = &scene;
    let page = scene.page().await;
    assert_eq!(scene.links().await, 0);
    assert_eq!(stage.app.count("chatbot_user", "true").await, 0);
    let done = decide(&stage.browser, &page, "approve").await;
    done.assert_page(200);
    assert!(
        done.text().contains("Go back to the chat"),
        "{}",
        done.text()
    );
    assert_eq!(stage.app.only_link().await, "active");
    assert!(chatbot.confirms(CHAT_USER).await);
    let scopes = "select array_to_string(scopes, ' ') from link";
    assert_eq!(
        stage.app.value(scopes).await.unwrap(),
        stage.client.client.scopes.to_string()
    );
}

#[sqlx::test]
async fn somebody_who_is_signed_in_is_asked_all_the_same(db: PgPool) {
    let scene = Scene::new(db).await;
    let Scene { stage, chatbot } = &scene;
    stage.browser.log_in(&stage.person).await;
    for _ in 0..2 {
        let begun = stage.browser.get(&chatbot.login_for(CHAT_USER)).await;
        assert!(begun.location().starts_with("/connect?flow="));
        scene.page().await;
    }
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn a_no_writes_nothing_and_is_told(db: PgPool) {
    let scene = Scene::new(db).await;
    let page = scene.page().await;
    let denied = decide(&scene.stage.browser, &page, "deny").await;
    denied.assert_page(200);
    assert!(denied.text().contains("Nothing was connected"));
    for neither in ["", "maybe", "APPROVE"] {
        decide(&scene.stage.browser, &page, neither)
            .await
            .assert_page(400);
    }
    assert_eq!(scene.links().await, 0);
    assert!(!scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn a_second_tap_makes_no_second_link(db: PgPool) {
    let scene = Scene::new(db).await;
    let page = scene.page().await;
    for _ in 0..3 {
        let done = decide(&scene.stage.browser, &page, "approve").await;
        assert!(done.text().contains("Go back to the chat"), "{done:?}");
    }
    assert_eq!(scene.links().await, 1);
}

#[sqlx::test]
async fn a_form_posted_again_after_the_link_ended_connects_nothing(db: PgPool) {
    let scene = Scene::new(db).await;
    let browser = &scene.stage.browser;
    let page = scene.page().await;
    decide(browser, &page, "approve").await.assert_page(200);
    let account = browser.get("/account").await;
    browser.submit(&account.form("/account/unlink")).await;
    decide(browser, &page, "approve").await.assert_page(409);
    assert_eq!(scene.stage.app.only_link().await, "ended by account");
    assert!(!scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn the_linked_apps_page_says_which_chat_it_is_and_ends_it(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    let browser = &scene.stage.browser;
    let page = browser.get("/account?lang=en").await;
    for part in ["Speaker", "From the chat", MESSENGER, CHAT_USER, "working"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    browser.submit(&page.form("/account/unlink")).await;
    assert!(!scene.chatbot.confirms(CHAT_USER).await);
}

#[sqlx::test]
async fn a_flow_of_one_kind_is_nothing_to_the_page_of_the_other(db: PgPool) {
    let scene = Scene::new(db).await;
    let stage = &scene.stage;
    let chat = scene.page().await.form("/connect");
    let platform = stage.consent_page(&[]).await.form("/consent");
    let approve = [("decision", "approve")];
    for (mut form, page) in [(chat, "/consent"), (platform, "/connect")] {
        let flow = form.value("flow").to_owned();
        let opened = stage.browser.get(&format!("{page}?flow={flow}")).await;
        opened.assert_page(400);
        page.clone_into(&mut form.action);
        let [(name, value)] = approve;
        let answer = stage.browser.submit(&form.with(name, value)).await;
        answer.assert_page(400);
    }
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn a_flow_is_finished_in_its_own_browser_and_in_time(db: PgPool) {
    let scene = Scene::new(db).await;
    let Scene { stage, chatbot } = &scene;
    let login = stage.browser.get(&chatbot.login_for(CHAT_USER)).await;
    let login = login.location().to_owned();
    let other = stage.app.browser();
    other.log_in(&stage.person).await;
    for address in [login.clone(), login.replace("/login", "/connect")] {
        other.get(&address).await.assert_page(403);
    }
    let page = scene.page().await;
    stage.app.clock.advance(minutes(10));
    decide(&stage.browser, &page, "approve")
        .await
        .assert_page(400);
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn if_another_is_signed_in_by_then_the_page_asks_again(db: PgPool) {
    let scene = Scene::new(db).await;
    let stage = &scene.stage;
    let other = stage.app.person("other@example.com").await;
    let page = scene.page().await;
    stage.browser.log_in(&other).await;
    let again = decide(&stage.browser, &page, "approve").await;
    again.assert_page(200);
    assert!(again.text().contains("other@example.com"));
    assert_eq!(scene.links().await, 0);
    for named in ["", "1.AAAA", "x"] {
        let form = again.form("/connect").with("named", named);
        stage
            .browser
            .submit(&form.with("decision", "approve"))
            .await;
        assert_eq!(scene.links().await, 0, "{named}");
    }
    decide(&stage.browser, &again, "approve").await;
    let owner = stage.app.value("select account_id from link").await;
    assert_eq!(owner, Some(other.id.to_string()));
}

#[sqlx::test]
async fn not_you_goes_on_with_another_account(db: PgPool) {
    let scene = Scene::new(db).await;
    let stage = &scene.stage;
    let other = stage.app.person("other@example.com").await;
    let page = scene.page().await;
    let out = stage.browser.submit(&page.form("/logout")).await;
    let browser = &stage.browser;
    let logged_in = browser
        .log_in_at(out.location(), &other.email, PASSWORD)
        .await;
    let page = browser.get(logged_in.location()).await;
    assert!(page.text().contains("other@example.com"));
    decide(browser, &page, "approve").await.assert_page(200);
    assert_eq!(scene.links().await, 1);
}

#[sqlx::test]
async fn csr_04_a_form_without_its_token_connects_nothing(db: PgPool) {
    let scene = Scene::new(db).await;
    let browser = &scene.stage.browser;
    let form = scene
        .page()
        .await
        .form("/connect")
        .with("decision", "approve");
    let elsewhere = [("origin", "https://evil.test")];
    browser
        .submit_with(&form, &elsewhere)
        .await
        .assert_page(403);
    browser.submit(&form.without("csrf")).await.assert_page(403);
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn what_the_client_lost_meanwhile_is_not_granted(db: PgPool) {
    let scene = Scene::new(db).await;
    let stage = &scene.stage;
    let page = scene.page().await;
    let fewer = |client: &mut linkgate::client::Client| {
        client.scopes = linkgate::protocol::ScopeSet::parse("account:id account:profile").unwrap();
    };
    stage.app.change_client(&stage.client, fewer).await;
    decide(&stage.browser, &page, "approve")
        .await
        .assert_page(200);
    let scopes = "select array_to_string(scopes, ' ') from link";
    let granted = stage.app.value(scopes).await.unwrap();
    assert_eq!(granted, "account:id account:profile");
}

#[sqlx::test]
async fn the_history_tells_the_whole_way(db: PgPool) {
    let scene = Scene::new(db).await;
    let denied = scene.page().await;
    decide(&scene.stage.browser, &denied, "deny").await;
    let login = scene.chatbot.login_for("someone-else");
    let page = page_for(&scene.stage.browser, &scene.stage.person, &login).await;
    decide(&scene.stage.browser, &page, "approve").await;
    let app = &scene.stage.app;
    let second = app.second_node().await;
    scene.stage.app.stop().await;
    for (outcome, step) in [("declined", "denied"), ("linked", "chat_connected")] {
        let sql = format!(
            "select string_agg(walked ->> 'step', ' ')
             from attempt, jsonb_array_elements(steps) as walked where outcome = '{outcome}'"
        );
        let steps = second.value(&sql).await.unwrap();
        assert!(
            steps.contains("chat_requested") && steps.contains(step),
            "{steps}"
        );
    }
}
