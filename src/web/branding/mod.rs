//! The operator's service, as people see it: its name and privacy policy; and how the pages of a client
//! differ from that. Kept in memory, because every page shows it; a change reaches other nodes within
//! half a minute.

pub mod client;
pub mod colour;
pub mod files;
pub mod logo;
pub mod look;
pub mod palette;
pub mod store;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use self::{look::ClientLook, palette::Accents};
use super::packed::Packed;
use crate::foundation::ids::ClientId;

/// What an admin set about the service.
#[derive(Debug, Clone)]
pub struct Branding {
    /// Its name, on every page.
    pub name: String,
    /// Where `/privacy` leads, if the policy lives elsewhere; https.
    pub privacy_url: Option<String>,
    /// The policy itself, shown at `/privacy` otherwise.
    pub privacy_text: String,
    /// Whether people are mailed which links were made, and why one ended.
    pub link_mails: bool,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When the policy was: its address or its text.
    pub privacy_changed_at: DateTime<Utc>,
}

/// The branding as it was last read.
pub struct CurrentBranding(RwLock<Known>);

/// All of it, but for the logos' bytes.
#[derive(Clone)]
struct Known {
    service: Arc<Branding>,
    /// The clients whose pages differ from the service's.
    clients: Arc<HashMap<ClientId, ClientLook>>,
    sheets: Arc<HashMap<Accents, Packed>>,
}

impl CurrentBranding {
    /// Reads it for the first time.
    pub async fn open(db: &PgPool) -> sqlx::Result<Self> {
        let known = Known::read(db, &HashMap::new()).await?;
        Ok(Self(RwLock::new(known)))
    }

    /// How it is now.
    pub fn get(&self) -> Arc<Branding> {
        self.known().service
    }

    /// How a client's pages differ, if they do.
    pub fn look(&self, client: &ClientId) -> Option<ClientLook> {
        self.known().clients.get(client).cloned()
    }

    /// The stylesheet of these accents, if a client has them.
    pub fn sheet(&self, accents: Accents) -> Option<Packed> {
        self.known().sheets.get(&accents).cloned()
    }

    /// Reads it again: after a change here, and from time to time.
    pub async fn reload(&self, db: &PgPool) -> sqlx::Result<()> {
        let known = Known::read(db, &self.known().sheets).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }

    fn known(&self) -> Known {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Known {
    /// Stylesheets that were packed before are not packed again.
    async fn read(db: &PgPool, packed: &HashMap<Accents, Packed>) -> sqlx::Result<Self> {
        let service = store::find_branding(db).await?;
        let clients: HashMap<_, _> = store::list_looks(db).await?.into_iter().collect();
        let accents = clients.values().filter_map(|look| look.accents);
        let sheets = accents.map(|accents| {
            let before = packed.get(&accents).cloned();
            let sheet = before.unwrap_or_else(|| Packed::new(files::stylesheet(accents)));
            (accents, sheet)
        });
        Ok(Self {
            service: Arc::new(service),
            sheets: Arc::new(sheets.collect()),
            clients: Arc::new(clients),
        })
    }
}

impl Branding {
    /// Where people read the policy, if there is one.
    pub fn privacy_link(&self) -> Option<String> {
        let exists = self.privacy_url.is_some() || !self.privacy_text.trim().is_empty();
        exists.then(|| "/privacy".to_owned())
    }
}
