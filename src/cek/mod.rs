//! Requests of CEK, the part of CLOVA that calls extensions: turns of a conversation, events, and
//! CLOVA Home messages. The only calls here that a platform signs.
//!
//! A wrong signature is found out by arithmetic: what requests are checked with is in memory, so a
//! flood of forged ones costs no question to the database.

pub mod admission;
pub mod answer;
pub mod declined;
pub mod endpoint;
pub mod events;
pub mod extension;
pub mod learned;
pub mod lookup;
pub mod message;
pub mod platform_key;
pub mod store;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use self::{extension::Extensions, learned::Learned};

/// What this node knows for answering CEK.
pub struct Cek {
    /// What requests are checked with and answered by.
    pub extensions: Extensions,
    /// Which user speaks through which link.
    pub learned: Learned,
    deadline: Duration,
    refused: AtomicU64,
    busy: AtomicU64,
}

impl Cek {
    /// Knows nothing yet. After `deadline` a request is answered as busy.
    pub fn new(deadline: Duration) -> Self {
        Self {
            extensions: Extensions::default(),
            learned: Learned::default(),
            deadline,
            refused: AtomicU64::new(0),
            busy: AtomicU64::new(0),
        }
    }

    /// How many requests were refused since the start: unsigned, forged, or meant for somebody else.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many could not be answered since the start, in time or at all.
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Writes what was learned behind. What can't be written is learned anew.
    pub async fn flush(&self, db: &PgPool, now: DateTime<Utc>) {
        if let Err(error) = self.learned.flush(db, now).await {
            tracing::warn!(%error, "what signed requests told could not be written");
        }
    }

    fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn count_busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }
}
