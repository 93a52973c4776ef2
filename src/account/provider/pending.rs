//! Somebody who has just signed in with a provider and is nobody here yet. Who it is travels sealed in a
//! cookie, through a login or a sign-up, and is connected to an account only when they say so.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Provider, connection::store::find_connection, identity::Identity, store};
use crate::{
    account::{MAX_NAME_LENGTH, email_key},
    foundation::{
        ids::ProviderId,
        keys::{KeyId, KeyKind},
        seal,
    },
    web::{
        browser::{Browser, BrowserMark},
        cookies::CookieName,
        page,
        page_error::PageError,
        state::AppState,
    },
};

const PURPOSE: &[u8] = b"pending sign-in";
/// Long enough for a password, a second factor, or a code that is mailed.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(30);

/// A person at a provider, proven a moment ago in this browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    provider: ProviderId,
    since: i64,
    browser: [u8; 32],
    good_until: i64,
    /// What the provider calls them.
    pub subject: String,
    /// Their address there, if they share it.
    pub email: Option<String>,
    /// Whether the provider has proven it.
    pub email_proven: bool,
    /// Their name there, if they share it.
    pub name: Option<String>,
    /// The address a code was asked for, to make an account with.
    asked: Option<String>,
}

impl Pending {
    /// Of an identity that was proven a moment ago.
    pub fn new(
        provider: &Provider,
        identity: Identity,
        browser: BrowserMark,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            provider: provider.id.clone(),
            since: provider.since(),
            browser: browser.0,
            good_until: (now + GOOD_FOR).timestamp(),
            subject: identity.subject,
            email: identity.email,
            email_proven: identity.email_proven,
            name: identity.name,
            asked: None,
        }
    }

    /// The one this browser carries, with its provider, which is switched on and still the same.
    pub async fn of(
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<(Self, Provider)>> {
        let Some(pending) = Self::carried(request, state, now).await? else {
            return Ok(None);
        };
        let provider = store::find_provider(&state.db, &pending.provider).await?;
        let provider = provider.filter(|provider| pending.is_at(provider));
        Ok(provider.map(|provider| (pending, provider)))
    }

    /// Whether this browser carries one that is connected to no account yet.
    pub async fn waits(
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let Some((pending, provider)) = Self::of(request, state, now).await? else {
            return Ok(false);
        };
        let known = find_connection(&state.db, &provider.id, &pending.subject).await?;
        Ok(known.is_none())
    }

    /// Whether that is its provider, switched on, and not one that was set up in its place.
    pub fn is_at(&self, provider: &Provider) -> bool {
        provider.enabled && provider.id == self.provider && provider.since() == self.since
    }

    /// The one this browser carries, whatever became of its provider.
    pub async fn carried(
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        let Some(sealed) = CookieName::Pending.read(request, &state.public_url) else {
            return Ok(None);
        };
        let opened = Self::open(&sealed, state, now).await?;
        let browser = Browser::known(request, state);
        Ok(opened.filter(|pending| {
            browser.is_some_and(|mark| mark.0 == pending.browser)
                && now.timestamp() < pending.good_until
        }))
    }

    async fn open(text: &str, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<Option<Self>> {
        let sealed = seal::from_text(text);
        let Some((id, sealed)) = sealed.as_deref().and_then(<[u8]>::split_first_chunk) else {
            return Ok(None);
        };
        let key = KeyId::from_be_bytes(*id);
        let key = state.keys.find(KeyKind::Seal, key, now).await?;
        let plain = key.and_then(|key| key.seal_key().open(sealed, PURPOSE).ok());
        Ok(plain.and_then(|plain| postcard::from_bytes(&plain).ok()))
    }

    /// The answer, with the cookie that carries it.
    pub fn carry(
        &self,
        response: HttpResponse,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<HttpResponse, PageError> {
        let cookie = self.cookie(state, now).map_err(PageError::internal)?;
        page::with_cookie(response, Some(cookie))
    }

    fn cookie(&self, state: &AppState, now: DateTime<Utc>) -> anyhow::Result<Cookie<'static>> {
        let key = state.keys.current(KeyKind::Seal, now);
        let plain = postcard::to_allocvec(self)?;
        let sealed = key.seal_key().seal(&plain, PURPOSE, &*state.random)?;
        let text = seal::to_text(&[&key.id.to_be_bytes()[..], &sealed].concat());
        let url = &state.public_url;
        Ok(CookieName::Pending.cookie(text, Some(GOOD_FOR), url))
    }

    /// The answer, with which it is over.
    pub fn drop_from(response: HttpResponse, state: &AppState) -> Result<HttpResponse, PageError> {
        let cookie = CookieName::Pending.removal(&state.public_url);
        page::with_cookie(response, Some(cookie))
    }

    /// The same, once a code was asked for that address by who wants to be called so.
    #[must_use]
    pub fn asking(self, email: &str, name: &str) -> Self {
        let name = name.chars().take(MAX_NAME_LENGTH).collect::<String>();
        Self {
            asked: Some(email_key(email)),
            name: Some(name).filter(|name| !name.is_empty()).or(self.name),
            ..self
        }
    }

    /// Whether a code for that address makes an account for this person, and no password with it.
    pub fn asked(&self, email: &str) -> bool {
        self.asked.as_deref() == Some(email_key(email).as_str())
    }
}
