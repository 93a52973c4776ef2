//! Clients that sign (RFC 7523): their private keys, and what they make with them.

use aws_lc_rs::{
    rand::SystemRandom as Randomness,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use linkgate::foundation::random::{Random, SystemRandom};
use serde_json::{Value, json};

use super::{Answer, Platform, Registered, TestApp, canary};

/// A private key of a client.
pub struct Signer {
    key: Key,
    /// What its public half is registered under.
    pub kid: &'static str,
}

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Signer {
    pub fn p256(kid: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            key: Key::P256(key),
            kid,
        }
    }

    pub fn ed25519(kid: &'static str) -> Self {
        let key = Key::Ed25519(Ed25519KeyPair::generate().unwrap());
        Self { key, kid }
    }

    pub fn rsa(kid: &'static str) -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let key = Key::Rsa(key);
        Self { key, kid }
    }

    /// What it signs with by default.
    pub fn algorithm(&self) -> &'static str {
        match self.key {
            Key::P256(_) => "ES256",
            Key::Ed25519(_) => "EdDSA",
            Key::Rsa(_) => "RS256",
        }
    }

    /// Its public half (RFC 7517).
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Key::P256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (text(&point[1..33]), text(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid })
            }
            Key::Ed25519(key) => {
                let x = text(key.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid })
            }
            Key::Rsa(key) => {
                let n = text(key.public_key().modulus().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "n": n, "e": "AQAB", "kid": self.kid })
            }
        }
    }

    /// A token of exactly that header and these claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let random = Randomness::new();
        let signature = match &self.key {
            Key::P256(key) => {
                let signature = key.sign(&random, message.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
            Key::Ed25519(key) => key.sign(message.as_bytes()).as_ref().to_vec(),
            Key::Rsa(key) => {
                let encoding = match header["alg"].as_str() {
                    Some("PS256") => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                let message = message.as_bytes();
                key.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// An assertion with these claims.
    pub fn assertion(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm(), "kid": self.kid });
        self.sign(&header, claims)
    }
}

/// The value with one member replaced, or for `null` taken away.
pub fn with_member(value: &Value, name: &str, member: Value) -> Value {
    let mut changed = value.clone();
    let object = changed.as_object_mut().unwrap();
    match member {
        Value::Null => object.remove(name),
        member => object.insert(name.to_owned(), member),
    };
    changed
}

/// The JWK Set of these keys.
pub fn jwk_set(signers: &[&Signer]) -> String {
    let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

impl TestApp {
    /// Registers a client's public keys, as an admin does.
    pub async fn register_keys(&self, client: &Registered, signers: &[&Signer]) {
        let set = jwk_set(signers);
        self.change_client(client, |client| client.settings.jwks = Some(set))
            .await;
    }

    /// What a well-behaved client says of itself, new each time.
    pub fn claims(&self, client_id: &str) -> Value {
        let (random, now): (&dyn Random, _) = (&SystemRandom, self.now().timestamp());
        json!({
            "iss": client_id, "sub": client_id, "aud": self.issuer(),
            "iat": now, "exp": now + 60, "jti": random.uuid().to_string(),
        })
    }
}

impl Platform {
    /// A form with an assertion in the place of a secret.
    pub async fn post_signed(
        &self,
        path: &str,
        assertion: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        canary::note(canary::Kind::ClientSecret, assertion);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let proof = [
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ];
        self.post_form(path, &[fields, &proof].concat()).await
    }
}
