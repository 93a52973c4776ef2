//! ID tokens (OpenID Connect Core §3.1.3.7), checked by our own clock.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode_header};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::calls::Failure;

/// Longer ones are not read.
const MAX_LENGTH: usize = 16 * 1024;
/// How far a provider's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// How long ago one may have been made: it comes fresh from the token endpoint.
const OLDEST: TimeDelta = TimeDelta::minutes(10);

/// What one has to say.
pub struct Expected<'a> {
    /// Who made it: one of these.
    pub issuers: &'a [String],
    /// For whom.
    pub client_id: &'a str,
    /// On which way.
    pub nonce: &'a str,
}

/// The header of one, if it may be signed so: the provider decides what with, not the token.
pub fn header(text: &str, signs_with: &[Algorithm]) -> Result<Header, Failure> {
    if text.len() > MAX_LENGTH {
        return Err(Failure::refused("the ID token is too long"));
    }
    let header = decode_header(text);
    let header = header.map_err(|_| Failure::refused("the ID token can't be read"))?;
    // RFC 7515 §4.1.11: nothing that is critical is understood here.
    if header.crit.is_some() || !signs_with.contains(&header.alg) {
        return Err(Failure::refused(
            "the ID token is not signed as this provider signs",
        ));
    }
    Ok(header)
}

/// The claims of one that one of these keys signed, and that says what is expected.
pub fn verify(
    text: &str,
    algorithm: Algorithm,
    keys: &[DecodingKey],
    expected: &Expected<'_>,
    now: DateTime<Utc>,
) -> Result<Value, Failure> {
    let claims = signed(text, algorithm, keys)?;
    let refused = |why: &str| Err(Failure::refused(format!("the ID token {why}")));
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if !text("iss").is_some_and(|iss| expected.issuers.iter().any(|known| known == iss)) {
        return refused("is another issuer's (iss)");
    }
    let ours = expected.client_id;
    let audiences: Vec<_> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&ours) {
        return refused("is for somebody else (aud)");
    }
    if claims.contains_key("azp") || audiences.len() > 1 {
        // §3.1.3.7, 4 and 5.
        if text("azp") != Some(ours) {
            return refused("was asked for by somebody else (azp)");
        }
    }
    let (Some(expires_at), Some(made_at)) = (date(&claims, "exp"), date(&claims, "iat")) else {
        return refused("lacks its times (exp, iat)");
    };
    if now >= expires_at + LEEWAY {
        return refused("has expired (exp)");
    }
    if made_at > now + LEEWAY || made_at < now - OLDEST - LEEWAY {
        return refused("was not made just now (iat)");
    }
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return refused("belongs to another sign-in (nonce)");
    }
    Ok(Value::Object(claims))
}

fn signed(
    text: &str,
    algorithm: Algorithm,
    keys: &[DecodingKey],
) -> Result<Map<String, Value>, Failure> {
    let mut rules = Validation::new(algorithm);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let mut decoded = keys
        .iter()
        .filter_map(|key| jsonwebtoken::decode::<Map<String, Value>>(text, key, &rules).ok());
    let decoded = decoded.next();
    decoded
        .map(|decoded| decoded.claims)
        .ok_or_else(|| Failure::refused("no key of the provider made the ID token"))
}

/// Seconds since 1970 (RFC 7519 §2); what is no number is no time.
fn date(claims: &Map<String, Value>, name: &str) -> Option<DateTime<Utc>> {
    let seconds = claims.get(name)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction of a second decides nothing"
    )]
    let seconds = seconds
        .as_i64()
        .or_else(|| seconds.as_f64().map(|at| at as i64))?;
    let sane = (0..i64::from(u32::MAX)).contains(&seconds);
    DateTime::from_timestamp(seconds, 0).filter(|_| sane)
}
