//! Two `linkgate serve`, as operators run them.

use sqlx::PgPool;

use super::{
    a_public_clients_code_in_eight_hands_ends_the_link, a_slow_refresh_never_takes_the_link_back,
    after_a_redemption_met_an_unlink_nothing_is_valid,
    after_a_refresh_met_a_disabled_account_nothing_is_valid,
    after_a_refresh_met_an_unlink_nothing_is_valid, eight_refreshes_all_succeed_and_agree,
    eight_refreshes_of_a_public_client_agree_too, fifty_taps_are_one_link_and_one_redirect,
    guesses_at_once_are_all_counted, of_eight_redemptions_exactly_one_wins_on_any_number_of_nodes,
    one_address_created_eight_times_at_once_is_one_account,
    taps_and_redemptions_at_once_make_one_link,
};
use crate::harness::{Stage, TestApp, draft, public_draft};

/// A client without quirks in front of a process.
async fn processes(db: PgPool) -> Stage {
    Stage::on(TestApp::process(db).await, draft()).await
}

/// The same with a client that can't keep a secret.
async fn public_processes(db: PgPool) -> Stage {
    Stage::on(TestApp::process(db).await, public_draft()).await
}

#[sqlx::test]
async fn race_01_of_eight_redemptions_exactly_one_wins_between_processes(db: PgPool) {
    of_eight_redemptions_exactly_one_wins_on_any_number_of_nodes(&processes(db).await).await;
}

#[sqlx::test]
async fn race_02_a_public_clients_code_in_eight_hands_ends_the_link_between_processes(db: PgPool) {
    a_public_clients_code_in_eight_hands_ends_the_link(&public_processes(db).await).await;
}

#[sqlx::test]
async fn race_03_eight_refreshes_all_succeed_and_agree_between_processes(db: PgPool) {
    eight_refreshes_all_succeed_and_agree(&processes(db).await).await;
}

#[sqlx::test]
async fn race_03_eight_refreshes_of_a_public_client_agree_between_processes(db: PgPool) {
    eight_refreshes_of_a_public_client_agree_too(&public_processes(db).await).await;
}

#[sqlx::test]
async fn race_03_a_slow_refresh_never_takes_the_link_back_between_processes(db: PgPool) {
    a_slow_refresh_never_takes_the_link_back(&processes(db).await).await;
}

#[sqlx::test]
async fn race_04_after_a_redemption_met_an_unlink_nothing_is_valid_between_processes(db: PgPool) {
    after_a_redemption_met_an_unlink_nothing_is_valid(&processes(db).await).await;
}

#[sqlx::test]
async fn race_04_after_a_refresh_met_a_disabled_account_nothing_is_valid_between_processes(
    db: PgPool,
) {
    after_a_refresh_met_a_disabled_account_nothing_is_valid(&processes(db).await).await;
}

#[sqlx::test]
async fn race_04_after_a_refresh_met_an_unlink_nothing_is_valid_between_processes(db: PgPool) {
    after_a_refresh_met_an_unlink_nothing_is_valid(&processes(db).await).await;
}

#[sqlx::test]
async fn race_05_fifty_taps_are_one_link_and_one_redirect_between_processes(db: PgPool) {
    fifty_taps_are_one_link_and_one_redirect(&processes(db).await).await;
}

#[sqlx::test]
async fn race_05_taps_and_redemptions_at_once_make_one_link_between_processes(db: PgPool) {
    taps_and_redemptions_at_once_make_one_link(&processes(db).await).await;
}

#[sqlx::test]
async fn race_06_one_address_created_eight_times_at_once_is_one_account_between_processes(
    db: PgPool,
) {
    one_address_created_eight_times_at_once_is_one_account(&TestApp::process(db).await).await;
}

#[sqlx::test]
async fn pkc_07_guesses_at_once_are_all_counted_between_processes(db: PgPool) {
    guesses_at_once_are_all_counted(&processes(db).await).await;
}
