//! A chatbot of the builder, written from its documents: asks `/confirm`, sends people to `/login`, and is
//! told of connections at its Invoke URL.

use std::{
    collections::VecDeque,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{Bytes, Data, to},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use super::{Answer, Registered, TestApp, canary};

/// The domain of these tests.
pub const DOMAIN: &str = "guide-bot";
/// Who chats, unless a test says otherwise.
pub const CHAT_USER: &str = "U4f1a-0001";
/// Where they do.
pub const MESSENGER: &str = "line";
/// The chatbot's Secret key.
pub const CHATBOT_SECRET: &str = "ZmFrZS1jaGF0Ym90LXNlY3JldC1rZXk=";

/// The chatbot of one client.
pub struct Chatbot {
    base: String,
    client_id: String,
    http: Client,
}

impl Chatbot {
    pub fn new(base: &str, client_id: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            base: base.to_owned(),
            client_id: client_id.to_owned(),
            http: http.build().unwrap(),
        }
    }

    /// Asks about a user with exactly this body.
    pub async fn ask(&self, body: &str) -> Answer {
        let url = format!("{}/chatbot/{}/confirm", self.base, self.client_id);
        let request = self.http.post(url).body(body.to_owned());
        let request = request.header("content-type", "application/json;UTF-8");
        Answer::read(request.send().await.unwrap()).await
    }

    /// Whether that user is connected.
    pub async fn confirms(&self, user: &str) -> bool {
        let body = json!({ "userId": user, "platform": MESSENGER, "domainCode": DOMAIN });
        let answer = self.ask(&body.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let answer = answer.json();
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
        answer["valid"].as_bool().unwrap()
    }

    /// Where its button leads that user.
    pub fn login_for(&self, user: &str) -> String {
        let query = [
            ("userId", user),
            ("platform", MESSENGER),
            ("domainCode", DOMAIN),
        ];
        self.login_with(&query)
    }

    /// The login's address with exactly these parameters.
    pub fn login_with(&self, query: &[(&str, &str)]) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let query = pairs.extend_pairs(query).finish();
        format!("/chatbot/{}/login?{query}", self.client_id)
    }
}

/// One call to the Invoke URL.
#[derive(Debug, Clone)]
pub struct Told {
    pub body: Value,
    pub content_type: String,
    /// Whether the signature is that of the bytes as they came.
    pub signed: bool,
}

/// The chatbot's end of its Invoke URL. It stops when it is dropped.
pub struct Inbox {
    pub url: String,
    calls: Arc<Mutex<Vec<Told>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    server: ServerHandle,
}

#[derive(Clone)]
struct Shared {
    calls: Arc<Mutex<Vec<Told>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Inbox {
    /// Opens one that answers with these statuses first, and with 200 from then on.
    pub fn open(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/custom/v1/guide", listener.local_addr().unwrap());
        let shared = Shared {
            calls: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
        };
        let (calls, answers) = (shared.calls.clone(), shared.answers.clone());
        let app = move || {
            App::new()
                .app_data(Data::new(shared.clone()))
                .default_service(to(hear))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            calls,
            answers,
            server: handle,
        }
    }

    pub fn calls(&self) -> Vec<Told> {
        self.calls.lock().unwrap().clone()
    }

    /// How it will answer next.
    pub fn answer_next(&self, status: u16) {
        self.answers.lock().unwrap().push_back(status);
    }

    /// Waits until so many calls came.
    pub async fn until(&self, number: usize) -> Vec<Told> {
        let seen = async {
            while self.calls().len() < number {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), seen)
            .await
            .unwrap();
        self.calls()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        drop(tokio::spawn(self.server.stop(false)));
    }
}

async fn hear(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let mac = Hmac::<Sha256>::new_from_slice(CHATBOT_SECRET.as_bytes()).unwrap();
    let tag = mac.chain_update(&body).finalize().into_bytes();
    let signed = header("X-NCP-CHATBOT_SIGNATURE") == STANDARD.encode(tag);
    shared.calls.lock().unwrap().push(Told {
        body: serde_json::from_slice(&body).unwrap(),
        content_type: header("content-type"),
        signed: signed && request.method() == "POST",
    });
    let status = shared.answers.lock().unwrap().pop_front().unwrap_or(200);
    let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap());
    if (300..400).contains(&status) {
        answer.insert_header(("location", "/elsewhere"));
    }
    answer.finish()
}

impl TestApp {
    /// Lets a client connect chat users of [`DOMAIN`].
    pub async fn connect_chats(&self, client: &Registered) {
        self.change_client(client, |client| {
            client.settings.chatbot.domain_code = Some(DOMAIN.to_owned());
        })
        .await;
    }

    /// Has the client's chatbot told at that address, signed with [`CHATBOT_SECRET`].
    pub async fn tell_at(&self, client: &Registered, url: &str) {
        canary::note(canary::Kind::ClientSecret, CHATBOT_SECRET);
        let (keys, random) = (&self.state().keys, &*self.state().random);
        let mut transaction = self.db.begin().await.unwrap();
        let id = &client.client.id;
        let sealed = keys.seal_chatbot_secret(&mut transaction, id, CHATBOT_SECRET, random);
        let sealed = sealed.await.unwrap();
        transaction.commit().await.unwrap();
        self.change_client(client, |client| {
            client.settings.chatbot.invoke_url = Some(url.to_owned());
            client.settings.chatbot.secret = Some(sealed);
        })
        .await;
    }
}
