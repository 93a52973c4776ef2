//! Refreshing: a lost answer unlinks nobody, and a stolen token is found out (REF in the abuse
//! cases).

use linkgate::{account, client::Rotation};
use sqlx::PgPool;

use crate::harness::{Answer, Stage, Tokens, days, hours, minutes, seconds, tokens};

async fn refresh(stage: &Stage, refresh_token: &str) -> Answer {
    stage.platform.refresh_with(refresh_token, &[]).await
}

async fn refreshed(stage: &Stage, tokens: &Tokens) -> Tokens {
    crate::harness::tokens(&refresh(stage, &tokens.refresh).await)
}

#[sqlx::test]
async fn each_refresh_gives_a_new_access_token_and_the_next_refresh_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let mut held = vec![stage.link().await];
    for _ in 0..5 {
        held.push(refreshed(&stage, held.last().unwrap()).await);
    }
    let mut seen: Vec<_> = held
        .iter()
        .flat_map(|pair| [&pair.access, &pair.refresh])
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 12);
    for pair in &held {
        assert!(
            stage.resolves(pair).await,
            "an access token lives its own time"
        );
    }
    assert_eq!(stage.app.count("link", "true").await, 1);
    stage.app.clock.advance(hours(1));
    assert!(!stage.resolves(held.last().unwrap()).await);
}

#[sqlx::test]
async fn ref_05_after_a_lost_answer_the_same_refresh_token_comes_again(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let lost = refreshed(&stage, &first).await;
    for span in [seconds(0), seconds(1), minutes(10), days(30)] {
        stage.app.clock.advance(span);
        let again = refreshed(&stage, &first).await;
        assert_eq!(again.refresh, lost.refresh);
        assert_ne!(again.access, lost.access);
        assert!(stage.resolves(&again).await);
    }
    let next = refreshed(&stage, &lost).await;
    assert_ne!(next.refresh, lost.refresh);
}

