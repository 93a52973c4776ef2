//! The keys behind every token and sealed text: shared by all nodes through the database, where
//! they lie sealed by `LINKGATE_SECRET_KEY`.

pub mod ring;
pub mod secret_key;
pub mod signing;
pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::Mutex;
use tracing::info;

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
    /// A key could not be made; no input of ours can cause it.
    #[error("a {} key can't be made", .0.as_str())]
    Making(KeyKind),
    /// What a key's seal holds is no key of its kind.
    #[error("key {0} of the database can't be read")]
    Unreadable(KeyId),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<KeysError> for sqlx::Error {
    /// As the failure to read something that a request needs: it passes, and nothing may be
    /// concluded from it.
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Database(error) => error,
            other => Self::Io(std::io::Error::other(other)),
        }
    }
}

/// The key ring in use, renewed from the database.
pub struct Keys {
    db: PgPool,
    sealed_by: SecretKeys,
    ring: RwLock<Arc<KeyRing>>,
    // Held while reading, so that an older answer never replaces a newer one, and those who wait for
    // the same key share one read.
    last_reload: Mutex<Reload>,
}

struct Reload {
    at: DateTime<Utc>,
    succeeded: bool,
}

impl Keys {
    /// Opens the keys of this database; makes the first of each kind where there is none, except for
    /// those that are made on demand.
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
        let at_once = KeyKind::ALL.into_iter();
        for kind in at_once.filter(|kind| !kind.is_made_on_demand()) {
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
            last_reload: Mutex::new(Reload {
                at: now,
                succeeded: true,
            }),
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

    /// Seals all keys anew with the current secret key; tells how many.
    pub async fn reseal(&self, random: &dyn Random) -> Result<usize, KeysError> {
        let mut transaction = self.db.begin().await?;
        store::lock_for_change(&mut transaction).await?;
        let resealed = store::reseal_keys(&mut transaction, &self.sealed_by, random).await?;
        transaction.commit().await?;
        Ok(resealed)
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

    /// The key to sign with. The first of its kind is made here, once for all nodes, and used at once:
    /// nothing can have been signed or published before it.
    pub async fn signing(
        &self,
        kind: KeyKind,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Arc<Key>, KeysError> {
        if let Some(key) = self.ring().newest(kind, now) {
            return Ok(key);
        }
        let mut transaction = self.db.begin().await?;
        store::lock_for_change(&mut transaction).await?;
        let known = store::list_keys(&mut *transaction, &self.sealed_by).await?;
        if !known.iter().any(|key| key.kind == kind) {
            store::insert_key(&mut transaction, &self.sealed_by, random, kind, now, now).await?;
        }
        transaction.commit().await?;
        self.reload(now).await?;
        let made = self.ring().newest(kind, now);
        made.ok_or(KeysError::Making(kind))
    }

    /// The key that something presented names; `None` if there is no such key. Another node may have
    /// made it a moment ago, so an unknown id reloads the ring, at most once a second. An error is no
    /// answer: a genuine token may be under a key that could not be read.
    pub async fn find(
        &self,
        kind: KeyKind,
        id: KeyId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Arc<Key>>> {
        if let Some(key) = self.ring().find(kind, id) {
            return Ok(Some(key));
        }
        let mut last = self.last_reload.lock().await;
        let known = self.ring().find(kind, id);
        if known.is_none() && (now - last.at).abs() >= BETWEEN_RELOADS {
            self.read_anew(&mut last, now).await?;
            return Ok(self.ring().find(kind, id));
        }
        if known.is_none() && !last.succeeded {
            return Err(sqlx::Error::PoolTimedOut);
        }
        Ok(known)
    }

    /// Reads the keys anew.
    pub async fn reload(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        let mut last = self.last_reload.lock().await;
        self.read_anew(&mut last, now).await
    }

    async fn read_anew(&self, last: &mut Reload, now: DateTime<Utc>) -> Result<(), KeysError> {
        *last = Reload {
            at: now,
            succeeded: false,
        };
        let ring = KeyRing::new(store::list_keys(&self.db, &self.sealed_by).await?);
        last.succeeded = true;
        let mut current = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if current.len() != ring.len() {
            info!(keys = ring.len(), "the key ring changed");
        }
        *current = Arc::new(ring);
        Ok(())
    }
}
