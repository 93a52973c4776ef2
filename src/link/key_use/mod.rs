//! Which keys links name: a key may go only when none does.

pub mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{EndReason, store::EndedLink};
use crate::{
    event::{self, Event, EventKind},
    foundation::{ids::LinkId, keys::KeyId},
};

/// The first and the last id of each of 256 equal parts of all links: asked one by one, so that no
/// statement takes long however many links there are.
fn parts() -> impl Iterator<Item = (LinkId, LinkId)> {
    (0..=u8::MAX).map(|first_byte| {
        let least = u128::from(first_byte) << 120;
        let most = least | (u128::MAX >> 8);
        (
            LinkId(Uuid::from_u128(least)),
            LinkId(Uuid::from_u128(most)),
        )
    })
}

/// Whether the key may still be needed to renew a link.
pub async fn is_named(db: &PgPool, key: KeyId) -> sqlx::Result<bool> {
    for (first, last) in parts() {
        if store::names_key(db, key, first, last).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many active links' refresh tokens each key made.
pub async fn count_by_key(db: &PgPool) -> sqlx::Result<HashMap<KeyId, i64>> {
    let mut counts = HashMap::new();
    for (first, last) in parts() {
        for (key, links) in store::count_by_key(db, first, last).await? {
            *counts.entry(key).or_default() += links;
        }
    }
    Ok(counts)
}

/// Ends every active link whose refresh token one of these keys made; how many. Interrupted, it can
/// be done again.
pub async fn end_under(db: &PgPool, keys: &[KeyId], now: DateTime<Utc>) -> sqlx::Result<usize> {
    let mut number = 0;
    for (first, last) in parts() {
        let ended = store::end_under(db, keys, (first, last), now).await?;
        record(db, &ended, now).await?;
        number += ended.len();
    }
    Ok(number)
}

/// Ends every link whose code is not redeemed yet; how many.
pub async fn end_pending(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let ended = store::end_pending(db, now).await?;
    record(db, &ended, now).await?;
    Ok(ended.len())
}

async fn record(db: &PgPool, ended: &[EndedLink], now: DateTime<Utc>) -> sqlx::Result<()> {
    let event = |link: &EndedLink| {
        Event::new(EventKind::LinkEnded, now)
            .link(link.link_id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::KeyCompromised.as_str())
    };
    for batch in ended.chunks(1000) {
        let events: Vec<_> = batch.iter().map(event).collect();
        event::store::insert_events(db, &events).await?;
    }
    Ok(())
}
