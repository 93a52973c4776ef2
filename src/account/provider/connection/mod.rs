//! That somebody at a provider is somebody here.

pub mod store;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};

use self::store::Known;
use super::{
    Kind, Names,
    trouble::{Stopped, Trouble},
};
use crate::{
    account::{
        entry::{Entrant, Proof},
        way_in::Visit,
    },
    event::Recorder,
    foundation::ids::{ConnectionId, ProviderId},
    mail::Mailer,
    web::{i18n::Lang, page_error::PageError},
};

/// One person's connection, as they and admins see it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// To which provider.
    pub provider: ProviderId,
    /// What that one speaks.
    pub kind: Kind,
    /// What it is called.
    pub names: Names,
    /// Whether people may sign in with it now.
    pub enabled: bool,
    /// What the provider said the e-mail address was.
    pub email: Option<String>,
    /// Since when.
    pub connected_at: DateTime<Utc>,
    /// When somebody signed in with it last.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Connection {
    /// What people call the provider.
    pub fn provider_name(&self, lang: Lang) -> String {
        self.names.in_language(lang, self.kind)
    }
}

impl Known {
    /// Lets somebody in who has just proven to be who the connection is about.
    pub async fn enter(
        &self,
        stopped: Stopped<'_>,
        heard_by: (&Recorder, &Mailer),
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let entrant = Entrant {
            id: self.account_id,
            proof: Proof::Connection { id: self.id },
        };
        match entrant.enter(stopped.flow, heard_by, visit).await? {
            Some(next) => Ok(next),
            // Something was switched off, or disconnected, a moment ago.
            None => Trouble::Off.page(stopped, visit).await,
        }
    }
}

/// How many people a provider's deletion would concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependants {
    /// Who is connected.
    pub connected: i64,
    /// Who has neither a password nor another connection nor a passkey.
    pub only_so: i64,
}
