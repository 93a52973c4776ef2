//! When each of a client's secrets was last used, which an admin sees before the old one ends.

use linkgate::{admin::AdminRole, client::secret::store::list_live_secrets};
use sqlx::PgPool;

use crate::harness::{Stage, TestApp, days, minutes};

/// Each live secret's last use, the newest secret first, in seconds from the test's beginning.
async fn uses(app: &TestApp, stage: &Stage, began: i64) -> Vec<Option<i64>> {
    let id = &stage.client.client.id;
    let secrets = list_live_secrets(&app.db, id, app.now()).await.unwrap();
    let last_used = secrets.iter().map(|secret| secret.last_used_at);
    last_used
        .map(|at| at.map(|at| at.timestamp() - began))
        .collect()
}

/// Another node, whose stop writes what it noted.
async fn refreshed_at_another_node(stage: &Stage, token: &str) -> TestApp {
    let node = stage.app.second_node().await;
    let platform = node.platform(&stage.client);
    assert_eq!(platform.refresh_with(token, &[]).await.status, 200);
    node
}

#[sqlx::test]
async fn each_secret_tells_when_it_was_last_used(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let link = stage.link().await.refresh;
    let began = stage.app.now().timestamp();
    stage.app.clock.advance(minutes(10));
    refreshed_at_another_node(&stage, &link).await.stop().await;
    assert_eq!(uses(&stage.app, &stage, began).await, [Some(600)]);

    stage.app.give_secret(&mut stage.client, days(7)).await;
    stage.app.clock.advance(minutes(10));
    assert_eq!(uses(&stage.app, &stage, began).await, [None, Some(600)]);
    refreshed_at_another_node(&stage, &link).await.stop().await;
    assert_eq!(
        uses(&stage.app, &stage, began).await,
        [Some(1200), Some(600)]
    );

    let desk = stage.app.desk(AdminRole::Operator).await;
    let here = format!("/admin/clients/{}", stage.client.id());
    for page in [here.clone(), format!("{here}/secret")] {
        let shown = desk.browser.get(&page).await.text();
        assert!(shown.contains("last used"), "{shown}");
        assert!(shown.contains("10 minutes ago"), "{shown}");
    }
}

#[sqlx::test]
async fn a_wrong_secret_is_no_use(db: PgPool) {
    let stage = Stage::set(db).await;
    let began = stage.app.now().timestamp();
    let node = stage.app.second_node().await;
    let mut platform = node.platform(&stage.client);
    platform.secret = Some("lg_cs_wrong".to_owned());
    platform
        .introspect("x")
        .await
        .assert_refused(401, "invalid_client");
    node.stop().await;
    assert_eq!(uses(&stage.app, &stage, began).await, [None]);
}

#[sqlx::test]
async fn a_last_use_never_goes_back(db: PgPool) {
    let stage = Stage::set(db).await;
    let began = stage.app.now().timestamp();
    let slow = stage.app.second_node().await;
    assert_eq!(
        slow.platform(&stage.client).introspect("x").await.status,
        200
    );
    stage.app.clock.advance(minutes(5));
    let quick = stage.app.second_node().await;
    assert_eq!(
        quick.platform(&stage.client).introspect("x").await.status,
        200
    );
    quick.stop().await;
    slow.stop().await;
    assert_eq!(uses(&stage.app, &stage, began).await, [Some(300)]);
}

#[sqlx::test]
async fn authenticating_waits_for_nobody_who_holds_the_secret(db: PgPool) {
    let stage = Stage::set(db).await;
    let mut held = stage.app.db.begin().await.unwrap();
    sqlx::query("select from client_secret for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let node = stage.app.second_node().await;
    assert_eq!(
        node.platform(&stage.client).introspect("x").await.status,
        200
    );
    node.stop().await;
    held.rollback().await.unwrap();
    assert_eq!(uses(&stage.app, &stage, 0).await, [None]);
}
