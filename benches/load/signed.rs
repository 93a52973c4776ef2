//! Signed requests of CEK: a key of the measurement's own, and turns signed before the clock runs.

use anyhow::anyhow;
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

/// The extension that is called.
pub const EXTENSION: &str = "com.example.bench";
/// How many different turns there are; each takes most of a millisecond to sign.
pub const TURNS: u32 = 4_000;

/// What signs.
pub struct SigningKey(KeyPair);

/// One turn, ready to be sent.
#[derive(Clone)]
pub struct Turn {
    /// The link whose token it carries.
    pub link: u32,
    /// A header line with its signature.
    pub headers: String,
    /// Its body.
    pub body: String,
}

impl SigningKey {
    /// A new one.
    pub fn generate() -> anyhow::Result<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048);
        pair.map(Self).map_err(|_| anyhow!("no RSA key"))
    }

    /// Its public half.
    pub fn public_pem(&self) -> anyhow::Result<String> {
        let der = self.0.public_key().as_der();
        let der = der.map_err(|_| anyhow!("the RSA key can't be written"))?;
        let text = STANDARD.encode(&*der);
        Ok(format!(
            "-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"
        ))
    }

    /// A launch of the extension by the owner of that link.
    pub fn turn(&self, link: u32, token: &str) -> anyhow::Result<Turn> {
        let body = launch(link, token);
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        self.0
            .sign(&RSA_PKCS1_SHA256, &random, body.as_bytes(), &mut signature)
            .map_err(|_| anyhow!("a turn can't be signed"))?;
        let signature = STANDARD.encode(signature);
        Ok(Turn {
            link,
            headers: format!("SignatureCEK: {signature}\r\n"),
            body,
        })
    }
}

/// A launch as CEK words it.
pub fn launch(link: u32, token: &str) -> String {
    let user = json!({ "userId": format!("U{link:032x}"), "accessToken": token });
    json!({
        "version": "1.0",
        "session": {
            "new": true,
            "sessionAttributes": {},
            "sessionId": format!("00000000-0000-4000-a000-{link:012x}"),
            "user": user,
        },
        "context": { "System": {
            "application": { "applicationId": EXTENSION },
            "user": user,
            "device": { "deviceId": "speaker", "display": { "size": "none" } },
        }},
        "request": { "type": "LaunchRequest" },
    })
    .to_string()
}
