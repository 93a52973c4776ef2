//! Keeps the schedule of keys: beside new ones and dead ones, those that go only when no link names
//! them.

use chrono::{DateTime, Utc};

use crate::{
    foundation::keys::{KeysError, schedule::KeyLife},
    link::key_use,
    web::state::AppState,
};

/// One round. Any number of nodes may do it at once; each step is done by one of them.
pub async fn keep_once(state: &AppState) -> Result<(), KeysError> {
    let now = state.clock.now();
    state
        .keys
        .keep(&state.key_intervals, &*state.random, now)
        .await?;
    let lives = state.keys.lives().await?;
    for life in lives.to_check(now) {
        if state.keys.claim_check(life.id, now).await? {
            check(state, life, now).await?;
        }
    }
    Ok(())
}

async fn check(state: &AppState, life: &KeyLife, now: DateTime<Utc>) -> Result<(), KeysError> {
    if life.compromised_at.is_some() {
        // The command did it already, unless it was interrupted, or a node had not heard of it.
        key_use::end_under(&state.db, &[life.id], now).await?;
    }
    if !key_use::is_named(&state.db, life.id).await? {
        state.keys.delete_unnamed(life.id, now).await?;
    }
    Ok(())
}
