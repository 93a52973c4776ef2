//! One way to a provider and back. It travels sealed as the `state`: nothing is stored until it comes
//! back, any node can go on with it, and it is good in one browser, once, for a few minutes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Provider, store};
use crate::{
    foundation::{
        ids::{AccountId, ProviderId, RoundTripId},
        keys::{KeyId, KeyKind},
        seal,
    },
    web::{browser::BrowserMark, state::AppState},
};

const PURPOSE: &[u8] = b"sign-in elsewhere";
/// How long it may take.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);

/// What somebody is sent to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To connect it to this account, to which they have signed in.
    Connect(AccountId),
}

/// What has to be known when they come back.
#[derive(Serialize, Deserialize)]
pub struct RoundTrip {
    id: RoundTripId,
    provider: ProviderId,
    since: i64,
    browser: [u8; 32],
    secret: [u8; 32],
    started_at: i64,
    /// What for.
    pub errand: Errand,
    flow: Option<Vec<u8>>,
}

impl RoundTrip {
    /// Begins one. What is interrupted is carried as it is sealed.
    pub fn begin(
        provider: &Provider,
        browser: BrowserMark,
        (errand, flow): (Errand, Option<&str>),
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: RoundTripId::random(&*state.random),
            provider: provider.id.clone(),
            since: provider.since(),
            browser: browser.0,
            secret: state.random.bytes(),
            started_at: now.timestamp(),
            errand,
            flow: flow.and_then(seal::from_text),
        }
    }

    /// Seals it for the address of the provider.
    pub fn seal(&self, state: &AppState, now: DateTime<Utc>) -> anyhow::Result<String> {
        let key = state.keys.current(KeyKind::Seal, now);
        let plain = postcard::to_allocvec(self)?;
        let sealed = key.seal_key().seal(&plain, PURPOSE, &*state.random)?;
        Ok(seal::to_text(
            &[&key.id.to_be_bytes()[..], &sealed].concat(),
        ))
    }

    /// Opens a sealed one; `None` where it is not one of ours, or its key is gone.
    pub async fn open(
        text: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        let sealed = seal::from_text(text);
        let Some((id, sealed)) = sealed.as_deref().and_then(<[u8]>::split_first_chunk) else {
            return Ok(None);
        };
        let key = KeyId::from_be_bytes(*id);
        let key = state.keys.find(KeyKind::Seal, key, now).await?;
        let plain = key.and_then(|key| key.seal_key().open(sealed, PURPOSE).ok());
        Ok(plain.and_then(|plain| postcard::from_bytes(&plain).ok()))
    }

    /// What it interrupted.
    pub fn flow(&self) -> Option<String> {
        self.flow.as_deref().map(seal::to_text)
    }

    /// Whether it began in that browser.
    pub fn is_of(&self, browser: Option<BrowserMark>) -> bool {
        browser.is_some_and(|mark| mark.0 == self.browser)
    }

    /// Whether it leads back from a provider of that id.
    pub fn is_to(&self, provider: &ProviderId) -> bool {
        self.provider == *provider
    }

    /// Whether that is the provider it led to, and not one that was set up in its place.
    pub fn led_to(&self, provider: &Provider) -> bool {
        self.is_to(&provider.id) && self.since == provider.since()
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() >= self.started_at + GOOD_FOR.num_seconds()
    }

    /// Uses it up. Whether it was good until now, on any node.
    pub async fn use_up(&self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<bool> {
        store::use_round_trip(&state.db, self.id, now + GOOD_FOR).await
    }

    /// The PKCE verifier (RFC 7636 §4.1).
    pub fn verifier(&self) -> String {
        seal::to_text(&self.secret)
    }

    /// What the ID token has to repeat. It tells nothing of the verifier.
    pub fn nonce(&self) -> String {
        let hash = Sha256::new_with_prefix(b"nonce\0").chain_update(self.secret);
        seal::to_text(&hash.finalize())
    }
}
