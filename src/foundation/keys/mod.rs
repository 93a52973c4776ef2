//! The keys behind every token and sealed text: shared by all nodes through the database, where
//! they lie sealed by `LINKGATE_SECRET_KEY`.

pub mod chatbot_secret;
pub mod provider_secret;
pub mod ring;
pub mod row_secret;
pub mod schedule;
pub mod secret_key;
pub mod signing;
pub mod store;
pub mod totp_seed;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::Mutex;
use tracing::info;
use uuid::Uuid;

pub use self::{
    ring::{Key, KeyId, KeyKind, KeyRing},
    row_secret::SealedSecret,
    schedule::KeyIntervals,
    secret_key::{SecretKey, SecretKeys},
};
use super::{
    ids::{ClientId, ProviderId},
    random::Random,
};

/// How long before its first use a key is made, so that every node has it by then.
pub const PUBLISHED_BEFORE_USE: TimeDelta = TimeDelta::seconds(60);

/// An unknown key id asks the database at most this often, so that junk can't flood it.
const BETWEEN_RELOADS: TimeDelta = TimeDelta::seconds(1);

/// A ring as old as this is read anew before a link is written that names a key of it. Half of the
/// time after which an old key may be deleted, so that none is written that is gone.
const FRESH: TimeDelta = TimeDelta::hours(12);

/// Why the keys can't be used. The start stops on it; nothing is ever destroyed for it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The configured secret key opens nothing here.
    #[error(
        "LINKGATE_SECRET_KEY is not the key this database was sealed with; nothing was changed. \
         Give the right one (with a private PostgreSQL it is the file secret.key in the data directory)"
    )]
    WrongSecretKey,
    /// The secret key is right, but a key under it does not open, or is none.
    #[error("the {} key {id} in the database is damaged; nothing was changed. Restore its row from a backup", .kind.as_str())]
    Damaged {
        /// What it is for.
        kind: KeyKind,
        /// Its id.
        id: KeyId,
    },
    /// The secret key is right, but a chatbot's Secret key under it does not open.
    #[error(
        "the chatbot's Secret key of client {0} in the database is damaged; nothing was changed. Store it again, or remove it"
    )]
    DamagedChatbotSecret(ClientId),
    /// The secret key is right, but the seed of an authenticator app under it does not open.
    #[error(
        "the seed of the authenticator app {0} in the database is damaged; nothing was changed. Clear the second factors of its owner"
    )]
    DamagedTotpSeed(Uuid),
    /// The secret key is right, but a provider's client secret under it does not open.
    #[error(
        "the client secret of the provider {0} in the database is damaged; nothing was changed. Store it again, or delete the provider"
    )]
    DamagedProviderSecret(ProviderId),
    /// Sealing failed; no input of ours can cause it.
    #[error("a key can't be sealed")]
    Sealing,
    /// A key could not be made; no input of ours can cause it.
    #[error("a {} key can't be made", .0.as_str())]
    Making(KeyKind),
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
        let ring = KeyRing::new(
            store::list_keys(&mut *transaction, &secret_keys).await?,
            now,
        );
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

    /// Seals all keys, and the secrets that rows keep, anew with the current secret key; tells how many.
    pub async fn reseal(&self, random: &dyn Random) -> Result<usize, KeysError> {
        let mut transaction = self.db.begin().await?;
        store::lock_for_change(&mut transaction).await?;
        let resealed = store::reseal_keys(&mut transaction, &self.sealed_by, random).await?;
        transaction.commit().await?;
        Ok(resealed)
    }

    /// Whether the database is still sealed with the secret key before the current one.
    pub async fn is_sealed_by_previous(&self) -> sqlx::Result<bool> {
        let mark = store::mark(&self.db).await?;
        Ok(mark.is_some_and(|mark| !store::is_current_mark(&self.sealed_by, &mark)))
    }

    /// The keys, surely not long out of date: for what writes a key's id into a link. A deleted key
    /// is in none of these.
    pub async fn fresh_ring(&self, now: DateTime<Utc>) -> sqlx::Result<Arc<KeyRing>> {
        let read_at = self.ring().read_at();
        if (now - read_at).abs() >= FRESH {
            self.reload(now).await?;
        }
        Ok(self.ring())
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
        // Happens once in a deployment's life; its future would be carried about by every request.
        Box::pin(self.make_first(kind, random, now)).await
    }

    async fn make_first(
        &self,
        kind: KeyKind,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Arc<Key>, KeysError> {
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

    /// Not where everything was resealed with a key that this node was not given.
    async fn opens_the_mark(&self) -> sqlx::Result<bool> {
        let sealed_by = &self.sealed_by;
        Ok(store::mark(&self.db)
            .await?
            .is_none_or(|mark| store::opens_mark(sealed_by, &mark)))
    }

    async fn read_anew(&self, last: &mut Reload, now: DateTime<Utc>) -> Result<(), KeysError> {
        *last = Reload {
            at: now,
            succeeded: false,
        };
        let keys = match store::list_keys(&self.db, &self.sealed_by).await {
            Err(KeysError::Damaged { .. }) if !self.opens_the_mark().await? => {
                return Err(KeysError::WrongSecretKey);
            }
            keys => keys?,
        };
        let ring = KeyRing::new(keys, now);
        last.succeeded = true;
        let mut current = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if current.len() != ring.len() {
            info!(keys = ring.len(), "the key ring changed");
        }
        *current = Arc::new(ring);
        Ok(())
    }
}
