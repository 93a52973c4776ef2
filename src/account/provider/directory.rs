//! What a node knows of the providers without asking: the buttons, where they are, and their keys.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use actix_web::{HttpRequest, web::Data};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use url::Url;

use super::{
    Kind, Names, Provider,
    calls::{Calls, Failure},
    endpoints::Endpoints,
    key_set::KeySet,
    store,
};
use crate::{
    foundation::{ids::ProviderId, outbound::Outbound},
    web::{i18n::Words, user_agent},
};

/// How long a discovery document is believed.
const DISCOVERED_FOR: TimeDelta = TimeDelta::hours(1);
/// Where providers lead people on to after they signed in there: Chromium holds `form-action` against
/// every redirect that follows the post, not only against ours.
const ONWARD: &str = "https:";

type Keys = Arc<tokio::sync::Mutex<KeySet>>;
type Discovered = HashMap<String, (DateTime<Utc>, Arc<Endpoints>)>;

/// As a handler's data.
pub struct Directory {
    /// What calls them.
    pub calls: Calls,
    offered: RwLock<Arc<Vec<Offered>>>,
    discovered: Mutex<Discovered>,
    keys: Mutex<HashMap<String, Keys>>,
}

/// A provider that is switched on.
struct Offered {
    id: ProviderId,
    kind: Kind,
    names: Names,
    origin: Option<String>,
}

/// A button of the login page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// The provider's id.
    pub id: String,
    /// The kind, as the stylesheet knows its colour.
    pub kind: &'static str,
    /// The letter where others would show a logo.
    pub mark: String,
    /// What people call it.
    pub name: String,
}

impl Directory {
    /// Knows nobody yet.
    pub fn new(outbound: Outbound, stand_in: Option<Url>) -> reqwest::Result<Self> {
        Ok(Self {
            calls: Calls::new(outbound, stand_in)?,
            offered: RwLock::default(),
            discovered: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// The one of the server that answers this request.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<Data<Self>>().map(|data| &***data)
    }

    /// Reads who is offered: at the start, after a change here, and from time to time.
    pub async fn reload(&self, db: &PgPool) -> sqlx::Result<()> {
        let providers = store::list_providers(db).await?.into_iter();
        let offered = providers.filter(|provider| provider.enabled);
        let offered = offered.map(|provider| Offered {
            origin: self.origin(&provider),
            id: provider.id,
            kind: provider.kind,
            names: provider.names,
        });
        let offered = Arc::new(offered.collect());
        *self.offered.write().unwrap_or_else(PoisonError::into_inner) = offered;
        Ok(())
    }

    fn origin(&self, provider: &Provider) -> Option<String> {
        let url = match (&provider.issuer, provider.kind.known().place) {
            (Some(issuer), _) => Url::parse(issuer).ok(),
            (None, Some(place)) => self.calls.known(place.authorize).ok(),
            (None, None) => None,
        };
        Some(url?.origin().ascii_serialization())
    }

    fn offered(&self) -> Arc<Vec<Offered>> {
        let offered = self.offered.read();
        offered.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The buttons for whoever sent this request. Who would be turned away is not sent there.
    pub fn buttons(&self, request: &HttpRequest, words: Words) -> Vec<Button> {
        let in_web_view = user_agent::is_web_view(&user_agent::presented(request));
        let offered = self.offered();
        let offered = offered
            .iter()
            .filter(|one| !(in_web_view && one.kind.known().refuses_web_views));
        let button = |one: &Offered| {
            let name = one.names.in_language(words.lang(), one.kind);
            Button {
                id: one.id.to_string(),
                kind: one.kind.as_str(),
                mark: crate::web::frame::mark(&name),
                name,
            }
        };
        offered.map(button).collect()
    }

    /// What a page with such buttons lets its forms lead to.
    pub fn form_targets(&self) -> Vec<String> {
        let mut targets: Vec<_> = self
            .offered()
            .iter()
            .filter_map(|one| one.origin.clone())
            .collect();
        if !targets.is_empty() {
            targets.push(ONWARD.to_owned());
        }
        targets
    }

    /// Where a provider is.
    pub async fn endpoints(
        &self,
        provider: &Provider,
        now: DateTime<Utc>,
    ) -> Result<Arc<Endpoints>, Failure> {
        let known = provider.kind.known();
        if let Some(place) = &known.place {
            return Endpoints::known(known, place, &self.calls).map(Arc::new);
        }
        let issuer = provider.issuer.as_deref().unwrap_or_default();
        let discovered = self.discovered().get(issuer).cloned();
        if let Some((at, endpoints)) = discovered
            && (now - at).abs() < DISCOVERED_FOR
        {
            return Ok(endpoints);
        }
        let endpoints = Arc::new(Endpoints::discover(issuer, &self.calls).await?);
        let entry = (now, endpoints.clone());
        self.discovered().insert(issuer.to_owned(), entry);
        Ok(endpoints)
    }

    fn discovered(&self) -> std::sync::MutexGuard<'_, Discovered> {
        self.discovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys published at an address.
    pub fn keys(&self, url: &Url) -> Keys {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.entry(url.to_string()).or_default().clone()
    }
}

/// The buttons and where they may lead; none where no provider is set up.
pub fn offered(request: &HttpRequest, words: Words) -> (Vec<Button>, Vec<String>) {
    Directory::of(request).map_or_else(Default::default, |directory| {
        (directory.buttons(request, words), directory.form_targets())
    })
}
