//! Somebody who plays the providers: discovery, keys, tokens and answers about a person over real HTTP,
//! with whatever faults a test asks for.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    web::{Bytes, Data, to},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use crate::harness::{Signer, with_member};

/// What the providers know us as, and by what.
pub const CLIENT_ID: &str = "linkgate-at-the-provider";
pub const CLIENT_SECRET: &str = "a-secret-that-the-provider-gave-us-0123456789";

/// What is wrong with it, and who comes.
pub struct Playing {
    /// Says of the person, under the standard names.
    pub person: Value,
    /// Changes the claims of the next ID tokens.
    pub claims: Vec<(&'static str, Value)>,
    /// Signs ID tokens so; `None` means as the provider does.
    pub alg: Option<&'static str>,
    /// Signs with this key, and publishes those.
    pub signer: Arc<Signer>,
    pub published: Vec<Value>,
    /// What the token endpoint and the answer about a person say instead.
    pub token: Option<(u16, Value)>,
    pub about: Option<(u16, Value)>,
    /// What the discovery document says otherwise.
    pub discovery: Vec<(&'static str, Value)>,
    /// How long every answer takes.
    pub delay: Duration,
    /// The codes that were handed out, with their nonce and challenge.
    codes: HashMap<String, (String, Option<String>)>,
    /// What was asked, in order: the path and the body.
    pub asked: Vec<(String, String)>,
    /// Proofs that failed: wrong secrets and verifiers.
    pub wrong: usize,
}

/// It stops when it is dropped.
pub struct StandIn {
    pub url: String,
    playing: Arc<Mutex<Playing>>,
    server: ServerHandle,
}

#[derive(Clone)]
struct Shared {
    url: String,
    playing: Arc<Mutex<Playing>>,
}

impl StandIn {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let signer = Arc::new(Signer::rsa("one"));
        let playing = Playing {
            person: json!({ "sub": "person-1", "email": "sora@example.com",
                "email_verified": true, "name": "이소라" }),
            claims: Vec::new(),
            alg: None,
            published: vec![signer.jwk()],
            signer,
            token: None,
            about: None,
            discovery: Vec::new(),
            delay: Duration::ZERO,
            codes: HashMap::new(),
            asked: Vec::new(),
            wrong: 0,
        };
        let playing = Arc::new(Mutex::new(playing));
        let shared = Shared {
            url: url.clone(),
            playing: playing.clone(),
        };
        let app = move || {
            App::new()
                .app_data(Data::new(shared.clone()))
                .default_service(to(answer))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            playing,
            server: handle,
        }
    }

    /// Changes what it does.
    pub fn with<T>(&self, change: impl FnOnce(&mut Playing) -> T) -> T {
        change(&mut self.playing.lock().unwrap())
    }

    /// How often that path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.with(|playing| {
            playing
                .asked
                .iter()
                .filter(|(asked, _)| asked == path)
                .count()
        })
    }

    /// The person signs in there: the query of the way back.
    pub fn sign_in(&self, address: &str) -> Vec<(String, String)> {
        let url = Url::parse(address).unwrap();
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let redirect = asked["redirect_uri"].clone();
        assert!(redirect.contains("/login/with/"), "{redirect}");
        assert_eq!(asked["client_id"], CLIENT_ID);
        let code = self.with(|playing| {
            let state = Sha256::digest(asked["state"].as_bytes());
            let code = format!(
                "code-of-the-provider-{}",
                URL_SAFE_NO_PAD.encode(&state[..12])
            );
            let nonce = asked.get("nonce").cloned().unwrap_or_default();
            let challenge = asked.get("code_challenge").cloned();
            playing.codes.insert(code.clone(), (nonce, challenge));
            code
        });
        vec![
            ("code".to_owned(), code),
            ("state".to_owned(), asked["state"].clone()),
        ]
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answer(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let path = request.path().to_owned();
    let delay = {
        let mut playing = shared.playing.lock().unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        playing.asked.push((path.clone(), body));
        playing.delay
    };
    tokio::time::sleep(delay).await;
    let mut playing = shared.playing.lock().unwrap();
    let (status, value) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, discovery(&shared.url, &playing)),
        path if path.ends_with("/keys")
            || path.ends_with("/certs")
            || path.ends_with("/jwks.json") =>
        {
            (200, json!({ "keys": playing.published }))
        }
        path if path.ends_with("/token") => token(&shared.url, path, &request, &body, &mut playing),
        path if path.ends_with("/me") || path.ends_with("/userinfo") => {
            let bearer = request.headers().get("authorization").unwrap();
            assert_eq!(bearer, "Bearer an-access-token-of-the-provider");
            let told = playing.about.clone();
            told.unwrap_or_else(|| (200, playing.person.clone()))
        }
        _ => (404, json!({})),
    };
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    if status.is_redirection() {
        let elsewhere = format!("{}/elsewhere", shared.url);
        return HttpResponse::build(status)
            .insert_header(("location", elsewhere))
            .finish();
    }
    HttpResponse::build(status).json(value)
}

