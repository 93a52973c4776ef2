//! The keys behind every token and sealed text: shared by all nodes through the database, where
//! they lie sealed by `LINKGATE_SECRET_KEY`.

pub mod ring;
pub mod secret_key;
pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tracing::{info, warn};

pub use self::{
    ring::{Key, KeyId, KeyKind, KeyRing},
    secret_key::{SecretKey, SecretKeys},
};
use super::random::Random;

/// How long before its first use a key is made, so that every node has it by then.
pub const PUBLISHED_BEFORE_USE: TimeDelta = TimeDelta::seconds(60);

/// An unknown key id asks the database at most this often, so that junk can't flood it.
const BETWEEN_RELOADS: TimeDelta = TimeDelta::seconds(1);

/// Why the keys can't be used. The start stops on it; nothing is ever destroyed for it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The configured secret key opens nothing here.
    #[error(
        "LINKGATE_SECRET_KEY is not the key this database was sealed with; nothing was changed. \
         Give the right one (with a private PostgreSQL it is the file secret.key in the data directory)"
    )]
    WrongSecretKey,
    /// Sealing failed; no input of ours can cause it.
    #[error("a key can't be sealed")]
    Sealing,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The key ring in use, renewed from the database.
pub struct Keys {
    db: PgPool,
    sealed_by: SecretKeys,
    ring: RwLock<Arc<KeyRing>>,
    reloaded_at: RwLock<DateTime<Utc>>,
}

impl Keys {
    /// Opens the keys of this database; makes the first of each kind where there is none.
    pub async fn open(
        db: PgPool,
        secret_keys: SecretKeys,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Self, KeysError> {
        let mut transaction = db.begin().await?;
        store::lock_for_change(&mut transaction).await?;
        store::check_secret_key(&mut transaction, &secret_keys, random).await?;
        let known = store::list_keys(&mut *transaction, &secret_keys).await?;
        for kind in KeyKind::ALL {
            if !known.iter().any(|key| key.kind == kind) {
                store::insert_key(&mut transaction, &secret_keys, random, kind, now, now).await?;
            }
        }
        let ring = KeyRing::new(store::list_keys(&mut *transaction, &secret_keys).await?);
        transaction.commit().await?;
        Ok(Self {
            db,
            sealed_by: secret_keys,
            ring: RwLock::new(Arc::new(ring)),
            reloaded_at: RwLock::new(now),
        })
    }

    /// Makes a new key of `kind`, used 60 s from now, and tells the other nodes.
    pub async fn rotate(
        &self,
        kind: KeyKind,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<KeyId, KeysError> {
        let mut transaction = self.db.begin().await?;
        store::lock_for_change(&mut transaction).await?;
        let usable_from = now + PUBLISHED_BEFORE_USE;
        let id = store::insert_key(
            &mut transaction,
            &self.sealed_by,
            random,
            kind,
            now,
            usable_from,
        )
        .await?;
        transaction.commit().await?;
        self.reload(now).await?;
        Ok(id)
    }

    /// The keys as they are now.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The key to use for something new.
    pub fn current(&self, kind: KeyKind, now: DateTime<Utc>) -> Arc<Key> {
        self.ring().current(kind, now)
    }

    /// The key that something presented names. Another node may have made it a moment ago, so an
    /// unknown id reloads the ring, at most once a second.
    pub async fn find(&self, kind: KeyKind, id: KeyId, now: DateTime<Utc>) -> Option<Arc<Key>> {
        if let Some(key) = self.ring().find(kind, id) {
            return Some(key);
        }
        let due = *self
            .reloaded_at
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            + BETWEEN_RELOADS;
        if now < due {
            return None;
        }
        if let Err(error) = self.reload(now).await {
            warn!(%error, "the keys could not be reloaded");
        }
        self.ring().find(kind, id)
    }

    /// Reads the keys anew.
    pub async fn reload(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        *self
            .reloaded_at
            .write()
            .unwrap_or_else(PoisonError::into_inner) = now;
        let ring = KeyRing::new(store::list_keys(&self.db, &self.sealed_by).await?);
        let mut current = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if current.len() != ring.len() {
            info!(keys = ring.len(), "the key ring changed");
        }
        *current = Arc::new(ring);
        Ok(())
    }
}
