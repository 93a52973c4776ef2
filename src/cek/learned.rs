//! Which CLOVA user speaks through which link: learned from signed requests, because the event that
//! ends a link names the user and brings no token. Noted in memory, written behind.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::{events, store};
use crate::foundation::ids::{ClientId, LinkId};

/// The most facts kept between two writes, and the most known to be written.
const CAPACITY: usize = 50_000;
/// How long it is remembered that a user disabled an extension: longer than any node takes to write
/// what it learned of them before.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(1);
/// The most facts written in one statement.
const BATCH: usize = 500;

/// A user's id, as it is stored: nobody needs to read it, only to find it again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserHash(pub [u8; 32]);

/// A user of a client's extension speaks through a link.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// The client.
    pub client_id: ClientId,
    /// The user.
    pub user: UserHash,
    /// The link.
    pub link_id: LinkId,
}

/// What was learned and is not written yet, and what this node knows to be written.
#[derive(Default)]
pub struct Learned {
    waiting: Mutex<HashMap<Fact, DateTime<Utc>>>,
    written: Mutex<HashSet<Fact>>,
}

impl UserHash {
    /// Of an id that the platform gave a user.
    pub fn of(user_id: &str) -> Self {
        Self(Sha256::digest(user_id.as_bytes()).into())
    }
}

impl Learned {
    /// Notes a fact, unless it is written already. What does not fit is learned from the next request.
    pub fn note(&self, client_id: &ClientId, user_id: &str, link_id: LinkId, now: DateTime<Utc>) {
        let fact = Fact {
            client_id: client_id.clone(),
            user: UserHash::of(user_id),
            link_id,
        };
        if lock(&self.written).contains(&fact) {
            return;
        }
        let mut waiting = lock(&self.waiting);
        if waiting.len() < CAPACITY {
            waiting.insert(fact, now);
        }
    }

    /// Writes what was noted, and ends links whose users disabled the extension meanwhile. What can't
    /// be written is learned anew.
    pub async fn flush(&self, db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
        let noted = std::mem::take(&mut *lock(&self.waiting));
        let facts: Vec<_> = noted.into_iter().collect();
        for batch in facts.chunks(BATCH) {
            store::insert_users(db, batch).await?;
            let users = batch.iter().map(|(fact, _)| (&fact.client_id, fact.user));
            events::end_learned_late(db, &users.collect::<Vec<_>>(), now).await?;
            let mut written = lock(&self.written);
            if written.len() + batch.len() > CAPACITY {
                written.clear();
            }
            written.extend(batch.iter().map(|(fact, _)| fact.clone()));
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
