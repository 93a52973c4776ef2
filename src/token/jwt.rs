//! JWT access tokens (RFC 9068), for APIs that check tokens themselves. To us they are the same
//! statement about a link's row as an opaque token, in other letters.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Header, Validation, decode_header};
use serde::{Deserialize, Serialize};

use super::access::{AccessToken, CarriedScope, Named};
use crate::{
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::{Key, KeyId, KeyKind, Keys, signing::SigningKey},
        random::Random,
        seal,
    },
    protocol::ScopeSet,
};

/// The longest JWT that is decoded; ours are shorter, see `client::registration`.
const MAX_LENGTH: usize = 4096;
/// RFC 9068 §2.1: so that no other JWT of ours, of whatever kind to come, passes for one.
const TYPE: &str = "at+jwt";

/// RFC 9068 §2.2, and two private claims: the link, and its epoch of access tokens.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    exp: i64,
    aud: String,
    sub: AccountId,
    client_id: ClientId,
    iat: i64,
    jti: String,
    scope: String,
    lg_link: LinkId,
    lg_epoch: i32,
}

/// Whether a text has the shape of a JWT: three parts, of which the first begins as JSON does.
pub fn looks_like_one(text: &str) -> bool {
    text.len() <= MAX_LENGTH && text.starts_with("ey") && text.split('.').count() == 3
}

/// The token's text. The random `jti` makes each one new.
pub fn encode(
    token: &AccessToken,
    (scopes, named): (&ScopeSet, &Named),
    key: &SigningKey,
    issuer: &str,
    random: &dyn Random,
) -> anyhow::Result<String> {
    let mut header = Header::new(key.algorithm);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    let claims = Claims {
        iss: issuer.to_owned(),
        exp: token.expires_at,
        aud: named.audience.as_deref().unwrap_or(issuer).to_owned(),
        sub: named.account_id,
        client_id: named.client_id.clone(),
        iat: token.issued_at,
        jti: seal::to_text(&random.bytes::<16>()),
        scope: scopes.to_string(),
        lg_link: token.link_id,
        lg_epoch: token.access_epoch,
    };
    let text = jsonwebtoken::encode(&header, &claims, &key.encoding)?;
    anyhow::ensure!(text.len() <= MAX_LENGTH, "the access token is too long");
    Ok(text)
}

/// What a genuine token states; whether it has expired is for the caller, who knows the time.
pub async fn verify(
    text: &str,
    keys: &Keys,
    issuer: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<AccessToken>> {
    let Some(claimed) = Claimed::read(text) else {
        return Ok(None);
    };
    let key = keys.find(claimed.kind, claimed.key_id, now).await?;
    Ok(key.and_then(|key| claimed.proven_by(&key, issuer)))
}

/// A text with the header of a JWT of ours, before it is believed.
#[derive(Debug, Clone)]
pub struct Claimed<'a> {
    /// What kind of key it should be signed with.
    pub kind: KeyKind,
    /// Which of them.
    pub key_id: KeyId,
    kid: String,
    text: &'a str,
}

impl<'a> Claimed<'a> {
    /// Reads a presented text's header; `None` for what can't be an access token of ours. What else
    /// stands there is never followed (RFC 8725 §3.10), and what it calls critical is not understood
    /// here (RFC 7515 §4.1.11).
    pub fn read(text: &'a str) -> Option<Self> {
        let header = decode_header(text).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return None;
        }
        let kid = header.kid?;
        Some(Self {
            // None and symmetric algorithms are those of no kind.
            kind: KeyKind::signing_with(header.alg)?,
            key_id: KeyKind::id_in_kid(&kid)?,
            kid,
            text,
        })
    }

    /// The token, if this key signed it for this issuer.
    pub fn proven_by(&self, key: &Key, issuer: &str) -> Option<AccessToken> {
        let key = key.signing().filter(|key| key.kid == self.kid)?;
        token(claims(self.text, key, issuer)?, issuer)
    }
}

fn claims(text: &str, key: &SigningKey, issuer: &str) -> Option<Claims> {
    let mut rules = Validation::new(key.algorithm);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.set_issuer(&[issuer]);
    // By our own clock, not the library's; and by the client's settings, once they are read.
    rules.validate_exp = false;
    rules.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Claims>(text, &key.decoding, &rules);
    Some(decoded.ok()?.claims)
}

fn token(claims: Claims, issuer: &str) -> Option<AccessToken> {
    Some(AccessToken {
        link_id: claims.lg_link,
        access_epoch: claims.lg_epoch,
        issued_at: claims.iat,
        expires_at: claims.exp,
        scope: CarriedScope::Words(ScopeSet::parse(&claims.scope).ok()?),
        named: Some(Named {
            audience: Some(claims.aud).filter(|audience| audience != issuer),
            client_id: claims.client_id,
            account_id: claims.sub,
        }),
    })
}
