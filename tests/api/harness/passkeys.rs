//! A device with passkeys in it, and the browser's part of Web Authentication: enough of it, and of CBOR,
//! for one algorithm, so that tests see what a server does with answers no real device would give.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use linkgate::foundation::random::{Random, SystemRandom as Bytes};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Answer, Form};

/// A passkey on a device.
pub struct Device {
    id: [u8; 16],
    key: EcdsaKeyPair,
    /// Goes up with each signature; synced passkeys have none.
    pub counter: u32,
    /// Whether the device checked who holds it.
    pub verifies: bool,
    /// Where the browser is.
    pub origin: String,
    /// Who it was made for, where that is not who asks.
    pub party: Option<String>,
    /// Whose it says it is, where it says that at all.
    pub user: Option<Vec<u8>>,
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The form a page shows where a browser can do this, and what it asks of the device.
pub fn question(page: &Answer, action: &str) -> (Form, Value) {
    let tag = page.body.split("<form").find(|tag| {
        tag.contains("data-passkey=\"") && tag.contains(&format!(" action=\"{action}\""))
    });
    let tag = tag.unwrap_or_else(|| panic!("no passkey is asked for: {page:?}"));
    let options = tag.split("data-passkey=\"").nth(1).unwrap();
    let options = options.split('"').next().unwrap();
    let options = options
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#38;", "&");
    let options: Value = serde_json::from_str(&options).unwrap();
    let form = page.form_with(action, "challenge");
    (form, options["publicKey"].clone())
}

impl Device {
    /// One that has no passkey for anybody yet, with a browser at that origin.
    pub fn new(origin: &str) -> Self {
        let random: &dyn Random = &Bytes;
        Self {
            id: random.bytes(),
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            counter: 0,
            verifies: true,
            origin: origin.to_owned(),
            party: None,
            user: None,
        }
    }

    /// Makes the passkey that is asked for.
    pub fn make(&mut self, options: &Value) -> String {
        let user = options["user"]["id"].as_str().unwrap();
        self.user = Some(URL_SAFE_NO_PAD.decode(user).unwrap());
        let public = self.key.public_key().as_ref();
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), 0x40);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&public[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&public[33..65]);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        let client = self.client_data("webauthn.create", options);
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "response": { "attestationObject": text(&attestation), "clientDataJSON": text(&client) },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// Signs what is asked for.
    pub fn sign(&mut self, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client = self.client_data("webauthn.get", options);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": text(&data),
                "clientDataJSON": text(&client),
                "signature": text(signature.as_ref()),
                "userHandle": self.user.as_deref().map(text),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn data(&self, party: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { 0x04 } else { 0 };
        let party = self.party.as_deref().unwrap_or(party);
        let mut data = Sha256::digest(party).to_vec();
        data.push(0x01 | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }
}
