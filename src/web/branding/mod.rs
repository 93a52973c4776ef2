//! The operator's service, as people see it: its name and privacy policy. Kept in memory, because
//! every page shows it; a change reaches other nodes within half a minute.

pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use sqlx::PgPool;

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
pub struct CurrentBranding(RwLock<Arc<Branding>>);

impl CurrentBranding {
    /// Reads it for the first time.
    pub async fn open(db: &PgPool) -> sqlx::Result<Self> {
        Ok(Self(RwLock::new(Arc::new(store::find_branding(db).await?))))
    }

    /// How it is now.
    pub fn get(&self) -> Arc<Branding> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads it again: after a change here, and from time to time.
    pub async fn reload(&self, db: &PgPool) -> sqlx::Result<()> {
        let branding = store::find_branding(db).await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(branding);
        Ok(())
    }
}

impl Branding {
    /// Where people read the policy, if there is one.
    pub fn privacy_link(&self) -> Option<String> {
        let exists = self.privacy_url.is_some() || !self.privacy_text.trim().is_empty();
        exists.then(|| "/privacy".to_owned())
    }
}
