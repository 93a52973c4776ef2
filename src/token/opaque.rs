//! Opaque access tokens.
//!
//! `lg_at_` and base64url of: version (1 byte), key id (2), link id (16), access epoch (4), issue
//! time (8), lifetime in seconds (4), narrowed scope as a bitmap over the link's (4), 64 random
//! bits, HMAC-SHA-256 tag (32). Numbers are big-endian; the tag covers the prefix too.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::access::{AccessToken, CarriedScope};
use crate::foundation::{
    ids::LinkId,
    keys::{Key, KeyId, KeyKind, Keys},
    random::Random,
    seal,
};

/// What an opaque access token begins with.
pub const PREFIX: &str = "lg_at_";
const VERSION: u8 = 1;
const BODY: usize = 47;
const TAG: usize = 32;

/// The token's text. The random bits make each one new.
pub fn encode(token: &AccessToken, scope_bits: u32, key: &Key, random: &dyn Random) -> String {
    let salt: [u8; 8] = random.bytes();
    let lifetime = token.expires_at.saturating_sub(token.issued_at);
    let mut bytes = Vec::with_capacity(BODY + TAG);
    bytes.push(VERSION);
    bytes.extend(key.id.to_be_bytes());
    bytes.extend(token.link_id.0.as_bytes());
    bytes.extend(token.access_epoch.to_be_bytes());
    bytes.extend(token.issued_at.to_be_bytes());
    bytes.extend(u32::try_from(lifetime).unwrap_or_default().to_be_bytes());
    bytes.extend(scope_bits.to_be_bytes());
    bytes.extend(salt);
    let tag = key.mac(&[PREFIX.as_bytes(), &bytes]);
    bytes.extend(tag);
    format!("{PREFIX}{}", seal::to_text(&bytes))
}

/// What a genuine token states; whether it has expired is for the caller.
pub async fn verify(
    text: &str,
    keys: &Keys,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<AccessToken>> {
    let Some(claimed) = Claimed::read(text) else {
        return Ok(None);
    };
    let key = keys.find(KeyKind::Access, claimed.key_id, now).await?;
    Ok(key.and_then(|key| claimed.proven_by(&key)))
}

/// What a text of an opaque access token's shape states, before it is believed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The key it should be under.
    pub key_id: KeyId,
    token: AccessToken,
    bytes: Vec<u8>,
}

impl Claimed {
    /// Reads a presented text; `None` for what can't be an opaque access token of ours.
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 128)?;
        let bytes = seal::from_text(rest).filter(|bytes| bytes.len() == BODY + TAG)?;
        let (key_id, token) = decode(&bytes)?;
        Some(Self {
            key_id,
            token,
            bytes,
        })
    }

    /// The token, if this key made it.
    pub fn proven_by(self, key: &Key) -> Option<AccessToken> {
        let (body, tag) = self.bytes.split_at_checked(BODY)?;
        key.verifies(&[PREFIX.as_bytes(), body], tag)
            .then_some(self.token)
    }
}

fn decode(body: &[u8]) -> Option<(KeyId, AccessToken)> {
    let (version, rest) = body.split_first_chunk::<1>()?;
    let (key_id, rest) = rest.split_first_chunk()?;
    let (link_id, rest) = rest.split_first_chunk()?;
    let (access_epoch, rest) = rest.split_first_chunk()?;
    let (issued_at, rest) = rest.split_first_chunk()?;
    let (lifetime, rest) = rest.split_first_chunk()?;
    let (scope_bits, _salt_and_tag) = rest.split_first_chunk()?;
    if *version != [VERSION] {
        return None;
    }
    let issued_at = i64::from_be_bytes(*issued_at);
    let lifetime = i64::from(u32::from_be_bytes(*lifetime));
    let token = AccessToken {
        link_id: LinkId(Uuid::from_bytes(*link_id)),
        access_epoch: i32::from_be_bytes(*access_epoch),
        issued_at,
        expires_at: issued_at.saturating_add(lifetime),
        scope: CarriedScope::Bits(u32::from_be_bytes(*scope_bits)),
        named: None,
    };
    Some((KeyId::from_be_bytes(*key_id), token))
}
