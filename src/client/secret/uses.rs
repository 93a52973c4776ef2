//! When secrets were last used: noted in memory while a client is answered, written behind.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tracing::warn;

use super::store;
use crate::foundation::secret::{ClientSecretKind, Hashed};

/// A use is worth writing only this long after the last one this node wrote.
const WORTH_WRITING: TimeDelta = TimeDelta::minutes(1);
/// The most secrets that are remembered; further ones are noted once others have rested.
const CAPACITY: usize = 10_000;

/// A use of a secret.
#[derive(Debug, Clone)]
pub struct Use {
    /// Whose it is.
    pub client_id: String,
    /// Which it is.
    pub hash: [u8; 32],
    /// When it was used.
    pub at: DateTime<Utc>,
}

/// Uses of secrets that proved a client: a wrong one is never noted.
#[derive(Default)]
pub struct SecretUses(Mutex<HashMap<[u8; 32], Noted>>);

struct Noted {
    client_id: String,
    at: DateTime<Utc>,
    written: bool,
}

impl SecretUses {
    /// Notes a use.
    pub fn note(&self, client_id: &str, secret: Hashed<ClientSecretKind>, now: DateTime<Utc>) {
        let mut noted = self.noted();
        let known = noted.get(secret.as_bytes());
        let is_fresh = known.is_some_and(|known| known.written && now - known.at < WORTH_WRITING);
        if is_fresh || (known.is_none() && noted.len() >= CAPACITY) {
            return;
        }
        let used = Noted {
            client_id: client_id.to_owned(),
            at: now,
            written: false,
        };
        noted.insert(*secret.as_bytes(), used);
    }

    /// Writes what was noted.
    pub async fn flush(&self, db: &PgPool) {
        let due = self.due();
        if due.is_empty() {
            return;
        }
        if let Err(error) = store::note_uses(db, &due).await {
            warn!(%error, "last uses of client secrets could not be written; they will be with the next");
            return;
        }
        self.set_written(&due);
    }

    fn set_written(&self, uses: &[Use]) {
        let mut noted = self.noted();
        for done in uses {
            if let Some(known) = noted.get_mut(&done.hash)
                && known.at <= done.at
            {
                known.written = true;
            }
        }
    }

    fn due(&self) -> Vec<Use> {
        let mut noted = self.noted();
        let latest = noted.values().map(|known| known.at).max();
        // What rests would be written at its next use in any case.
        noted.retain(|_, known| {
            !known.written || latest.is_some_and(|latest| latest - known.at < WORTH_WRITING)
        });
        noted
            .iter()
            .filter(|(_, known)| !known.written)
            .map(|(hash, known)| Use {
                client_id: known.client_id.clone(),
                hash: *hash,
                at: known.at,
            })
            .collect()
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<[u8; 32], Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_within_a_minute_are_written_once() {
        let uses = SecretUses::default();
        let secret = Hashed::of("lg_cs_x");
        let written_at = |seconds| {
            let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            uses.note("a", secret, now);
            let due = uses.due();
            uses.set_written(&due);
            due.iter().any(|written| written.at == now)
        };
        assert!(written_at(0));
        assert!(!written_at(1));
        assert!(!written_at(59));
        assert!(written_at(60));
        assert!(!written_at(61));
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let uses = SecretUses::default();
        uses.note("a", Hashed::of("lg_cs_x"), DateTime::UNIX_EPOCH);
        assert_eq!(uses.due().len(), 1);
        // While it was being written, it was used again.
        let due = uses.due();
        let later = DateTime::UNIX_EPOCH + TimeDelta::seconds(1);
        uses.note("a", Hashed::of("lg_cs_x"), later);
        uses.set_written(&due);
        assert_eq!(uses.due().len(), 1);
    }

    #[test]
    fn secrets_at_rest_are_forgotten() {
        let uses = SecretUses::default();
        uses.note("a", Hashed::of("lg_cs_x"), DateTime::UNIX_EPOCH);
        uses.set_written(&uses.due());
        let later = DateTime::UNIX_EPOCH + TimeDelta::minutes(2);
        uses.note("b", Hashed::of("lg_cs_y"), later);
        assert_eq!(uses.due().len(), 1);
        assert_eq!(uses.noted().len(), 1);
    }
}
