//! CEK: what CLOVA's documents say it sends, signed with a key of the test's own.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};

use super::{Answer, canary};

/// The extension of these tests.
pub const EXTENSION: &str = "com.example.bot";
/// Who speaks, unless a test says otherwise.
pub const USER: &str = "U081234567890abcdef1234567890abcd";
/// What CLOVA's documents print, wrong as it is.
pub const CEK_JSON: (&str, &str) = ("content-type", "application/json;charset-UTF-8");

/// A key that signs requests.
pub struct SigningKey(KeyPair);

/// CEK's servers, as far as one client's extension meets them.
pub struct Cek {
    /// Where its requests go.
    pub url: String,
    http: Client,
}

impl SigningKey {
    pub fn generate() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// The platform's key; making one takes a moment, so all tests share it.
    pub fn of_the_platform() -> &'static Self {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(Self::generate)
    }

    /// As a platform publishes it.
    pub fn public_pem(&self) -> String {
        let der = self.0.public_key().as_der().unwrap();
        let text = STANDARD.encode(&*der);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(str::from_utf8).collect();
        let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
        let inside = lines.join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{inside}\n-----END PUBLIC KEY-----\n")
    }

    /// The value of `SignatureCEK` for these bytes.
    pub fn sign(&self, body: &[u8]) -> String {
        self.sign_as(&RSA_PKCS1_SHA256, body)
    }

    /// The same with another padding or hash.
    pub fn sign_as(&self, scheme: &'static dyn RsaEncoding, body: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        let signed = self
            .0
            .sign(scheme, &SystemRandom::new(), body, &mut signature);
        signed.unwrap();
        STANDARD.encode(signature)
    }
}

impl Cek {
    /// Meets the extension of that client.
    pub fn new(base: &str, client_id: &str) -> Self {
        // Ids of users are nobody's to read in logs and tables.
        canary::note(canary::Kind::Planted, USER);
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            url: format!("{base}/cek/{client_id}"),
            http: http.build().unwrap(),
        }
    }

    /// Sends a message as CEK does: signed over the bytes as they go out.
    pub async fn send(&self, message: &Value) -> Answer {
        self.send_bytes(message.to_string().as_bytes()).await
    }

    /// The same with exactly these bytes.
    pub async fn send_bytes(&self, body: &[u8]) -> Answer {
        let signature = SigningKey::of_the_platform().sign(body);
        let signed = ("SignatureCEK", signature.as_str());
        self.post(body, &[CEK_JSON, signed]).await
    }

    /// Sends a message that nobody signed.
    pub async fn send_unsigned(&self, message: &Value) -> Answer {
        self.post(message.to_string().as_bytes(), &[CEK_JSON]).await
    }

    /// Posts exactly this.
    pub async fn post(&self, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let request = self.http.post(&self.url).body(body.to_vec());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        Answer::read(request.send().await.unwrap()).await
    }
}

/// Somebody launches the extension.
pub fn launch(token: Option<&str>) -> Value {
    turn(token, &json!({ "type": "LaunchRequest" }))
}

/// Somebody says something that became an intent with one slot.
pub fn intent(token: Option<&str>, slot: (&str, &str)) -> Value {
    let (name, value) = slot;
    let slots = json!({ name: { "name": name, "value": value } });
    let intent = json!({ "name": "Ask", "slots": slots });
    turn(token, &json!({ "type": "IntentRequest", "intent": intent }))
}

/// A turn of the device's owner.
pub fn turn(token: Option<&str>, request: &Value) -> Value {
    let user = match token {
        Some(token) => json!({ "userId": USER, "accessToken": token }),
        None => json!({ "userId": USER }),
    };
    json!({
        "version": "1.0",
        "session": {
            "new": true,
            "sessionAttributes": {},
            "sessionId": "00000000-0000-0000-0000-000000000000",
            "user": user,
        },
        "context": { "System": {
            "application": { "applicationId": EXTENSION },
            "user": user,
            "device": { "deviceId": "speaker", "display": { "size": "none" } },
        }},
        "request": request,
    })
}

/// An event of the skill store about that user, such as `SkillDisabled`.
pub fn event(name: &str, user_id: &str, timestamp: &str) -> Value {
    json!({
        "version": "1.0",
        "session": null,
        "context": { "System": {
            "application": { "applicationId": EXTENSION },
            "user": { "userId": user_id },
            "device": { "deviceId": "speaker", "display": { "size": "none" } },
        }},
        "request": {
            "type": "EventRequest",
            "requestId": "12345678-aaaa-bbbb-cccc-1234567890ab",
            "timestamp": timestamp,
            "event": { "namespace": "ClovaSkill", "name": name, "payload": null },
        },
    })
}

/// A CLOVA Home message.
pub fn home(token: Option<&str>) -> Value {
    let mut payload = json!({});
    if let Some(token) = token {
        payload["accessToken"] = json!(token);
    }
    json!({
        "header": {
            "messageId": "33da6561-0149-4532-a30b-e0de8f75c4cf",
            "name": "DiscoverAppliancesRequest",
            "namespace": "ClovaHome",
            "payloadVersion": "1.0",
        },
        "payload": payload,
    })
}
