//! Whether a signed assertion (RFC 7523 §3) proves a client; and that each proves it once.

pub mod store;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, Validation, decode_header, errors::ErrorKind};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use super::public_keys::PublicKeys;
use crate::web::state::PublicUrl;

/// What assertions may be signed with, as the metadata says it (RFC 8414 §2).
pub const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::RS256,
    Algorithm::PS256,
];
/// The longest time an assertion may still be good for: one that leaks is worth nothing soon, and
/// what was used is not remembered for long.
pub const LONGEST_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How far a client's clock may be from ours.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// The types an assertion may call itself: a JWT of the client's made for something else, such as a
/// `DPoP` proof, is none (RFC 8725 §3.11).
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// An assertion that proves its client, unless it was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// SHA-256 of its `jti`.
    pub jti_hash: [u8; 32],
    /// Until when it must not be taken again.
    pub expires_at: DateTime<Utc>,
}

/// Why an assertion proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    /// None of the client's keys made it: whoever sent it is told no more than that.
    NotSigned,
    /// The client made it, and is told what is wrong with it.
    Wrong(&'static str),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audiences,
    #[serde(deserialize_with = "date")]
    exp: DateTime<Utc>,
    jti: String,
    #[serde(default, deserialize_with = "some_date")]
    nbf: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "some_date")]
    iat: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Several(Vec<String>),
}

/// Verifies an assertion of the client: first its signature, then what it says. The caller has to
/// see to it that it is used only once.
pub fn verify(
    text: &str,
    client_id: &str,
    keys: &PublicKeys,
    ours: &PublicUrl,
    now: DateTime<Utc>,
) -> Result<Proven, Unproven> {
    let claims = signed_claims(text, keys)?;
    if claims.iss != client_id || claims.sub != client_id {
        return wrong("iss and sub of the client_assertion must both be the client_id");
    }
    if !claims.aud.are_ours(ours) {
        return wrong(
            "aud of the client_assertion must be the issuer or the token endpoint of this server, and nobody else",
        );
    }
    if now >= claims.exp + LEEWAY {
        return wrong("the client_assertion has expired");
    }
    if claims.exp > now + LONGEST_LIFE + LEEWAY {
        return wrong("the client_assertion must expire within 10 minutes");
    }
    if claims.nbf.is_some_and(|from| from > now + LEEWAY) {
        return wrong("the client_assertion is not good yet (nbf)");
    }
    if claims.iat.is_some_and(|at| at > now + LEEWAY) {
        return wrong("the client_assertion is from the future (iat)");
    }
    if claims
        .iat
        .is_some_and(|at| at < now - LONGEST_LIFE - LEEWAY)
    {
        return wrong("the client_assertion was made more than 10 minutes ago (iat)");
    }
    if claims.jti.is_empty() {
        return wrong("jti of the client_assertion is empty");
    }
    Ok(Proven {
        jti_hash: Sha256::digest(claims.jti.as_bytes()).into(),
        expires_at: claims.exp + LEEWAY,
    })
}

fn wrong(why: &'static str) -> Result<Proven, Unproven> {
    Err(Unproven::Wrong(why))
}

/// What a key of the client signed. Which keys may have, and how, is what was registered: of the
/// header, only the name of a key is taken, and never a key or an address (RFC 8725 §3.10).
fn signed_claims(text: &str, keys: &PublicKeys) -> Result<Claims, Unproven> {
    let header = decode_header(text).map_err(|_| Unproven::NotSigned)?;
    if !is_meant(&header) {
        return Err(Unproven::NotSigned);
    }
    // The claims are judged here, by our own clock.
    let mut rules = Validation::new(header.alg);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    for key in keys.candidates(header.kid.as_deref(), header.alg) {
        match jsonwebtoken::decode::<Claims>(text, key, &rules) {
            Ok(decoded) => return Ok(decoded.claims),
            // The signature is looked at first.
            Err(error) if matches!(error.kind(), ErrorKind::Json(_)) => {
                return Err(Unproven::Wrong(
                    "the client_assertion needs iss, sub, aud, exp and jti, and numbers for its times",
                ));
            }
            Err(_) => {}
        }
    }
    Err(Unproven::NotSigned)
}

fn is_meant(header: &Header) -> bool {
    let names = |kind: &str| TYPES.contains(&kind.to_ascii_lowercase().as_str());
    // RFC 7515 §4.1.11: nothing that is critical is understood here.
    header.crit.is_none() && header.typ.as_deref().is_none_or(names)
}

impl Audiences {
    /// One for another server too could be taken there and used here, or the other way round.
    fn are_ours(&self, ours: &PublicUrl) -> bool {
        let token_endpoint = ours.join("/oauth/token");
        let is_ours = |audience: &String| *audience == ours.issuer() || *audience == token_endpoint;
        match self {
            Self::One(audience) => is_ours(audience),
            Self::Several(audiences) => !audiences.is_empty() && audiences.iter().all(is_ours),
        }
    }
}

/// Seconds since 1970, maybe with a fraction (RFC 7519 §2).
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let seconds = number.as_i64().or_else(|| {
        let span = Duration::try_from_secs_f64(number.as_f64()?).ok()?;
        i64::try_from(span.as_secs()).ok()
    });
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        // Far from what can be added to.
        .filter(|at| (0..i64::from(u32::MAX)).contains(&at.timestamp()))
        .ok_or_else(|| serde::de::Error::custom("no time"))
}

/// An absent one is none; a `null` is as wrong as any other text.
fn some_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    date(deserializer).map(Some)
}
