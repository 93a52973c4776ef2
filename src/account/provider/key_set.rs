//! The keys a provider publishes (RFC 7517): read when they are needed, and again when a token names
//! one that is new, at most once a minute.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, jwk::Jwk};
use serde_json::Value;
use url::Url;

use super::calls::{Calls, Failure};

/// A key that is published no more is believed no longer than that.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// What names an unknown key reads them again at most this often.
const BETWEEN_RELOADS: TimeDelta = TimeDelta::minutes(1);
/// The same where they could not be read.
const BETWEEN_TRIES: TimeDelta = TimeDelta::seconds(5);
/// More than anybody publishes.
const MOST: usize = 100;

/// A provider's keys as they were read last.
#[derive(Default)]
pub struct KeySet {
    keys: Vec<PublicKey>,
    /// When they were asked for, whether an answer came or not.
    asked_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
}

struct PublicKey {
    kid: Option<String>,
    /// What it is for, where it says so.
    algorithm: Option<String>,
    decoding: DecodingKey,
}

impl KeySet {
    /// The keys that a token with that header may be signed with.
    pub async fn candidates(
        &mut self,
        (kid, algorithm): (Option<&str>, Algorithm),
        url: &Url,
        calls: &Calls,
        now: DateTime<Utc>,
    ) -> Result<Vec<DecodingKey>, Failure> {
        let since = |at: Option<DateTime<Utc>>| at.map(|at| (now - at).abs());
        let fresh = since(self.read_at).is_some_and(|age| age < GOOD_FOR);
        let found = self.find(kid, algorithm);
        let rest = if fresh {
            BETWEEN_RELOADS
        } else {
            BETWEEN_TRIES
        };
        let just_asked = since(self.asked_at).is_some_and(|age| age < rest);
        if fresh && (!found.is_empty() || just_asked) {
            return Ok(found);
        }
        if !fresh && just_asked {
            return Err(Failure::down("its keys could not be read a moment ago"));
        }
        self.asked_at = Some(now);
        let set = calls.get(url, None).await?;
        self.keys = parse(&set)?;
        self.read_at = Some(now);
        Ok(self.find(kid, algorithm))
    }

    fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Vec<DecodingKey> {
        let name = format!("{algorithm:?}");
        let meant = self.keys.iter().filter(|key| {
            (kid.is_none() || key.kid.as_deref() == kid)
                && key.algorithm.as_ref().is_none_or(|own| *own == name)
                && key.decoding.family() == algorithm.family()
        });
        meant.map(|key| key.decoding.clone()).collect()
    }
}

/// Reads what can be read: a set may hold keys of kinds that are not used here. A shared secret is no
/// public key, whatever it is published as.
fn parse(set: &Value) -> Result<Vec<PublicKey>, Failure> {
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or_else(|| Failure::down("what it publishes is no set of keys"))?;
    let read = keys.iter().take(MOST).filter_map(|jwk| {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("use").is_some_and(|meant| meant != "sig") {
            return None;
        }
        let decoding = DecodingKey::from_jwk(&serde_json::from_value::<Jwk>(jwk.clone()).ok()?);
        let decoding = decoding.ok()?;
        let public = decoding.family() != AlgorithmFamily::Hmac;
        public.then(|| PublicKey {
            kid: text("kid"),
            algorithm: text("alg"),
            decoding,
        })
    });
    Ok(read.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_public_keys_that_sign_are_read() {
        // RFC 8037 appendix A.2
        let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuaqaLgwo" });
        let mut encrypts = ed25519.clone();
        encrypts["use"] = json!("enc");
        let set = json!({ "keys": [ed25519, encrypts, { "kty": "oct", "k": "c2VjcmV0" }, { "kty": "?" }, 1] });
        let set = KeySet {
            keys: parse(&set).unwrap(),
            ..KeySet::default()
        };
        assert_eq!(set.keys.len(), 1);
        assert_eq!(set.find(Some("a"), Algorithm::EdDSA).len(), 1);
        assert_eq!(set.find(None, Algorithm::EdDSA).len(), 1);
        assert!(set.find(Some("b"), Algorithm::EdDSA).is_empty());
        assert!(set.find(Some("a"), Algorithm::ES256).is_empty());
        assert!(set.find(None, Algorithm::HS256).is_empty());
        assert!(parse(&json!({})).is_err());
    }
}
