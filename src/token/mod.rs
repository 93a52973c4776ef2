//! The token endpoint (RFC 6749 §3.2), the tokens it issues, and their revocation.

pub mod access;
pub mod call;
pub mod endpoint;
pub mod grants;
mod history;
pub mod jwks;
pub mod refresh;
pub mod revoke;
pub mod store;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use self::{access::AccessToken, refresh::RefreshToken};
use crate::{
    foundation::{
        ids::LinkId,
        keys::{Key, KeyKind, KeyRing},
        random::Random,
    },
    protocol::ScopeSet,
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
    /// The refresh token's generation.
    pub generation: i32,
    /// The key that generation is made with.
    pub refresh_key: &'a Key,
    /// The link's epoch of access tokens.
    pub access_epoch: i32,
    /// What the link may see.
    pub scopes: &'a ScopeSet,
    /// What this access token may see of it.
    pub narrowed: &'a ScopeSet,
    /// How long the access token is good.
    pub lifetime: TimeDelta,
}

impl TokenPair {
    /// Makes the tokens: arithmetic alone, nothing is stored.
    pub fn issue(
        issue: &Issue<'_>,
        keys: &Arc<KeyRing>,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Self {
        let access = AccessToken {
            link_id: issue.link_id,
            access_epoch: issue.access_epoch,
            issued_at: now.timestamp(),
            lifetime: u32::try_from(issue.lifetime.num_seconds()).unwrap_or(u32::MAX),
            scope_bits: issue.narrowed.bitmap(issue.scopes),
        };
        let refresh = RefreshToken {
            link_id: issue.link_id,
            generation: issue.generation,
        };
        Self {
            access_token: access.encode(&keys.current(KeyKind::Access, now), random),
            token_type: "Bearer",
            expires_in: issue.lifetime.num_seconds(),
            refresh_token: refresh.encode(issue.refresh_key),
            scope: issue.narrowed.to_string(),
        }
    }
}
