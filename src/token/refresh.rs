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
        let Some((key_id, token, bytes)) = parse(text) else {
            return Ok(None);
        };
        let Some(key) = keys.find(KeyKind::Refresh, key_id, now).await? else {
            return Ok(None);
        };
        let parts = bytes.split_at_checked(BODY);
        let genuine =
            parts.is_some_and(|(body, tag)| key.verifies(&[PREFIX.as_bytes(), body], tag));
        Ok(genuine.then_some((token, key_id)))
    }
}

/// What a text of the right shape states, not verified yet, and its bytes.
fn parse(text: &str) -> Option<(KeyId, RefreshToken, Vec<u8>)> {
    let rest = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 128)?;
    let bytes = seal::from_text(rest).filter(|bytes| bytes.len() == BODY + TAG)?;
    let (key_id, token) = decode(&bytes)?;
    Some((key_id, token, bytes))
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
