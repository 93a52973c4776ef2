//! Assertions in the place of a client's secret. The bytes are a whole assertion, or a header and claims
//! in two lines: those are signed with the client's key first, so that hostile ones get past the
//! signature. What is believed says plainly whom it proves, to whom and until when.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, crypto};
use linkgate::{
    client::{
        assertion::{LEEWAY, LONGEST_LIFE, Proven, verify},
        public_keys::PublicKeys,
    },
    foundation::keys::KeyKind,
    protocol::{
        Parameters,
        client_assertion::{JWT_BEARER, MAX_LENGTH, presented},
    },
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::fixtures::{ISSUER, altered, key, public_url};

const CLIENT: &str = "speaker";

pub fn hold(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        presented_as(text);
    }
    let lines: Vec<_> = bytes.splitn(2, |byte| *byte == b'\n').collect();
    let [header, claims] = lines[..] else {
        return;
    };
    let key = key(KeyKind::SigningEddsa);
    let signing = key.signing().unwrap();
    let header = String::from_utf8_lossy(header).replace("KID", &signing.kid);
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = crypto::sign(message.as_bytes(), &signing.encoding, Algorithm::EdDSA);
    let text = format!("{message}.{}", signature.unwrap());
    if presented_as(&text).is_some() {
        for (at, by) in [(3, 0), (text.len() / 2, 1), (text.len() - 1, 2)] {
            assert_eq!(proven(&altered(&text, at, by)), None);
        }
    }
}

/// 2026-05-04 09:30 UTC.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_777_887_000, 0).unwrap()
}

/// What an assertion proves that the token endpoint was sent.
fn presented_as(text: &str) -> Option<Proven> {
    named(text)?;
    judged(text)
}

/// Whom an assertion names is what its claims say, before any of it is believed.
fn named(text: &str) -> Option<()> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let form = form
        .append_pair("client_assertion_type", JWT_BEARER)
        .append_pair("client_assertion", text);
    let parameters = Parameters::parse(form.finish().as_bytes()).ok()?;
    let assertion = presented(&parameters).ok()??;
    assert_eq!(assertion.text.expose_secret(), text);
    assert!(text.len() <= MAX_LENGTH);
    // What nobody asks for is skipped unread, so that it need not be text.
    if let Some(claims) = json_of(text.split('.').nth(1).unwrap()) {
        assert_eq!(claims["sub"], assertion.client_id);
    }
    assert!(!assertion.client_id.is_empty() && !assertion.client_id.contains('\0'));
    assert!(!format!("{assertion:?}").contains(text));
    Some(())
}

fn proven(text: &str) -> Option<Proven> {
    let key = key(KeyKind::SigningEddsa);
    let set = json!({ "keys": [key.signing().unwrap().jwk] }).to_string();
    let keys = PublicKeys::parse(&set).unwrap();
    verify(text, CLIENT, &keys, &public_url(), now()).ok()
}

/// The same, after looking at every claim once more.
fn judged(text: &str) -> Option<Proven> {
    let proven = proven(text)?;
    let parts: Vec<_> = text.split('.').collect();
    let [header, claims, _] = parts[..] else {
        panic!("believed with {} parts", parts.len());
    };
    let (Some(header), Some(claims)) = (json_of(header), json_of(claims)) else {
        return Some(proven);
    };
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none_or(Value::is_null));
    let kind = header.get("typ").and_then(Value::as_str).unwrap_or("JWT");
    let kind = kind.to_ascii_lowercase();
    assert!(
        kind == "jwt" || kind == "client-authentication+jwt",
        "{kind}"
    );
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!(CLIENT), &json!(CLIENT))
    );
    let audiences = match &claims["aud"] {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    let ours = [json!(ISSUER), json!(format!("{ISSUER}/oauth/token"))];
    assert!(!audiences.is_empty() && audiences.iter().all(|audience| ours.contains(audience)));
    assert_ne!(claims["jti"].as_str().unwrap(), "");
    let seconds = |name: &str| {
        claims
            .get(name)
            .map(|number| number.as_f64().unwrap().trunc())
    };
    let (at, leeway) = (seconds_of(now()), LEEWAY.as_seconds_f64());
    let life = (LONGEST_LIFE + LEEWAY).as_seconds_f64();
    let expires = seconds("exp").unwrap();
    assert!(at < expires + leeway && expires <= at + life);
    assert!(seconds("nbf").is_none_or(|from| from <= at + leeway));
    assert!(seconds("iat").is_none_or(|made| made <= at + leeway && made >= at - life));
    assert!((seconds_of(proven.expires_at - LEEWAY) - expires).abs() < 0.5);
    assert!(proven.expires_at - now() <= LONGEST_LIFE + LEEWAY * 2 + TimeDelta::seconds(1));
    Some(proven)
}

fn seconds_of(time: DateTime<Utc>) -> f64 {
    (time - DateTime::UNIX_EPOCH).as_seconds_f64()
}

fn json_of(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).ok()
}
