//! Access tokens: a statement about a link, not a row. In whichever format it travels, it is good for
//! what the link's row says at the moment.

use chrono::{DateTime, Utc};

use super::{jwt, opaque};
use crate::{
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::{Key, Keys},
        random::Random,
    },
    protocol::ScopeSet,
};

/// What an access token states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The link it speaks for.
    pub link_id: LinkId,
    /// Good while the link's epoch is no higher.
    pub access_epoch: i32,
    /// Unix seconds.
    pub issued_at: i64,
    /// When it stops being good; Unix seconds.
    pub expires_at: i64,
    /// Which of the link's scopes it carries.
    pub scope: CarriedScope,
    /// What a JWT says beside, for those who read it themselves.
    pub named: Option<Named>,
}

/// How a token names its scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarriedScope {
    /// A bitmap over the link's.
    Bits(u32),
    /// In words.
    Words(ScopeSet),
}

/// Whom a JWT names. All of it must be so when the token is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Who takes it, beside this server: for `None` it is for this server alone.
    pub audience: Option<String>,
    /// Who holds it.
    pub client_id: ClientId,
    /// Whom it is about.
    pub account_id: AccountId,
}

/// Why a presented text is no access token. All of it is told without the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGood {
    /// Not one of ours.
    #[error("the access token is not valid")]
    Unknown,
    /// It was one.
    #[error("the access token has expired")]
    Expired(Box<AccessToken>),
}

/// Whether a text is worth verifying.
pub fn looks_like_one(text: &str) -> bool {
    text.starts_with(opaque::PREFIX) || jwt::looks_like_one(text)
}

impl AccessToken {
    /// The token's text, in the format that the key is for. Each is new (Google demands it of every
    /// refresh).
    pub fn encode(&self, key: &Key, issuer: &str, random: &dyn Random) -> anyhow::Result<String> {
        match (key.signing(), &self.scope, &self.named) {
            (None, CarriedScope::Bits(bits), _) => Ok(opaque::encode(self, *bits, key, random)),
            (Some(key), CarriedScope::Words(scopes), Some(named)) => {
                jwt::encode(self, (scopes, named), key, issuer, random)
            }
            _ => anyhow::bail!("the key is for another format of access tokens"),
        }
    }

    /// Reads and verifies a presented token by arithmetic alone, so that junk never reaches the
    /// database. An outer error says that nothing is known: the token's key could not be read.
    pub async fn verify(
        text: &str,
        keys: &Keys,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Result<Self, NotGood>> {
        let genuine = if text.starts_with(opaque::PREFIX) {
            opaque::verify(text, keys, now).await?
        } else if jwt::looks_like_one(text) {
            jwt::verify(text, keys, issuer, now).await?
        } else {
            None
        };
        Ok(match genuine {
            None => Err(NotGood::Unknown),
            Some(token) if now.timestamp() >= token.expires_at => {
                Err(NotGood::Expired(Box::new(token)))
            }
            Some(token) => Ok(token),
        })
    }

    /// Whether what the token says beside its link is what the link's row and its client say. An
    /// opaque token says nothing beside.
    pub fn is_so(
        &self,
        client_id: &ClientId,
        account_id: AccountId,
        audience: Option<&str>,
    ) -> bool {
        self.named.as_ref().is_none_or(|named| {
            named.client_id == *client_id
                && named.account_id == account_id
                && (named.audience.is_none() || named.audience.as_deref() == audience)
        })
    }

    /// What the token may see, of what the link may see.
    pub fn scopes(&self, link: &ScopeSet) -> ScopeSet {
        match &self.scope {
            CarriedScope::Bits(bits) => ScopeSet::from_bitmap(*bits, link),
            CarriedScope::Words(words) => words.within(link),
        }
    }
}
