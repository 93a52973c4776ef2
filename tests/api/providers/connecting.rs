//! One's own connections: adding one, taking one away, and never the last way in.

use sqlx::PgPool;

use super::Scene;
use crate::harness::{Answer, Browser, Form};

/// The button that connects that provider on the security page.
async fn connect_form(browser: &Browser, id: &str) -> Form {
    let page = browser.get("/account/security").await;
    let action = format!("/account/connections/with/{id}");
    assert!(
        page.body.contains(&format!("formaction=\"{action}\"")),
        "{page:?}"
    );
    let first = page
        .body
        .split("action=\"/account/connections/with/")
        .nth(1)
        .unwrap();
    let first = first.split('"').next().unwrap();
    Form {
        action,
        ..page.form(&format!("/account/connections/with/{first}"))
    }
}

async fn connect(scene: &Scene, browser: &Browser, id: &str) -> Answer {
    let form = connect_form(browser, id).await;
    let there = browser.submit(&form).await;
    let query = scene.there.sign_in(there.location());
    scene.come_back(browser, id, &query).await
}

async fn disconnect(browser: &Browser) -> Answer {
    let page = browser.get("/account/security").await;
    browser.submit(&page.form("/account/connections")).await
}

#[sqlx::test]
async fn who_is_signed_in_connects_another_sign_in_and_disconnects_it(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person("haneul@example.com").await;
    let browser = scene.app.browser();
    browser.log_in(&person).await;
    let back = connect(&scene, &browser, "company").await;
    assert_eq!(back.location(), "/login/connect");
    let page = browser.get("/login/connect").await;
    assert!(page.text().contains("sora@example.com") && page.text().contains("haneul@example.com"));
    let form = page.form("/login/connect").with("decision", "connect");
    assert_eq!(browser.submit(&form).await.location(), "/account/security");
    // Twice is once.
    browser.submit(&form).await;
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
    scene.mail.letter_to("haneul@example.com").await;
    let page = browser.get("/account/security").await;
    assert!(
        page.text().contains("Company") && page.text().contains("sora@example.com"),
        "{page:?}"
    );
    let export = browser.get("/account/export").await.body;
    assert!(export.contains("\"with\": \"Company\""), "{export}");
    let console = scene
        .owner
        .get(&format!("/admin/accounts/{}", person.id))
        .await;
    assert!(console.text().contains("Company"), "{console:?}");

    assert_eq!(disconnect(&browser).await.location(), "/account/security");
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
    let letter = scene.mail.letter_to("haneul@example.com").await;
    assert!(letter.subject.contains("끊겼"), "{letter:?}");
    assert_eq!(
        scene
            .app
            .count("event", "kind = 'sign_in_disconnected'")
            .await,
        1
    );
    let other = scene.app.browser();
    let back = scene.round_trip(&other, "/login", "company").await;
    assert_eq!(back.location(), "/signup/with");
}

#[sqlx::test]
async fn the_only_way_in_stays(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.newcomer("company").await;
    let refused = disconnect(&browser).await;
    assert_eq!(refused.location(), "/account/security?kept=1");
    assert!(
        browser
            .get(refused.location())
            .await
            .text()
            .contains("only way into your account")
    );
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
    // A password by the forgotten-password code is another way in.
    let page = browser.get("/password/forgot").await;
    let asked = browser
        .submit(
            &page
                .form("/password/forgot")
                .with("email", "sora@example.com"),
        )
        .await;
    let code = scene
        .mail
        .letter_to("sora@example.com")
        .await
        .code()
        .unwrap();
    let page = browser.get(asked.location()).await;
    let typed = browser
        .submit(&page.form("/verify").with("code", &code))
        .await;
    let page = browser.get(typed.location()).await;
    let form = page
        .form("/password/reset")
        .with("password", "ochre tundra lamp");
    assert_eq!(browser.submit(&form).await.location(), "/account");
    assert_eq!(disconnect(&browser).await.location(), "/account/security");
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
}

#[sqlx::test]
async fn nobody_takes_anothers_connection_nor_takes_it_away(db: PgPool) {
    let scene = Scene::set(db).await;
    let theirs = scene.newcomer("company").await;
    let person = scene.app.person("haneul@example.com").await;
    let mine = scene.app.browser();
    mine.log_in(&person).await;
    // The same person at the provider is somebody here already.
    connect(&scene, &mine, "company").await.assert_page(409);
    let theirs = theirs
        .get("/account/security")
        .await
        .form("/account/connections");
    let token = connect_form(&mine, "company")
        .await
        .value("csrf")
        .to_owned();
    mine.submit(&theirs.with("csrf", &token)).await;
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 1);
}

#[sqlx::test]
async fn what_one_account_began_connects_nothing_to_another(db: PgPool) {
    let scene = Scene::set(db).await;
    let (one, other) = (
        scene.app.person("one@example.com").await,
        scene.app.person("other@example.com").await,
    );
    let browser = scene.app.browser();
    browser.log_in(&one).await;
    connect(&scene, &browser, "company").await;
    let form = browser.get("/login/connect").await.form("/login/connect");
    browser
        .log_in_at("/login", &other.email, crate::harness::PASSWORD)
        .await;
    // The form named the other session.
    browser
        .submit(&form.with("decision", "connect"))
        .await
        .assert_page(403);
    assert_eq!(scene.app.count("connected_sign_in", "true").await, 0);
}
