//! The console: replacing client secrets, and switching clients off.

use linkgate::{
    admin::AdminRole,
    client,
    foundation::{
        clock::Clock,
        random::{Random, SystemRandom},
        secret::Plain,
    },
};
use sqlx::PgPool;

use crate::{
    admin_clients::secret_on,
    harness::{Desk, Stage, days, minutes},
};

/// Replaces the secret in the console; gives the new one.
async fn replace(desk: &Desk, client: &str, overlap: &str) -> String {
    let page = format!("/admin/clients/{client}/secret");
    let form = desk.form(&page, &page).await.with("overlap", overlap);
    let answer = desk.browser.submit(&form).await;
    answer.assert_page(200);
    secret_on(&answer).unwrap()
}

/// Whether a refresh with that secret succeeds.
async fn refreshes(stage: &mut Stage, secret: &str, token: &str) -> bool {
    stage.platform.secret = Some(secret.to_owned());
    let answer = stage.platform.refresh_with(token, &[]).await;
    if answer.status != 200 {
        answer.assert_refused(401, "invalid_client");
    }
    answer.status == 200
}

#[sqlx::test]
async fn both_secrets_work_during_the_overlap_and_the_new_one_alone_after(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let link = stage.link().await.refresh;
    let old = stage.client.secret.clone().unwrap();
    let new = replace(&desk, &stage.client.id(), "7d").await;
    assert_ne!(old, new);
    assert!(refreshes(&mut stage, &old, &link).await);
    assert!(refreshes(&mut stage, &new, &link).await);
    stage.app.clock.advance(days(7) + minutes(1));
    assert!(!refreshes(&mut stage, &old, &link).await);
    assert!(refreshes(&mut stage, &new, &link).await);
}

#[sqlx::test]
async fn without_an_overlap_the_old_secret_dies_at_once(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let link = stage.link().await.refresh;
    let old = stage.client.secret.clone().unwrap();
    let new = replace(&desk, &stage.client.id(), "0").await;
    assert!(!refreshes(&mut stage, &old, &link).await);
    assert!(refreshes(&mut stage, &new, &link).await);
}

#[sqlx::test]
async fn a_reload_does_not_replace_the_secret_again(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let link = stage.link().await.refresh;
    stage.app.clock.advance(minutes(1));
    let page = format!("/admin/clients/{}/secret", stage.client.id());
    let form = desk.form(&page, &page).await.with("overlap", "0");
    let first = desk.browser.submit(&form).await;
    let again = desk.browser.submit(&form).await;
    again.assert_page(422);
    assert_eq!(secret_on(&again), None);
    assert!(again.text().contains("replaced since you opened this page"));
    let new = secret_on(&first).unwrap();
    assert!(refreshes(&mut stage, &new, &link).await);
}

#[sqlx::test]
async fn an_overlap_nobody_offered_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/secret", stage.client.id());
    let form = desk.form(&page, &page).await.with("overlap", "3650d");
    desk.browser.submit(&form).await.assert_page(400);
    assert_eq!(stage.app.count("client_secret", "true").await, 1);
}

#[sqlx::test]
async fn a_disabled_client_is_refused_everywhere_and_keeps_its_links(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let tokens = stage.link().await;
    let here = format!("/admin/clients/{}", stage.client.id());
    let disable = format!("{here}/disable");
    let answer = desk.press(&here, &disable).await;
    assert_eq!(answer.location(), format!("{here}?done=client-disabled"));

    stage.open(&[]).await.assert_page(400);
    let refused = stage.platform.refresh_with(&tokens.refresh, &[]).await;
    refused.assert_refused(401, "invalid_client");
    assert!(!stage.resolves(&tokens).await);
    assert_eq!(stage.app.only_link().await, "active");

    desk.press(&here, &format!("{here}/enable")).await;
    let again = stage.platform.refresh_with(&tokens.refresh, &[]).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert!(stage.resolves(&tokens).await);
}

#[sqlx::test]
async fn only_a_disabled_client_is_deleted_and_only_by_its_own_id(db: PgPool) {
    let stage = Stage::set(db).await;
    let app = &stage.app;
    let desk = app.desk(AdminRole::Operator).await;
    stage.link().await;
    let id = stage.client.id();
    let here = format!("/admin/clients/{id}");
    let delete = format!("{here}/delete");
    let enabled = desk.browser.get(&delete).await;
    assert!(!enabled.body.contains("Delete for ever</button>"));
    desk.press(&here, &format!("{here}/disable")).await;

    let form = desk.form(&delete, &delete).await;
    let asked = desk.browser.get(&delete).await;
    assert!(asked.text().contains("1 active link"));
    for wrong in ["", "Speaker", "x"] {
        let answer = desk
            .browser
            .submit(&form.clone().with("typed", wrong))
            .await;
        answer.assert_page(422);
    }
    desk.press(&here, &format!("{here}/enable")).await;
    let typed = form.with("typed", &id);
    desk.browser.submit(&typed).await.assert_page(422);
    assert_eq!(app.count("client", "true").await, 1);

    desk.press(&here, &format!("{here}/disable")).await;
    let answer = desk.browser.submit(&typed).await;
    assert_eq!(answer.location(), "/admin/clients?done=client-deleted");
    assert_eq!(app.count("client", "true").await, 0);
    assert_eq!(app.count("link", "true").await, 0);
    desk.browser.get(&here).await.assert_page(404);
}

#[sqlx::test]
async fn a_client_is_deleted_once_and_told_of_once(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let here = format!("/admin/clients/{}", stage.client.id());
    desk.press(&here, &format!("{here}/disable")).await;
    let delete = format!("{here}/delete");
    let form = desk.form(&delete, &delete).await;
    let form = form.with("typed", &stage.client.id());
    let (one, other) = tokio::join!(desk.browser.submit(&form), desk.browser.submit(&form));
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [303, 404]);
    stage.app.stop().await;
    let told = "select count(*) from event where detail like 'client deleted%'";
    let told: i64 = sqlx::query_scalar(told).fetch_one(&db).await.unwrap();
    assert_eq!(told, 1);
}

#[sqlx::test]
async fn a_simulation_under_way_does_not_keep_the_secret_from_being_replaced(db: PgPool) {
    let stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    stage.app.clock.advance(minutes(1));
    let page = format!("/admin/clients/{}/secret", stage.client.id());
    let form = desk.form(&page, &page).await.with("overlap", "7d");
    let random: &dyn Random = &SystemRandom;
    let (now, secret) = (stage.app.clock.now(), Plain::random(random));
    client::secret::store::insert_temporary_secret(
        &stage.app.db,
        &stage.client.client.id,
        (random.uuid(), &secret.hash()),
        now + minutes(10),
        now,
    )
    .await
    .unwrap();
    let answer = desk.browser.submit(&form).await;
    answer.assert_page(200);
    assert!(secret_on(&answer).is_some());
}
