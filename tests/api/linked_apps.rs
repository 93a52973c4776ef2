//! The person's own page of linked apps.

use sqlx::PgPool;

use crate::harness::{Stage, days};

#[sqlx::test]
async fn it_needs_a_login(db: PgPool) {
    let stage = Stage::set(db).await;
    assert_eq!(stage.browser.get("/account").await.location(), "/login");
    let login = stage.browser.get("/login").await;
    let token = login.form("/login").value("csrf").to_owned();
    let form = crate::harness::Form {
        action: "/account/unlink".to_owned(),
        fields: vec![("csrf".to_owned(), token)],
    };
    let answer = stage.browser.submit(&form).await;
    assert!(
        answer.status == 403 || answer.location() == "/login",
        "{answer:?}"
    );
}

#[sqlx::test]
async fn it_lists_what_is_linked_and_what_it_may_see(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let empty = stage.browser.get("/account?lang=en").await;
    assert!(empty.text().contains("Nothing is linked yet"));
    stage.link().await;
    let text = stage.browser.get("/account").await.text();
    for part in [
        "Speaker",
        "since 4 May 2026",
        "working",
        "Your e-mail address",
        "haneul@example.com",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[sqlx::test]
async fn unlinking_ends_the_link_at_once_and_is_told(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let page = stage.browser.get("/account?lang=en").await;
    let answer = stage.browser.submit(&page.form("/account/unlink")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("Speaker is unlinked."));
    assert!(answer.text().contains("Nothing is linked yet"));
    assert!(!stage.resolves(&link).await);
    // A second tap on a stale page does no harm.
    let again = stage.browser.submit(&page.form("/account/unlink")).await;
    assert_eq!(again.status, 200);
    assert_eq!(stage.app.only_link().await, "ended by account");
}

#[sqlx::test]
async fn an_unreadable_link_id_is_a_page(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let form = stage.browser.get("/account").await.form("/account/unlink");
    for id in [
        "",
        "x",
        "00000000-0000-0000-0000-000000000000",
        "' or true --",
    ] {
        let answer = stage
            .browser
            .submit(&form.clone().with("link_id", id))
            .await;
        answer.assert_page(404);
    }
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn a_paused_and_a_forgotten_link_say_so(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    stage.app.clock.advance(days(61));
    stage.browser.log_in(&stage.person).await;
    let text = stage.browser.get("/account?lang=en").await.text();
    assert!(text.contains("quiet"), "{text}");
    stage.app.disable_client(&stage.client).await;
    let text = stage.browser.get("/account").await.text();
    assert!(text.contains("paused"), "{text}");
}
