//! The token endpoint (RFC 6749 §3.2), the tokens it issues, and their revocation.

pub mod access;
pub mod call;
pub mod endpoint;
pub mod grants;
mod history;
pub mod jwks;
pub mod jwt;
pub mod lookup;
pub mod opaque;
pub mod refresh;
pub mod revoke;
pub mod store;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use self::{
    access::{AccessToken, CarriedScope, Named},
    refresh::RefreshToken,
    store::TokenClient,
};
use crate::{
    foundation::{
        ids::{AccountId, LinkId},
        keys::{Key, KeyKind},
    },
    protocol::{OAuthError, ScopeSet},
    web::state::AppState,
};

/// The answer to a successful token request (RFC 6749 §5.1).
#[derive(Serialize)]
pub struct TokenPair {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    scope: String,
}

/// What tokens are to be issued for.
pub struct Issue<'a> {
    /// The link they stand for.
    pub link_id: LinkId,
    /// Whom it is about.
    pub account_id: AccountId,
    /// The client that gets them.
    pub client: &'a TokenClient,
    /// The refresh token's generation.
    pub generation: i32,
    /// The key that generation is made with.
    pub refresh_key: &'a Key,
    /// The key of the access token, from [`access_key`].
    pub access_key: &'a Key,
    /// The link's epoch of access tokens.
    pub access_epoch: i32,
    /// What the link may see.
    pub scopes: &'a ScopeSet,
    /// What this access token may see of it.
    pub narrowed: &'a ScopeSet,
}

/// The key that makes a client's access tokens, in the format it wants. To be had before anything is
/// written: what can fail should fail before.
pub async fn access_key(
    client: &TokenClient,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<Arc<Key>, OAuthError> {
    let Some(kind) = client.signs_with else {
        return Ok(state.keys.current(KeyKind::Access, now));
    };
    let key = state.keys.signing(kind, &*state.random, now).await;
    key.map_err(|error| sqlx::Error::from(error).into())
}

impl TokenPair {
    /// Makes the tokens: arithmetic alone, nothing is stored.
    pub fn issue(
        issue: &Issue<'_>,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<Self, OAuthError> {
        let refresh = RefreshToken {
            link_id: issue.link_id,
            generation: issue.generation,
        };
        let access = issue.access_token(now);
        let access = access.encode(issue.access_key, state.public_url.issuer(), &*state.random);
        Ok(Self {
            access_token: access.map_err(OAuthError::server_error)?,
            token_type: "Bearer",
            expires_in: issue.client.access_lifetime.num_seconds(),
            refresh_token: refresh.encode(issue.refresh_key),
            scope: issue.narrowed.to_string(),
        })
    }
}

impl Issue<'_> {
    fn access_token(&self, now: DateTime<Utc>) -> AccessToken {
        let signed = self.access_key.signing().is_some();
        AccessToken {
            link_id: self.link_id,
            access_epoch: self.access_epoch,
            issued_at: now.timestamp(),
            expires_at: (now + self.client.access_lifetime).timestamp(),
            scope: if signed {
                CarriedScope::Words(self.narrowed.clone())
            } else {
                CarriedScope::Bits(self.narrowed.bitmap(self.scopes))
            },
            named: signed.then(|| Named {
                audience: self.client.token_audience.clone(),
                client_id: self.client.id.clone(),
                account_id: self.account_id,
            }),
        }
    }
}
