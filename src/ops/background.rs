//! Work in the background: writing uses behind, noticing new keys, cleaning up.

use std::{future::Future, time::Duration};

use actix_web::web::Data;
use chrono::TimeDelta;
use sqlx::postgres::PgListener;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::store;
use crate::{
    link::{self, usage::Usage},
    web::state::AppState,
};

/// How often uses are written.
const FLUSH: Duration = Duration::from_secs(5);
/// How long a node may not know of a key or of a changed service, if no notice reaches it.
const POLL: Duration = Duration::from_secs(30);
/// How often the cleaner looks.
const CLEAN: Duration = Duration::from_mins(5);
/// How long a code's hash recognises a replay.
const CODES_KEPT: TimeDelta = TimeDelta::hours(1);
/// How long an ended link, and history, is kept.
const HISTORY_KEPT: TimeDelta = TimeDelta::days(400);

/// Starts all of it; aborting the handles ends it.
pub fn start(state: &Data<AppState>, usage: &Data<Usage>) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(flush_uses(state.clone(), usage.clone())),
        tokio::spawn(watch(state.clone())),
        tokio::spawn(clean(state.clone())),
    ]
}

async fn flush_uses(state: Data<AppState>, usage: Data<Usage>) {
    loop {
        tokio::time::sleep(FLUSH).await;
        usage.flush(&state.db).await;
    }
}

async fn watch(state: Data<AppState>) {
    let mut listener: Option<PgListener> = None;
    loop {
        if listener.is_none() {
            listener = listen(&state).await.ok();
        }
        let notified = async {
            match &mut listener {
                Some(listening) => listening.recv().await.map(drop),
                None => std::future::pending().await,
            }
        };
        if let Ok(Err(error)) = tokio::time::timeout(POLL, notified).await {
            warn!(%error, "notices of new keys stopped; asking every 30 s until they come again");
            listener = None;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        tell(
            state.keys.reload(state.clock.now()),
            "the keys could not be reloaded",
        )
        .await;
        tell(
            state.branding.reload(&state.db),
            "the branding could not be reloaded",
        )
        .await;
    }
}

async fn listen(state: &AppState) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(&state.db).await?;
    listener.listen("linkgate_keys").await?;
    Ok(listener)
}

async fn clean(state: Data<AppState>) {
    loop {
        tokio::time::sleep(CLEAN).await;
        match clean_once(&state).await {
            Ok(0) => {}
            Ok(rows) => info!(rows, "cleaned up"),
            Err(error) => warn!(%error, "cleaning up failed"),
        }
    }
}

/// One round of the cleaner: small batches, so that it never stands in anybody's way.
pub async fn clean_once(state: &AppState) -> sqlx::Result<u64> {
    let now = state.clock.now();
    let codes = link::store::forget_codes(&state.db, now - CODES_KEPT).await?;
    let links = link::store::delete_ended(&state.db, now - HISTORY_KEPT).await?;
    let sessions = store::delete_expired_sessions(&state.db, now).await?;
    let events = store::delete_old_events(&state.db, now - HISTORY_KEPT).await?;
    Ok(codes + links + sessions + events)
}

async fn tell<E: std::fmt::Display>(work: impl Future<Output = Result<(), E>>, failed: &str) {
    if let Err(error) = work.await {
        warn!(%error, "{failed}");
    }
}
