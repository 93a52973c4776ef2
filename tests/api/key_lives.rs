//! Keys come and go by themselves: a new one is known to all before it is used, an old one verifies
//! until the last thing it made is dead.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use linkgate::{client::Rotation, foundation::keys::KeyKind};
use sqlx::PgPool;

use crate::harness::{Redirect, Stage, TestApp, Tokens, days, hours, minutes, seconds, tokens};

/// The id of the key a token was made with.
fn key_of(token: &str) -> i16 {
    let bytes = URL_SAFE_NO_PAD.decode(&token["lg_at_".len()..]).unwrap();
    i16::from_be_bytes([bytes[1], bytes[2]])
}

async fn refreshed(stage: &Stage, held: &Tokens) -> Tokens {
    tokens(&stage.platform.refresh_with(&held.refresh, &[]).await)
}

#[sqlx::test]
async fn new_keys_come_by_the_calendar_and_are_used_a_minute_later(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.clock.advance(days(30) - seconds(1));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.count("key", "true").await, 6);
    stage.app.clock.advance(seconds(1));
    stage.app.keep_keys().await;
    for kind in KeyKind::ALL {
        let expected = match kind {
            KeyKind::Refresh | KeyKind::Device => 1,
            on_demand if on_demand.is_made_on_demand() => 0,
            _ => 2,
        };
        assert_eq!(stage.app.keys_of(kind).await, expected, "{kind:?}");
    }
    stage.app.clock.advance(seconds(59));
    let before = refreshed(&stage, &first).await;
    assert_eq!(key_of(&before.access), key_of(&first.access));
    stage.app.clock.advance(seconds(1));
    let after = refreshed(&stage, &before).await;
    assert!(key_of(&after.access) > key_of(&before.access));
    assert!(stage.resolves(&before).await && stage.resolves(&after).await);
    assert_eq!(key_of(&after.refresh), key_of(&first.refresh));
}

#[sqlx::test]
async fn of_many_rounds_at_once_one_makes_the_key(db: PgPool) {
    let stage = Stage::set(db).await;
    let second = stage.app.second_node().await;
    stage.app.clock.advance(days(30));
    let nodes = [&stage.app, &second].into_iter().cycle().take(8);
    join_all(nodes.map(TestApp::keep_keys)).await;
    assert_eq!(stage.app.keys_of(KeyKind::Access).await, 2);
    assert_eq!(stage.app.count("key", "true").await, 10);
}

#[sqlx::test]
async fn how_often_keys_come_is_a_setting(db: PgPool) {
    let stage = Stage::set(db).await;
    let weekly = [("LINKGATE_KEY_INTERVAL", "7d")];
    let weekly = stage.app.node_with(&weekly).await;
    stage.app.clock.advance(days(7));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Seal).await, 1);
    weekly.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Seal).await, 2);
}

#[sqlx::test]
async fn an_access_key_goes_when_its_last_token_is_dead(db: PgPool) {
    let stage = Stage::set(db).await;
    let longest = |client: &mut linkgate::client::Client| {
        client.settings.access_lifetime = days(1);
    };
    stage.app.change_client(&stage.client, longest).await;
    let link = stage.link().await;
    stage.app.rotate(KeyKind::Access).await;
    stage.app.clock.advance(seconds(59));
    let last = refreshed(&stage, &link).await;
    assert_eq!(key_of(&last.access), key_of(&link.access));
    stage.app.clock.advance(days(1) - seconds(1));
    stage.app.keep_keys().await;
    assert!(stage.resolves(&last).await);
    stage.app.clock.advance(seconds(1));
    stage.app.keep_keys().await;
    assert!(!stage.resolves(&last).await);
    stage.app.clock.advance(hours(2));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Access).await, 1);
    refreshed(&stage, &last).await;
}

#[sqlx::test]
async fn a_flow_outlives_the_change_of_the_keys_it_began_under(db: PgPool) {
    let stage = Stage::set(db).await;
    for kind in KeyKind::ALL {
        stage.app.rotate(kind).await;
    }
    stage.app.clock.advance(seconds(59));
    let page = stage.consent_page(&[]).await;
    stage.app.clock.advance(minutes(10) - seconds(1));
    stage.app.keep_keys().await;
    let second = stage.app.second_node().await;
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    let again = stage.browser.at(&second.url).decide(&page, "approve").await;
    assert_eq!(Redirect::of(&again).location, redirect.location);
    tokens(&stage.redeem(redirect.code()).await);

    stage.app.clock.advance(minutes(90));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Seal).await, 1);
    assert_eq!(stage.app.keys_of(KeyKind::Code).await, 1);
    assert_eq!(stage.app.keys_of(KeyKind::Csrf).await, 2);
}

