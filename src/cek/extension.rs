//! What the server knows of each client's extension, held in memory by every node.
//!
//! Memory only ever refuses by itself. Before anything of an account is told, the same settings are
//! read with it, and where they changed the request is checked again.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::Mutex;

use super::store;
use crate::{
    client::{
        cek::{CekAnswer, SpokenLanguage},
        cek_key::CekKey,
    },
    foundation::ids::ClientId,
};

/// How long what was read is good enough to answer by.
const GOOD_ENOUGH: TimeDelta = TimeDelta::seconds(30);
/// A refusal reads anew, at most once in this time whatever comes.
const BETWEEN_READS: TimeDelta = TimeDelta::seconds(1);

/// What requests for one client are checked with and answered by, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The client.
    pub client_id: ClientId,
    /// The extension's id, if it is known.
    pub extension_id: Option<String>,
    /// The PEM of the key that signs: the pasted one, or the one its platform publishes.
    pub public_key: Option<String>,
    /// The PEMs of the keys that simulations sign with meanwhile.
    pub test_keys: Vec<String>,
    /// Whether unsigned requests are taken.
    pub take_unsigned: bool,
    /// What is answered.
    pub answer: CekAnswer,
    /// In which language.
    pub language: SpokenLanguage,
    /// The template of what is spoken; may be empty.
    pub speech: String,
    /// Spoken without a usable token; may be empty.
    pub relink_sentence: String,
    /// Spoken when nothing can be known now; may be empty.
    pub busy_sentence: String,
}

/// The same with its keys read.
#[derive(Debug)]
pub struct Known {
    /// As it is stored.
    pub extension: Extension,
    /// What signs its requests: the platform's key, if it is known, and those of simulations.
    pub keys: Vec<CekKey>,
}

type All = HashMap<ClientId, Arc<Known>>;

/// All extensions as they were last read.
#[derive(Default)]
pub struct Extensions {
    // `None` until they were read for the first time.
    known: RwLock<Option<Arc<All>>>,
    // Held while reading: those who wait for the same news share one read.
    last_try: Mutex<Option<DateTime<Utc>>>,
}

impl Known {
    fn of(extension: Extension) -> Self {
        // What was stored was checked before.
        let pems = extension.public_key.iter().chain(&extension.test_keys);
        let keys = pems.filter_map(|pem| CekKey::read(pem).ok()).collect();
        Self { extension, keys }
    }
}

impl Extensions {
    /// The extension of that client. An error says that nothing is known of any.
    pub async fn find(
        &self,
        client: &ClientId,
        db: &PgPool,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Arc<Known>>> {
        if let Some(within) = self.is_due(now) {
            let read = self.read_anew(db, now, within).await;
            if let Err(error) = read {
                tracing::warn!(%error, "the extensions could not be read; going by what is known");
            }
        }
        match self.get(client)? {
            None => self.find_anew(client, db, now).await,
            known => Ok(known),
        }
    }

    /// The same, after looking whether it changed: for what would be refused otherwise.
    pub async fn find_anew(
        &self,
        client: &ClientId,
        db: &PgPool,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Arc<Known>>> {
        self.read_anew(db, now, BETWEEN_READS).await?;
        self.get(client)
    }

    /// Takes over what another read has just found.
    pub fn learn(&self, extension: Extension) -> Arc<Known> {
        let known = Arc::new(Known::of(extension));
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = all.as_deref().cloned().unwrap_or_default();
        changed.insert(known.extension.client_id.clone(), known.clone());
        *all = Some(Arc::new(changed));
        known
    }

    fn get(&self, client: &ClientId) -> sqlx::Result<Option<Arc<Known>>> {
        let all = self.all().ok_or(sqlx::Error::PoolTimedOut)?;
        Ok(all.get(client).cloned())
    }

    fn all(&self) -> Option<Arc<All>> {
        let known = self.known.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether to read anew, unless somebody does within that time. Where somebody is reading already,
    /// what is known will do.
    fn is_due(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        if self.all().is_none() {
            return Some(BETWEEN_READS);
        }
        let last = self.last_try.try_lock();
        let is_old = |at: DateTime<Utc>| (now - at).abs() >= GOOD_ENOUGH;
        let is_due = last.is_ok_and(|at| at.is_none_or(is_old));
        is_due.then_some(GOOD_ENOUGH)
    }

    async fn read_anew(
        &self,
        db: &PgPool,
        now: DateTime<Utc>,
        unless_within: TimeDelta,
    ) -> sqlx::Result<()> {
        let mut last_try = self.last_try.lock().await;
        if last_try.is_some_and(|at| (now - at).abs() < unless_within) {
            return Ok(());
        }
        *last_try = Some(now);
        let stored = store::list_extensions(db, now).await?;
        let before = self.all().unwrap_or_default();
        let now_known = stored.into_iter().map(|extension| {
            let id = extension.client_id.clone();
            // Reading a key costs a hundred times what comparing its text does.
            let same = before.get(&id);
            let same = same.filter(|known| known.extension == extension).cloned();
            (id, same.unwrap_or_else(|| Arc::new(Known::of(extension))))
        });
        let all = Arc::new(now_known.collect());
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(all);
        Ok(())
    }
}
