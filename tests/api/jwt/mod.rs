//! JWT access tokens: what they are, and what is made to look like one by somebody who has the
//! server's own key.

mod compromise;
mod forgery;
mod rotation;
mod tokens;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use linkgate::{
    client::{Client, TokenAlgorithm, TokenFormat},
    foundation::{
        clock::Clock,
        keys::{Key, KeyKind},
    },
};
use serde_json::{Value, json};

use crate::harness::{Registered, TestApp};

/// Everything a client's JWTs can be signed with.
const ALGORITHMS: [TokenAlgorithm; 3] = [
    TokenAlgorithm::Es256,
    TokenAlgorithm::Eddsa,
    TokenAlgorithm::Rs256,
];

impl TestApp {
    /// Lets a client's access tokens be JWTs from now on.
    async fn use_jwts(&self, client: &Registered, algorithm: TokenAlgorithm) {
        let change = |client: &mut Client| {
            client.settings.token_format = TokenFormat::Jwt;
            client.settings.token_algorithm = algorithm;
        };
        self.change_client(client, change).await;
    }

    /// Sets whom a client's access tokens are for.
    async fn set_audience(&self, client: &Registered, audience: Option<&str>) {
        let change = |client: &mut Client| {
            client.settings.token_audience = audience.map(str::to_owned);
        };
        self.change_client(client, change).await;
    }

    /// The key that signs now.
    fn signing_key(&self, kind: KeyKind) -> Arc<Key> {
        let keys = &self.state().keys;
        keys.ring().newest(kind, self.clock.now()).unwrap()
    }

    /// What the world may know of the keys.
    async fn published_keys(&self) -> Vec<Value> {
        let answer = self.browser().get("/oauth/jwks").await;
        assert_eq!(answer.status, 200);
        answer.json()["keys"].as_array().unwrap().clone()
    }

    /// A token's claims, if one of the published keys verifies it, as an API would do it.
    async fn verified_claims(&self, token: &str) -> Option<Value> {
        let header = decode_header(token).unwrap();
        let keys = self.published_keys().await;
        let named = |key: &&Value| key["kid"].as_str() == header.kid.as_deref();
        let jwk = serde_json::from_value(keys.iter().find(named)?.clone()).unwrap();
        let mut rules = Validation::new(header.alg);
        rules.validate_exp = false;
        rules.validate_aud = false;
        let decoded = decode(token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules);
        Some(decoded.ok()?.claims)
    }
}

/// Header and claims of a token, unverified.
fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// A token of exactly that header and these claims, signed with the server's own key.
fn forged(header: &Value, claims: &Value, key: &Key) -> String {
    let signing = key.signing().unwrap();
    let message = unsigned(header, claims);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &signing.encoding, signing.algorithm);
    format!("{message}.{}", signature.unwrap())
}

/// The first two parts of a token.
fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The value with one member replaced, or taken away.
fn with(value: &Value, name: &str, member: Value) -> Value {
    let mut changed = value.clone();
    let object = changed.as_object_mut().unwrap();
    match member {
        Value::Null => object.remove(name),
        member => object.insert(name.to_owned(), member),
    };
    changed
}

/// The header of our tokens with another algorithm.
fn header_for(algorithm: Algorithm, kid: &str) -> Value {
    let header = Header::new(algorithm);
    let header = with(&json!(header), "typ", json!("at+jwt"));
    with(&header, "kid", json!(kid))
}
