//! A database that is small, restarted, or can't be read: requests wait, succeed, or say 503, and
//! nobody concludes anything from it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use linkgate::admin::AdminRole::Owner;
use sqlx::PgPool;

use crate::harness::{Answer, Browser, PASSWORD, Stage, TestApp, draft, seconds};

/// The token as another node would have made it a moment ago, under a key this one hasn't read.
fn under_an_unknown_key(token: &str) -> String {
    let (prefix, body) = token.split_at(6);
    let mut bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
    bytes.splice(1..3, [0x7F, 0xFF]);
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[track_caller]
fn assert_try_again(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.error(), "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
}

#[sqlx::test]
async fn a_token_under_a_key_that_cant_be_read_is_no_bad_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let (access, refresh) = (
        under_an_unknown_key(&link.access),
        under_an_unknown_key(&link.refresh),
    );
    stage.app.clock.advance(seconds(2));
    let mut locking = stage.app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table key in access exclusive mode");
    lock.execute(&mut *locking).await.unwrap();
    let refreshed = stage.platform.refresh_with(&refresh, &[]).await;
    assert_try_again(&refreshed);
    // Within the second the keys aren't asked for again, and what is unknown stays so.
    assert_try_again(&stage.platform.resolve(&access).await);
    assert!(stage.resolves(&link).await);
    locking.rollback().await.unwrap();

    stage.app.clock.advance(seconds(2));
    let answer = stage.platform.refresh_with(&refresh, &[]).await;
    answer.assert_refused(400, "invalid_grant");
    assert_eq!(stage.platform.resolve(&access).await.status, 401);
}

#[sqlx::test]
async fn a_key_that_cant_be_opened_unlinks_nobody(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let (access, refresh) = (
        under_an_unknown_key(&link.access),
        under_an_unknown_key(&link.refresh),
    );
    stage
        .app
        .change("update key set sealed_secret = '\\x00' where kind = 'seal'")
        .await;
    for token in [&refresh, &refresh] {
        stage.app.clock.advance(seconds(2));
        assert_try_again(&stage.platform.refresh_with(token, &[]).await);
        assert_try_again(&stage.platform.resolve(&access).await);
    }
    let refreshed = stage.platform.refresh_with(&link.refresh, &[]).await;
    assert_eq!(refreshed.status, 200);
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn the_first_request_after_a_restart_of_the_database_succeeds(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let page = stage.consent_page(&[]).await;
    // What a restart does to connections; it takes longer than the second that is waited here.
    let restart = async || {
        let ended = "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and application_name = 'linkgate'";
        stage.app.change_schema(ended).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
    };
    restart().await;
    assert!(stage.resolves(&link).await);
    restart().await;
    let refreshed = stage.platform.refresh_with(&link.refresh, &[]).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    restart().await;
    let approved = stage.browser.decide(&page, "approve").await;
    assert_eq!(approved.status, 303, "{approved:?}");
    restart().await;
    stage.browser.get("/account").await.assert_page(200);
}

#[sqlx::test]
async fn one_database_connection_is_enough_for_a_link(db: PgPool) {
    let settings = [("LINKGATE_DATABASE_CONNECTIONS", "1")];
    let stage = Stage::on(TestApp::spawn_with(db, &settings).await, draft()).await;
    let page = stage.consent_page(&[]).await;
    let taps = join_all((0..8).map(|_| stage.browser.decide(&page, "approve"))).await;
    assert!(taps.iter().all(|tap| tap.status == 303), "{taps:?}");
    let link = stage.link().await;
    let refreshes = (0..8).map(|_| stage.platform.refresh_with(&link.refresh, &[]));
    let resolves = (0..8).map(|_| stage.platform.resolve(&link.access));
    let (refreshed, resolved) = tokio::join!(join_all(refreshes), join_all(resolves));
    for answer in refreshed.iter().chain(&resolved) {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(stage.platform.introspect(&link.access).await.status, 200);
    assert_eq!(stage.platform.revoke(&link.refresh).await.status, 200);
    let account = stage.browser.get("/account").await;
    let unlinked = stage.browser.submit(&account.form("/account/unlink")).await;
    unlinked.assert_page(200);
    let ready = format!("{}/health/ready", stage.app.ops_url);
    assert_eq!(stage.browser.get(&ready).await.status, 200);
}

async fn saves(console: &Browser, page: &str, fields: &[(&str, &str)]) {
    let answer = console.fill_in(page, page, fields).await;
    assert_eq!(answer.status, 303, "{page}: {answer:?}");
}

#[sqlx::test]
async fn one_database_connection_is_enough_for_the_console(db: PgPool) {
    let settings = [("LINKGATE_DATABASE_CONNECTIONS", "1")];
    let stage = Stage::on(TestApp::spawn_with(db, &settings).await, draft()).await;
    stage.link().await;
    let console = stage.app.console(Owner).await;
    let email = ("email", "new@example.com");
    let (name, password) = (("name", "New"), ("password", PASSWORD));
    saves(&console, "/admin/accounts/new", &[email, name, password]).await;
    saves(
        &console,
        "/admin/admins/new",
        &[email, ("role", "viewer"), password],
    )
    .await;
    let account = format!("/admin/accounts/{}", stage.person.id);
    let edit = format!("{account}/edit");
    saves(&console, &edit, &[name, ("attributes", "{}"), password]).await;
    saves(&console, &format!("{account}/disable"), &[]).await;
    saves(&console, &format!("{account}/enable"), &[]).await;
    let client = format!("/admin/clients/{}", stage.client.id());
    saves(&console, &format!("{client}/edit"), &[name]).await;
    let secret = format!("{client}/secret");
    let replaced = console.fill_in(&secret, &secret, &[("overlap", "0")]).await;
    replaced.assert_page(200);
    let link = stage.app.value("select link_id from link").await.unwrap();
    saves(&console, &format!("/admin/links/{link}/end"), &[]).await;
    saves(&console, "/admin/settings", &[name]).await;
    for page in [
        "/admin",
        "/admin/clients",
        "/admin/accounts",
        "/admin/links",
        &client,
        &account,
    ] {
        console.get(page).await.assert_page(200);
    }
}
