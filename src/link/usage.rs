//! When links were last used: noted in memory on the hot path, written behind in batches.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tracing::warn;

use super::store;
use crate::{
    event::{
        Recorder,
        attempt::{Step, StepKind, Which},
    },
    foundation::ids::LinkId,
};

/// A use is worth writing only this long after the last one written.
const WORTH_WRITING: TimeDelta = TimeDelta::hours(1);
/// The most links remembered between two writes; further ones are noted at their next use.
const CAPACITY: usize = 50_000;
/// The most links written in one statement, whose locks a refresh may have to wait for.
const BATCH: usize = 500;

/// Links used since the last write.
#[derive(Default)]
pub struct Usage(Mutex<HashMap<LinkId, DateTime<Utc>>>);

impl Usage {
    /// Notes a use of a link whose last written use was `last_used_at`.
    pub fn note(&self, link: LinkId, last_used_at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if last_used_at.is_some_and(|at| now - at < WORTH_WRITING) {
            return;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < CAPACITY {
            noted.insert(link, now);
        }
    }

    /// Writes what was noted; the first use of a link is a step of the attempt that made it.
    pub async fn flush(&self, db: &PgPool, recorder: &Recorder) {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let uses: Vec<_> = noted.into_iter().collect();
        for batch in uses.chunks(BATCH) {
            match store::note_uses(db, batch).await {
                Ok(first) => {
                    for (link, at) in first {
                        let which = Which::Link(link);
                        recorder.record_step(Step::new(which, StepKind::FirstUse, at));
                    }
                }
                Err(error) => {
                    warn!(%error, "last uses could not be written; they will be with the next use");
                    return;
                }
            }
        }
    }
}
