//! A link lives on with each use of its refresh token, whichever of its tokens the platform holds.

use linkgate::client::Rotation;
use sqlx::PgPool;

use crate::harness::{Stage, days};

/// Fails unless the link lives on for as long as it is refreshed with the same token, and no longer.
async fn lives_by_its_first_token(stage: Stage) {
    let held = stage.link().await.refresh;
    for _ in 0..4 {
        stage.app.clock.advance(days(399));
        let answer = stage.platform.refresh_with(&held, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    stage.app.clock.advance(days(400));
    let answer = stage.platform.refresh_with(&held, &[]).await;
    answer.assert_refused(400, "invalid_grant");
}

#[sqlx::test]
async fn a_platform_that_never_keeps_a_new_refresh_token_keeps_its_link(db: PgPool) {
    lives_by_its_first_token(Stage::set(db).await).await;
}

#[sqlx::test]
async fn so_does_one_whose_refresh_token_stays(db: PgPool) {
    let stage = Stage::set(db).await;
    let never = |client: &mut linkgate::client::Client| client.settings.rotation = Rotation::Never;
    stage.app.change_client(&stage.client, never).await;
    lives_by_its_first_token(stage).await;
}