fn discovery(url: &str, playing: &Playing) -> Value {
    let document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "userinfo_endpoint": format!("{url}/userinfo"),
    });
    let changes = playing.discovery.iter();
    changes.fold(document, |document, (name, value)| {
        with_member(&document, name, value.clone())
    })
}

/// What a token endpoint answers: RFC 6749 §5, with each provider's own spelling of success.
fn token(
    url: &str,
    path: &str,
    request: &HttpRequest,
    body: &[u8],
    playing: &mut Playing,
) -> (u16, Value) {
    if let Some(instead) = playing.token.clone() {
        return instead;
    }
    let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let basic = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap());
    let pair = format!("{CLIENT_ID}:{CLIENT_SECRET}");
    let expected = format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    );
    let in_body = form.get("client_secret").map(String::as_str) == Some(CLIENT_SECRET);
    let Some((nonce, challenge)) = playing.codes.remove(&form["code"]) else {
        return (400, json!({ "error": "invalid_grant" }));
    };
    let hash = |verifier: &String| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let verifies = form.get("code_verifier").map(hash) == challenge;
    if !(basic == Some(&expected) || in_body) || !verifies {
        playing.wrong += 1;
        return (400, json!({ "error": "invalid_grant" }));
    }
    let issuer = match path {
        "/api.line.me/oauth2/v2.1/token" => "https://access.line.me",
        "/kauth.kakao.com/oauth/token" => "https://kauth.kakao.com",
        "/oauth2.googleapis.com/token" => "https://accounts.google.com",
        _ => url,
    };
    let mut answer = json!({ "access_token": "an-access-token-of-the-provider", "token_type": "bearer",
        "expires_in": if path.contains("naver") { json!("3600") } else { json!(3600) } });
    if !path.contains("naver") {
        answer["id_token"] = json!(id_token(issuer, &nonce, playing));
    }
    (200, answer)
}

fn id_token(issuer: &str, nonce: &str, playing: &Playing) -> String {
    let now = playing.person["now"].as_i64().unwrap();
    let mut claims = playing.person.clone();
    for (name, value) in [
        ("iss", json!(issuer)),
        ("aud", json!(CLIENT_ID)),
        ("exp", json!(now + 300)),
        ("iat", json!(now)),
        ("nonce", json!(nonce)),
    ] {
        claims[name] = value;
    }
    let claims = playing.claims.iter().fold(claims, |claims, (name, value)| {
        with_member(&claims, name, value.clone())
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let hmac = |secret: &[u8], alg: &str| {
        let message = format!(
            "{}.{}",
            part(&json!({ "alg": alg, "typ": "JWT" })),
            part(&claims)
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(message.as_bytes());
        format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    };
    match playing.alg {
        Some("none") => format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims)),
        Some("HS256") => hmac(CLIENT_SECRET.as_bytes(), "HS256"),
        // The public key, used as if it were a secret.
        Some("HS256 with the public key") => {
            hmac(playing.published[0].to_string().as_bytes(), "HS256")
        }
        _ => {
            let kid = playing.signer.kid;
            let header = json!({ "alg": playing.signer.algorithm(), "kid": kid, "typ": "JWT" });
            playing.signer.sign(&header, &claims)
        }
    }
}
