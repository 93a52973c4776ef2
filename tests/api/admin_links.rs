//! Links in the console, and the start page that counts them.

use linkgate::admin::AdminRole::{Operator, Viewer};
use sqlx::PgPool;

use crate::harness::{Browser, Stage, TestApp, days, minutes};

#[sqlx::test]
async fn an_admin_ends_a_link_after_a_second_look(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    let console = stage.app.console(Operator).await;
    let id = stage.app.value("select link_id from link").await.unwrap();
    let end = format!("/admin/links/{id}/end");
    let asked = console.get(&end).await;
    assert_eq!(stage.app.only_link().await, "active");
    let answer = console.submit(&asked.form(&end)).await;
    assert_eq!(
        answer.location(),
        format!("/admin/links/{id}?done=link-ended")
    );
    assert_eq!(stage.app.only_link().await, "ended by admin");
    assert!(!stage.resolves(&tokens).await);
    let again = console.submit(&asked.form(&end)).await;
    assert_eq!(
        again.location(),
        format!("/admin/links/{id}?done=link-had-ended")
    );
}

#[sqlx::test]
async fn a_link_shows_its_life_and_its_history(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    stage.link().await;
    let console = stage.app.console(Operator).await;
    let id = stage.app.value("select link_id from link").await.unwrap();
    let end = format!("/admin/links/{id}/end");
    console.fill_in(&end, &end, &[]).await;
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    let console = app.browser();
    console.sign_in("operator@example.com").await;
    let page = console.get(&format!("/admin/links/{id}")).await.text();
    for line in [
        "김하늘 at Speaker",
        "Approved by the person",
        "Code redeemed by the platform",
        "Ended by an admin operator@example.com",
        "Your e-mail address",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(!page.contains("End the link…"), "{page}");
}

/// How many links the list shows for a query.
async fn shown(console: &Browser, query: &str) -> usize {
    let page = console.get(&format!("/admin/links?{query}")).await;
    page.assert_page(200);
    page.body.matches("the link of").count()
}

#[sqlx::test]
async fn the_list_is_narrowed_to_an_account_a_client_or_a_state(db: PgPool) {
    let mut stage = Stage::set(db).await;
    stage.link().await;
    stage
        .app
        .change("update link set state = 'ended', ended_at = now(), end_reason = 'idle'")
        .await;
    stage.link().await;
    let (first, email) = (stage.person.id, stage.person.email.clone());
    stage.person = stage.app.person("other@example.com").await;
    stage.browser = stage.app.browser();
    stage.link().await;
    let console = stage.app.console(Viewer).await;
    for (query, links) in [
        ("", 3),
        (&*format!("account={email}"), 2),
        (&*format!("account=+{}+", email.to_uppercase()), 2),
        (&*format!("account={first}"), 2),
        ("account=ext:customer:other@example.com", 1),
        ("account=nobody@example.com", 0),
        ("state=ended", 1),
        ("state=active", 2),
        ("state=", 3),
        (&*format!("client={}", stage.client.id()), 3),
        ("client=none", 0),
    ] {
        assert_eq!(shown(&console, query).await, links, "{query}");
    }
    let page = console
        .get("/admin/links?account=nobody@example.com")
        .await
        .text();
    assert!(
        page.contains("No account has this e-mail address"),
        "{page}"
    );
}

#[sqlx::test]
async fn where_the_only_link_has_ended_nobody_is_called_a_newcomer(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let console = stage.app.console(Operator).await;
    stage
        .app
        .change("update link set state = 'ended', ended_at = now(), end_reason = 'account'")
        .await;
    let page = console.get("/admin").await.text();
    assert!(!page.contains("Nobody has linked"), "{page}");
}

#[sqlx::test]
async fn the_start_page_leads_a_newcomer_and_then_counts(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let console = stage.app.console(Operator).await;
    let home = console.get("/admin").await;
    // Who has never linked needs to know why more than anybody.
    assert_eq!(home.form("/admin/attempts").value("search"), "");
    let page = home.text();
    let command = format!(
        "linkgate simulate {} --email {}",
        stage.client.id(),
        stage.person.email
    );
    assert!(
        page.contains("Four steps") && page.contains(&command),
        "{page}"
    );
    let tokens = stage.link().await;
    stage.approve(&[]).await;
    stage.app.change("update link set state = 'ended', ended_at = now(), end_reason = 'idle' where state = 'active'").await;
    let refused = stage.platform.refresh_with(&tokens.refresh, &[]).await;
    refused.assert_refused(400, "invalid_grant");
    stage.app.stop().await;

    let app = TestApp::spawn(db).await;
    app.clock.advance(minutes(11));
    let console = app.browser();
    console.sign_in("operator@example.com").await;
    let page = console.get("/admin").await.text();
    for count in [
        "Active links 0",
        "Linked 1",
        "Approved, never redeemed 1",
        "Codes and refreshes refused 1",
    ] {
        assert!(page.contains(count), "{count}: {page}");
    }
    assert!(page.contains("Refresh token refused"), "{page}");
}

#[sqlx::test]
async fn links_that_soon_die_of_idleness_are_foretold_until_they_are_refreshed(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    stage.app.clock.advance(days(386) - minutes(1));
    let console = stage.app.console(Viewer).await;
    let forecast = async || {
        let home = console.get("/admin").await.text();
        let count = home.split("Expire idle within 14 days").nth(1).unwrap();
        let count = count.split_whitespace().next().unwrap().to_owned();
        (count, shown(&console, "state=expiring").await)
    };
    assert_eq!(forecast().await, ("0".to_owned(), 0));
    stage.app.clock.advance(minutes(1));
    assert_eq!(forecast().await, ("1".to_owned(), 1));
    stage.platform.refresh_with(&tokens.refresh, &[]).await;
    assert_eq!(forecast().await, ("0".to_owned(), 0));
}