#[sqlx::test]
async fn a_page_left_open_for_a_month_can_still_be_posted(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.app.rotate(KeyKind::Csrf).await;
    stage.app.clock.advance(seconds(59));
    let page = stage.browser.get("/login").await;
    stage.app.clock.advance(days(30));
    stage.app.keep_keys().await;
    let form = page.form("/login");
    let form = form.with("email", &stage.person.email);
    let form = form.with("password", crate::harness::PASSWORD);
    assert_eq!(stage.browser.submit(&form).await.location(), "/account");

    stage.app.clock.advance(hours(2));
    stage.app.keep_keys().await;
    let answer = stage.browser.submit(&form).await;
    assert_eq!(answer.status, 403, "{answer:?}");
}

/// A round each day, as the server does many.
async fn let_pass(stage: &Stage, number: i32) {
    for _ in 0..number {
        stage.app.clock.advance(days(1));
        stage.app.keep_keys().await;
    }
}

#[sqlx::test]
async fn a_refresh_key_stays_while_a_link_may_be_renewed_with_it(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.rotate(KeyKind::Refresh).await;
    let_pass(&stage, 3).await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 2);
    let lost = refreshed(&stage, &first).await;
    assert!(key_of(&lost.refresh) > key_of(&first.refresh));
    // The answer was lost: the platform holds nothing but the token under the old key.
    let_pass(&stage, 3).await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 2);
    let again = refreshed(&stage, &first).await;
    assert_eq!(again.refresh, lost.refresh);
    // It came through: nothing names the old key any more.
    let next = refreshed(&stage, &again).await;
    let_pass(&stage, 2).await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 1);
    let answer = stage.platform.refresh_with(&first.refresh, &[]).await;
    answer.assert_refused(400, "invalid_grant");
    refreshed(&stage, &next).await;
}

#[sqlx::test]
async fn a_client_that_never_rotates_keeps_its_refresh_key_too(db: PgPool) {
    let stage = Stage::set(db).await;
    let never = |client: &mut linkgate::client::Client| client.settings.rotation = Rotation::Never;
    stage.app.change_client(&stage.client, never).await;
    let first = stage.link().await;
    stage.app.rotate(KeyKind::Refresh).await;
    for _ in 0..3 {
        let_pass(&stage, 2).await;
        assert_eq!(refreshed(&stage, &first).await.refresh, first.refresh);
    }
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 2);
    stage
        .app
        .change("update link set state = 'ended', ended_at = now(), end_reason = 'admin'")
        .await;
    let_pass(&stage, 2).await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 1);
}

#[sqlx::test]
async fn a_link_that_does_not_say_which_key_it_needs_keeps_them_all(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    stage.app.rotate(KeyKind::Refresh).await;
    stage.app.clock.advance(minutes(2));
    refreshed(&stage, &first).await;
    stage
        .app
        .change("update link set confirmed_key_id = null")
        .await;
    let_pass(&stage, 3).await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 2);
    refreshed(&stage, &first).await;
}

#[sqlx::test]
async fn a_refresh_key_is_kept_for_a_day_that_every_node_surely_noticed_its_successor(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.app.rotate(KeyKind::Refresh).await;
    let until = seconds(60) + days(1);
    stage.app.clock.advance(until - seconds(1));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 2);
    stage.app.clock.advance(seconds(1));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 1);
}

#[sqlx::test]
async fn a_token_under_an_unknown_key_asks_the_database_at_most_once_a_second(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let body = link.access.strip_prefix("lg_at_").unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
    bytes[1] = 0x70;
    let unknown = format!("lg_at_{}", URL_SAFE_NO_PAD.encode(bytes));
    let status = async || stage.platform.resolve(&unknown).await.status;
    stage.app.clock.advance(seconds(5));
    assert_eq!(status().await, 401);
    let away = "alter table key rename to key_away";
    stage.app.change_schema(away).await;
    assert_eq!(status().await, 401, "asked again within a second");
    stage.app.clock.advance(seconds(1));
    assert!(status().await >= 500);
    let back = "alter table key_away rename to key";
    stage.app.change_schema(back).await;
    assert_eq!(status().await, 503, "asked again within a second");
    stage.app.clock.advance(seconds(1));
    assert_eq!(status().await, 401);
}
