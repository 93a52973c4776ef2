//! Attempts in the console: found by what a caller can say, told in plain words.

use linkgate::admin::AdminRole::Viewer;
use sqlx::PgPool;

use crate::harness::{Stage, TestApp, minutes};

#[sqlx::test]
async fn a_caller_with_a_support_code_learns_what_was_wrong_and_what_to_do(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let code = stage.code().await;
    let body = format!("grant_type=authorization_code&code={code}");
    let wrong = crate::harness::basic(&stage.client.id(), "wrong");
    stage
        .platform
        .post_raw(&body, &[("authorization", &wrong)])
        .await;
    stage.app.console(Viewer).await;
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    let console = app.browser();
    console.sign_in("viewer@example.com").await;
    let known = app.value("select support_code from attempt").await.unwrap();
    let (first, second) = known.split_at(4);
    let person = &stage.person.email;
    for search in [
        known.clone(),
        format!("{first}-{second}").to_lowercase(),
        person.clone(),
    ] {
        let list = console
            .get(&format!("/admin/attempts?search={search}"))
            .await;
        list.assert_page(200);
        let address = format!("href=\"/admin/attempts/{first}-{second}\"");
        assert!(list.body.contains(&address), "{search}: {}", list.text());
    }
    let page = console
        .get(&format!("/admin/attempts/{first}-{second}"))
        .await;
    page.assert_page(200);
    let text = page.text();
    for said in [
        "Why did linking fail?",
        "Speaker could not redeem the code. The client secret at the token URL was wrong.",
        "Paste the current secret into Speaker’s console",
        "Logged in as haneul@example.com",
        "Code handed to Speaker",
        "First use of the link",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let failed = console
        .get("/admin/attempts?outcome=failed&reason=secret_wrong")
        .await;
    assert!(
        failed.text().contains("Failed The client secret"),
        "{}",
        failed.text()
    );
    let linked = console.get("/admin/attempts?outcome=linked").await;
    assert!(
        linked.text().contains("No attempt matches"),
        "{}",
        linked.text()
    );
    console
        .get("/admin/attempts/0000-0000")
        .await
        .assert_page(404);
}

#[sqlx::test]
async fn an_attempt_that_simply_stops_says_where_and_why_it_is_likely(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.code().await;
    stage.app.console(Viewer).await;
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    let console = app.browser();
    console.sign_in("viewer@example.com").await;
    let known = app.value("select support_code from attempt").await.unwrap();
    let address = format!("/admin/attempts/{known}");
    let page = console.get(&address).await.text();
    assert!(page.contains("Still under way."), "{page}");
    app.clock.advance(minutes(11));
    let page = console.get(&address).await.text();
    assert!(page.contains("Speaker never redeemed the code."), "{page}");
    assert!(
        page.contains("Check the token URL in its console"),
        "{page}"
    );
    let list = console.get("/admin/attempts?outcome=stopped").await.text();
    assert!(
        list.contains("Stopped Last: Code handed to Speaker"),
        "{list}"
    );
}