#[sqlx::test]
async fn ref_03_a_confidential_clients_stale_token_is_refused_and_its_link_lives(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    let third = refreshed(&stage, &second).await;
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(stage.resolves(&third).await);
    assert_eq!(refreshed(&stage, &second).await.refresh, third.refresh);
    let fourth = refreshed(&stage, &third).await;
    refresh(&stage, &second.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(stage.resolves(&fourth).await);
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn ref_03_a_refused_token_is_remembered_in_the_links_history(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    refreshed(&stage, &second).await;
    for _ in 0..3 {
        refresh(&stage, &first.refresh)
            .await
            .assert_refused(400, "invalid_grant");
    }
    let watching = stage.app.second_node().await;
    stage.app.stop().await;
    let refusals = "kind = 'refused:refresh' and link_id is not null and detail like '%stale%'";
    assert_eq!(watching.count("event", refusals).await, 1);
    assert_eq!(
        watching
            .value("select times from event where kind = 'refused:refresh'")
            .await
            .as_deref(),
        Some("3")
    );
}

#[sqlx::test]
async fn ref_04_a_stale_token_is_still_stale_after_a_restart(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    let third = refreshed(&stage, &second).await;
    let restarted = stage.app.second_node().await;
    stage.app.stop().await;
    let platform = restarted.platform(&stage.client);
    platform
        .refresh_with(&first.refresh, &[])
        .await
        .assert_refused(400, "invalid_grant");
    let again = tokens(&platform.refresh_with(&second.refresh, &[]).await);
    assert_eq!(again.refresh, third.refresh);
    assert_eq!(platform.resolve(&first.access).await.status, 200);
}

#[sqlx::test]
async fn ref_05_a_public_clients_repeat_counts_as_one_for_a_minute(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    stage.app.clock.advance(seconds(59));
    assert_eq!(refreshed(&stage, &first).await.refresh, second.refresh);
    stage.app.clock.advance(seconds(1));
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by refresh_replayed");
    refresh(&stage, &second.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(!stage.resolves(&second).await);
}

#[sqlx::test]
async fn ref_03_a_public_clients_stale_token_ends_the_link(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    let third = refreshed(&stage, &second).await;
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by refresh_replayed");
    for pair in [first, second, third] {
        refresh(&stage, &pair.refresh)
            .await
            .assert_refused(400, "invalid_grant");
        assert!(!stage.resolves(&pair).await);
    }
}

#[sqlx::test]
async fn a_public_clients_newest_token_needs_no_haste(db: PgPool) {
    let stage = Stage::set_public(db).await;
    let first = stage.link().await;
    stage.app.clock.advance(days(100));
    let second = refreshed(&stage, &first).await;
    stage.app.clock.advance(days(100));
    refreshed(&stage, &second).await;
}

async fn a_backup_is_restored(stage: Stage) {
    let mut held = vec![stage.link().await];
    for _ in 0..4 {
        held.push(refreshed(&stage, held.last().unwrap()).await);
    }
    stage
        .app
        .change("update link set generation = 2, confirmed = 1")
        .await;
    let newest = held.last().unwrap();
    assert!(stage.resolves(newest).await);
    let next = refreshed(&stage, newest).await;
    assert!(held.iter().all(|old| old.refresh != next.refresh));
    assert_eq!(refreshed(&stage, newest).await.refresh, next.refresh);
    let after = refreshed(&stage, &next).await;
    assert_ne!(after.refresh, next.refresh);
}

#[sqlx::test]
async fn a_token_that_a_restored_backup_forgot_is_accepted(db: PgPool) {
    a_backup_is_restored(Stage::set(db).await).await;
}

#[sqlx::test]
async fn a_public_clients_token_that_a_restored_backup_forgot_is_accepted(db: PgPool) {
    a_backup_is_restored(Stage::set_public(db).await).await;
}

#[sqlx::test]
async fn a_client_that_never_rotates_keeps_its_refresh_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let never = |client: &mut linkgate::client::Client| client.settings.rotation = Rotation::Never;
    stage.app.change_client(&stage.client, never).await;
    let first = stage.link().await;
    for _ in 0..3 {
        stage.app.clock.advance(days(399));
        let again = refreshed(&stage, &first).await;
        assert_eq!(again.refresh, first.refresh);
        assert_ne!(again.access, first.access);
        assert!(stage.resolves(&again).await);
    }
    assert_eq!(stage.app.count("link", "generation = 1").await, 1);
}

#[sqlx::test]
async fn a_client_whose_rotation_is_switched_off_keeps_the_token_it_holds(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let second = refreshed(&stage, &first).await;
    let never = |client: &mut linkgate::client::Client| client.settings.rotation = Rotation::Never;
    stage.app.change_client(&stage.client, never).await;
    assert_eq!(refreshed(&stage, &second).await.refresh, second.refresh);
    assert_eq!(refreshed(&stage, &second).await.refresh, second.refresh);
}

#[sqlx::test]
async fn ref_01_scopes_can_be_narrowed_for_one_access_token_and_never_widened(db: PgPool) {
    let stage = Stage::set(db).await;
    let asked = [("scope", "account:email account:profile")];
    let code = stage.approve(&asked).await;
    let first = tokens(&stage.redeem(code.code()).await);
    let narrowed = stage
        .platform
        .refresh_with(&first.refresh, &[("scope", "account:email")])
        .await;
    let narrowed = tokens(&narrowed);
    // What is always granted is granted here too.
    assert_eq!(narrowed.scope, "account:id account:email");
    let seen = stage.platform.resolve(&narrowed.access).await.json();
    assert_eq!(seen["account"]["email"], "haneul@example.com");
    assert_eq!(seen["account"].get("name"), None);
    assert_eq!(
        seen["link"]["scope"],
        serde_json::json!(["account:id", "account:email"])
    );

    let whole = refreshed(&stage, &narrowed).await;
    assert_eq!(whole.scope, "account:id account:email account:profile");
    let reordered = [("scope", "account:profile account:id account:email")];
    let reordered = stage
        .platform
        .refresh_with(&whole.refresh, &reordered)
        .await;
    let reordered = tokens(&reordered);
    for wider in [
        "account:attributes",
        "account:email account:attributes",
        "nonsense",
        "\"",
    ] {
        let answer = stage
            .platform
            .refresh_with(&reordered.refresh, &[("scope", wider)])
            .await;
        answer.assert_refused(400, "invalid_scope");
    }
    // A refusal uses nothing up.
    refreshed(&stage, &reordered).await;
}

#[sqlx::test]
async fn ref_02_a_refresh_token_is_worth_nothing_to_another_client(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let confidential = stage.app.client().await;
    let public = stage.app.public_client().await;
    for other in [confidential, public] {
        let stolen = stage
            .app
            .platform(&other)
            .refresh_with(&first.refresh, &[])
            .await;
        stolen.assert_refused(400, "invalid_grant");
    }
    assert_eq!(stage.app.only_link().await, "active");
    refreshed(&stage, &first).await;
}

#[sqlx::test]
async fn ref_06_a_link_dies_of_idleness_and_of_nothing_else(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.clock.advance(days(400) - seconds(1));
    let second = refreshed(&stage, &first).await;
    stage.app.clock.advance(days(400) - seconds(1));
    let third = refreshed(&stage, &second).await;
    stage.app.clock.advance(days(400));
    refresh(&stage, &third.refresh)
        .await
        .assert_refused(400, "invalid_grant");
}

#[sqlx::test]
async fn ref_07_an_unlinked_link_refreshes_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let form = stage.browser.get("/account").await.form("/account/unlink");
    stage.browser.submit(&form).await;
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(!stage.resolves(&first).await);
}

#[sqlx::test]
async fn ref_07_a_disabled_account_is_paused_and_not_forgotten(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.disable(&stage.person).await;
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(!stage.resolves(&first).await);
    stage.app.enable(&stage.person).await;
    assert!(stage.resolves(&first).await);
    refreshed(&stage, &first).await;
}

#[sqlx::test]
async fn ref_07_a_disabled_client_is_told_so_and_keeps_its_links(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.disable_client(&stage.client).await;
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(401, "invalid_client");
    assert!(!stage.resolves(&first).await);
    let enable = |client: &mut linkgate::client::Client| client.disabled_at = None;
    stage.app.change_client(&stage.client, enable).await;
    refreshed(&stage, &first).await;
}

#[sqlx::test]
async fn ref_07_a_deleted_account_takes_its_links_along(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    assert!(
        account::store::delete_account(&stage.app.db, stage.person.id)
            .await
            .unwrap()
    );
    refresh(&stage, &first.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    assert!(!stage.resolves(&first).await);
}

#[sqlx::test]
async fn ref_08_no_other_secret_passes_for_a_refresh_token(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let code = stage.code().await;
    let body = first.access.strip_prefix("lg_at_").unwrap();
    for other in [
        first.access.clone(),
        format!("lg_rt_{body}"),
        code,
        stage.browser.cookie("sid").unwrap(),
        stage.client.secret.clone().unwrap(),
        "lg_rt_".to_owned(),
        "x".repeat(5_000),
    ] {
        refresh(&stage, &other)
            .await
            .assert_refused(400, "invalid_grant");
    }
    refresh(&stage, "")
        .await
        .assert_refused(400, "invalid_request");
}

#[sqlx::test]
async fn a_refresh_token_with_any_letter_changed_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    for at in (0..first.refresh.len()).step_by(3) {
        let mut bytes = first.refresh.clone().into_bytes();
        let letter = bytes.get_mut(at).unwrap();
        *letter = if *letter == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        refresh(&stage, &changed)
            .await
            .assert_refused(400, "invalid_grant");
    }
    let answer = refresh(&stage, &format!("{}A", first.refresh)).await;
    answer.assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "active");
    refreshed(&stage, &first).await;
}
