//! Opaque access tokens: a sealed statement about a link, not a row.
//!
//! `lg_at_` and base64url of: version (1 byte), key id (2), link id (16), access epoch (4), issue
//! time (8), lifetime in seconds (4), narrowed scope as a bitmap over the link's (4), 64 random
//! bits, HMAC-SHA-256 tag (32). Numbers are big-endian; the tag covers the prefix too.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::foundation::{
    ids::LinkId,
    keys::{Key, KeyId, KeyKind, Keys},
    random::Random,
    seal,
};

/// What an access token begins with.
pub const PREFIX: &str = "lg_at_";
const VERSION: u8 = 1;
const BODY: usize = 47;
const TAG: usize = 32;

/// What an access token states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessToken {
    /// The link it speaks for.
    pub link_id: LinkId,
    /// Good while the link's epoch is no higher.
    pub access_epoch: i32,
    /// Unix seconds.
    pub issued_at: i64,
    /// Seconds.
    pub lifetime: u32,
    /// Which of the link's scopes it carries.
    pub scope_bits: u32,
}

/// Why a presented text is no access token. All of it is told without the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGood {
    /// Not one of ours.
    #[error("the access token is not valid")]
    Unknown,
    /// It was one.
    #[error("the access token has expired")]
    Expired(AccessToken),
}

impl AccessToken {
    /// The token's text. The random bits make each one new (Google demands it of every refresh).
    pub fn encode(&self, key: &Key, random: &dyn Random) -> String {
        let salt: [u8; 8] = random.bytes();
        let mut bytes = Vec::with_capacity(BODY + TAG);
        bytes.push(VERSION);
        bytes.extend(key.id.to_be_bytes());
        bytes.extend(self.link_id.0.as_bytes());
        bytes.extend(self.access_epoch.to_be_bytes());
        bytes.extend(self.issued_at.to_be_bytes());
        bytes.extend(self.lifetime.to_be_bytes());
        bytes.extend(self.scope_bits.to_be_bytes());
        bytes.extend(salt);
        let tag = key.mac(&[PREFIX.as_bytes(), &bytes]);
        bytes.extend(tag);
        format!("{PREFIX}{}", seal::to_text(&bytes))
    }

    /// Reads and verifies a presented token by arithmetic alone, so that junk never reaches the
    /// database. An outer error says that nothing is known: the token's key could not be read.
    pub async fn verify(
        text: &str,
        keys: &Keys,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Result<Self, NotGood>> {
        let Some((key_id, token, bytes)) = parse(text) else {
            return Ok(Err(NotGood::Unknown));
        };
        let key = keys.find(KeyKind::Access, key_id, now).await?;
        Ok(token.judge(&bytes, key.as_deref(), now))
    }

    fn judge(self, bytes: &[u8], key: Option<&Key>, now: DateTime<Utc>) -> Result<Self, NotGood> {
        let (body, tag) = bytes.split_at_checked(BODY).ok_or(NotGood::Unknown)?;
        if !key.is_some_and(|key| key.verifies(&[PREFIX.as_bytes(), body], tag)) {
            return Err(NotGood::Unknown);
        }
        if now.timestamp() >= self.expires_at() {
            Err(NotGood::Expired(self))
        } else {
            Ok(self)
        }
    }

    /// When it stops being good; Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.issued_at.saturating_add(i64::from(self.lifetime))
    }
}

/// What a text of the right shape states, not verified yet, and its bytes.
fn parse(text: &str) -> Option<(KeyId, AccessToken, Vec<u8>)> {
    let rest = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 128)?;
    let bytes = seal::from_text(rest).filter(|bytes| bytes.len() == BODY + TAG)?;
    let (key_id, token) = decode(&bytes)?;
    Some((key_id, token, bytes))
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
    let token = AccessToken {
        link_id: LinkId(Uuid::from_bytes(*link_id)),
        access_epoch: i32::from_be_bytes(*access_epoch),
        issued_at: i64::from_be_bytes(*issued_at),
        lifetime: u32::from_be_bytes(*lifetime),
        scope_bits: u32::from_be_bytes(*scope_bits),
    };
    Some((KeyId::from_be_bytes(*key_id), token))
}
