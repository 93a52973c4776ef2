//! JWK Sets, as an admin pastes them. What is accepted is public, verifies with what it is for and with
//! nothing else, and is stored in a spelling that means the same; a refusal is short enough to show.

use std::collections::BTreeSet;

use jsonwebtoken::Algorithm;
use linkgate::client::public_keys::{MAX_KEYS, PublicKeys};
use serde_json::Value;

const POSSIBLE: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::RS256,
    Algorithm::PS256,
];
const OTHER: [Algorithm; 5] = [
    Algorithm::HS256,
    Algorithm::HS512,
    Algorithm::ES384,
    Algorithm::RS512,
    Algorithm::PS384,
];
/// All that a public key is stored with.
const MEMBERS: [&str; 9] = ["kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"];

pub fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let keys = match PublicKeys::parse(text) {
        Ok(keys) => keys,
        Err(refusal) => {
            let told = refusal.to_string();
            assert!(told.chars().count() < 600, "{told}");
            return;
        }
    };
    let count = keys.iter().count();
    assert!((1..=MAX_KEYS).contains(&count));
    let stored = keys.to_text();
    assert_eq!(PublicKeys::parse(&stored).unwrap().to_text(), stored);
    let json: Value = serde_json::from_str(&stored).unwrap();
    let jwks = json["keys"].as_array().unwrap();
    assert_eq!(jwks.len(), count);
    let names: Vec<_> = keys.iter().filter_map(|key| key.kid.as_deref()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for (key, jwk) in keys.iter().zip(jwks) {
        let members = jwk.as_object().unwrap();
        assert!(members.keys().all(|name| MEMBERS.contains(&name.as_str())));
        assert_eq!(jwk.get("kid").and_then(Value::as_str), key.kid.as_deref());
        let expected: &[&str] = match jwk["kty"].as_str().unwrap() {
            "EC" => &["ES256"],
            "OKP" => &["EdDSA"],
            "RSA" => &["RS256", "PS256"],
            other => panic!("a key of type {other}"),
        };
        let stated = jwk.get("alg").and_then(Value::as_str);
        let expected = stated.map_or(expected.to_vec(), |stated| vec![stated]);
        assert_eq!(key.algorithms(), expected.join(", "));
    }
    verify_with_what_they_are_for(&keys, &names);
}

fn verify_with_what_they_are_for(keys: &PublicKeys, names: &[&str]) {
    for algorithm in OTHER {
        assert_eq!(keys.candidates(None, algorithm).count(), 0);
    }
    let unnamed = keys.iter().filter(|key| key.kid.is_none()).count();
    for algorithm in POSSIBLE {
        for name in names {
            // A name means one key and no other.
            assert!(keys.candidates(Some(name), algorithm).count() <= 1);
        }
        let unknown = names.concat() + "?";
        assert!(keys.candidates(Some(&unknown), algorithm).count() <= unnamed);
    }
    let any = |algorithm| keys.candidates(None, algorithm).count();
    assert!(POSSIBLE.into_iter().map(any).sum::<usize>() >= keys.iter().count());
}
