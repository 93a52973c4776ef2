//! Login addresses that somebody wrote by hand.

use sqlx::PgPool;

use super::{Scene, page_for};
use crate::harness::chatbot::{CHAT_USER, DOMAIN, MESSENGER};

#[sqlx::test]
async fn an_address_that_is_not_whole_is_a_page_that_names_what_is_wrong(db: PgPool) {
    let scene = Scene::new(db).await;
    let (user, platform, domain) = (
        ("userId", CHAT_USER),
        ("platform", MESSENGER),
        ("domainCode", DOMAIN),
    );
    let long = |most: usize| "x".repeat(most + 1);
    let (user_id, messenger, code) = (long(256), long(64), long(128));
    for (query, wrong) in [
        (vec![platform, domain], "userId is missing"),
        (vec![user, domain], "platform is missing"),
        (vec![user, platform], "domainCode is missing"),
        (vec![("userId", ""), platform, domain], "userId is missing"),
        (
            vec![user, user, platform, domain],
            "userId is given more than once",
        ),
        (
            vec![user, platform, domain, domain],
            "domainCode is given more",
        ),
        (
            vec![("userId", &user_id), platform, domain],
            "userId must have",
        ),
        (
            vec![("userId", "a\nb"), platform, domain],
            "userId must have",
        ),
        (
            vec![("userId", "a\u{7f}b"), platform, domain],
            "userId must have",
        ),
        (
            vec![user, ("platform", &messenger), domain],
            "platform must have",
        ),
        (
            vec![user, platform, ("domainCode", &code)],
            "domainCode must have",
        ),
        (
            vec![user, platform, ("domainCode", "other")],
            "is not the one stored",
        ),
        (
            vec![user, platform, domain, ("nonce", &user_id)],
            "nonce must have",
        ),
        (
            vec![user, platform, domain, ("nonce", "a\rb")],
            "nonce must have",
        ),
    ] {
        let browser = scene.stage.app.browser();
        let answer = browser.get(&scene.chatbot.login_with(&query)).await;
        answer.assert_page(400);
        assert!(answer.text().contains(wrong), "{wrong}: {}", answer.text());
        assert!(answer.text().contains("Support code"), "{}", answer.text());
    }
    let raw = format!(
        "/chatbot/{}/login?userId=%ff&platform=a",
        scene.stage.client.id()
    );
    scene.stage.app.browser().get(&raw).await.assert_page(400);
}

#[sqlx::test]
async fn what_else_stands_in_an_address_is_nobodys_business(db: PgPool) {
    let scene = Scene::new(db).await;
    let login = format!("{}&utm_source=chat", scene.chatbot.login_for(CHAT_USER));
    page_for(&scene.stage.browser, &scene.stage.person, &login).await;
}

#[sqlx::test]
async fn a_disabled_client_is_a_page_that_says_so(db: PgPool) {
    let scene = Scene::new(db).await;
    let page = scene.page().await;
    scene.stage.app.disable_client(&scene.stage.client).await;
    let browser = &scene.stage.browser;
    let login = scene.chatbot.login_for(CHAT_USER);
    browser.get(&login).await.assert_page(400);
    let form = page.form("/connect").with("decision", "approve");
    browser.submit(&form).await.assert_page(400);
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn a_domain_that_was_changed_meanwhile_connects_nobody(db: PgPool) {
    let scene = Scene::new(db).await;
    let page = scene.page().await;
    let (app, client) = (&scene.stage.app, &scene.stage.client);
    for code in [None, Some("other-bot".to_owned())] {
        app.change_client(client, |client| client.settings.chatbot.domain_code = code)
            .await;
        let form = page.form("/connect").with("decision", "approve");
        scene.stage.browser.submit(&form).await.assert_page(400);
    }
    assert_eq!(scene.links().await, 0);
}

#[sqlx::test]
async fn xss_01_ids_written_by_others_stay_text(db: PgPool) {
    let scene = Scene::new(db).await;
    let hostile = "\"><svg onload=alert(1)>'<script>alert(1)</script>";
    let query = [
        ("userId", hostile),
        ("platform", "<b>line</b>"),
        ("domainCode", DOMAIN),
    ];
    let login = scene.chatbot.login_with(&query);
    let browser = &scene.stage.browser;
    let page = page_for(browser, &scene.stage.person, &login).await;
    assert!(page.text().contains(hostile), "{}", page.text());
    super::decide(browser, &page, "approve")
        .await
        .assert_page(200);
    let account = browser.get("/account").await;
    assert!(account.text().contains(hostile), "{}", account.text());
    for page in [page, account] {
        let inert = !page.body.contains("<svg") && !page.body.contains("<script>");
        assert!(inert && !page.body.contains("<b>line"), "{}", page.body);
    }
}

#[sqlx::test]
async fn too_many_logins_from_one_address_wait(db: PgPool) {
    let settings = [("LINKGATE_LIMIT_AUTHORIZE", "2")];
    let app = crate::harness::TestApp::spawn_with(db, &settings).await;
    let scene = Scene::on(app).await;
    let login = scene.chatbot.login_for(CHAT_USER);
    for _ in 0..2 {
        assert_eq!(scene.stage.browser.get(&login).await.status, 303);
    }
    scene.stage.browser.get(&login).await.assert_page(429);
}
