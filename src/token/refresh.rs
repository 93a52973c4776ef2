//! Refresh tokens: a pure function of link, generation and key, so that a lost answer can be
//! repeated to the letter.
//!
//! `lg_rt_` and base64url of: version (1 byte), key id (2), link id (16), generation (4),
//! HMAC-SHA-256 tag (32) over the prefix and all of it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::foundation::{
    ids::LinkId,
    keys::{Key, KeyId, KeyKind, Keys},
    seal,
};

/// What a refresh token begins with.
pub const PREFIX: &str = "lg_rt_";
const VERSION: u8 = 1;
const BODY: usize = 23;
const TAG: usize = 32;

/// What a refresh token states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The link it renews.
    pub link_id: LinkId,
    /// Which of the link's refresh tokens it is, from 1.
    pub generation: i32,
}

impl RefreshToken {
    /// The token's text; the same for the same link, generation and key.
    pub fn encode(&self, key: &Key) -> String {
        let mut bytes = Vec::with_capacity(BODY + TAG);
        bytes.push(VERSION);
        bytes.extend(key.id.to_be_bytes());
        bytes.extend(self.link_id.0.as_bytes());
        bytes.extend(self.generation.to_be_bytes());
        let tag = key.mac(&[PREFIX.as_bytes(), &bytes]);
        bytes.extend(tag);
        format!("{PREFIX}{}", seal::to_text(&bytes))
    }

    /// Reads and verifies a presented token by arithmetic alone. An error says that nothing is known:
    /// the token's key could not be read.
    pub async fn verify(text: &str, keys: &Keys, now: DateTime<Utc>) -> sqlx::Result<Option<Self>> {
        let verified = Self::verify_with_key(text, keys, now).await?;
        Ok(verified.map(|(token, _)| token))
    }

    /// The same; says which key made it, too.
    pub async fn verify_with_key(
        text: &str,
        keys: &Keys,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<(Self, KeyId)>> {
        let Some(claimed) = Claimed::read(text) else {
            return Ok(None);
        };
        let key_id = claimed.key_id;
        let key = keys.find(KeyKind::Refresh, key_id, now).await?;
        let token = key.and_then(|key| claimed.proven_by(&key));
        Ok(token.map(|token| (token, key_id)))
    }
}

/// What a text of a refresh token's shape states, before it is believed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The key it should be under.
    pub key_id: KeyId,
    token: RefreshToken,
    bytes: Vec<u8>,
}

impl Claimed {
    /// Reads a presented text; `None` for what can't be a refresh token of ours.
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
    pub fn proven_by(&self, key: &Key) -> Option<RefreshToken> {
        let (body, tag) = self.bytes.split_at_checked(BODY)?;
        key.verifies(&[PREFIX.as_bytes(), body], tag)
            .then_some(self.token)
    }
}

fn decode(body: &[u8]) -> Option<(KeyId, RefreshToken)> {
    let (version, rest) = body.split_first_chunk::<1>()?;
    let (key_id, rest) = rest.split_first_chunk()?;
    let (link_id, rest) = rest.split_first_chunk()?;
    let (generation, _) = rest.split_first_chunk()?;
    if *version != [VERSION] {
        return None;
    }
    let link_id = LinkId(Uuid::from_bytes(*link_id));
    Some((
        KeyId::from_be_bytes(*key_id),
        RefreshToken {
            link_id,
            generation: i32::from_be_bytes(*generation),
        },
    ))
}
