//! Requests of CEK.

mod answers;
mod at_once;
mod events;
mod fetched_key;
mod refusals;
mod samples;
mod settings;
mod test_key;

use linkgate::client::Client;
use serde_json::Value;
use sqlx::PgPool;

use crate::harness::{
    Answer, Person, Platform, Registered, TestApp, Tokens,
    cek::{Cek, EXTENSION, SigningKey},
    draft, preset,
};

const RELINK: &str = "클로바 앱에서 다시 연결해 주세요.";
const SPEECH: &str = "{{name}}님, {{attributes.points}}점이에요.";
const BUSY: &str = "잠시 뒤에 다시 말씀해 주세요.";

/// A client whose extension CEK calls, linked to somebody.
struct Scene {
    app: TestApp,
    client: Registered,
    platform: Platform,
    person: Person,
    cek: Cek,
    tokens: Tokens,
}

impl Scene {
    /// Signed requests are answered with speech.
    async fn new(db: PgPool) -> Self {
        // Tests share their machine; the one about the deadline sets its own.
        Self::with_deadline(db, "10s").await
    }

    async fn with_deadline(db: PgPool, deadline: &str) -> Self {
        let settings = [("LINKGATE_ACTION_DEADLINE", deadline)];
        let app = TestApp::spawn_with(db, &settings).await;
        let client = linkgate::client::registration::Draft {
            preset: preset("clova"),
            ..draft()
        };
        let client = app.register(client).await;
        app.change_client(&client, |client| {
            let settings = &mut client.settings;
            settings.extension_id = Some(EXTENSION.to_owned());
            settings.cek.public_key = Some(SigningKey::of_the_platform().public_pem());
            SPEECH.clone_into(&mut settings.cek.speech);
            RELINK.clone_into(&mut settings.relink_sentence);
            BUSY.clone_into(&mut settings.busy_sentence);
        })
        .await;
        let person = app.person("haneul@example.com").await;
        let platform = app.platform(&client);
        let tokens = link(&app, &platform, &person, &[]).await;
        Self {
            cek: Cek::new(&app.url, &client.id()),
            app,
            client,
            platform,
            person,
            tokens,
        }
    }

    /// Changes the client; a second later every node knows.
    async fn change(&self, change: impl FnOnce(&mut Client)) {
        self.app.change_client(&self.client, change).await;
        self.app.clock.advance(crate::harness::seconds(1));
    }

    /// The access token of the first link.
    fn token(&self) -> &str {
        &self.tokens.access
    }

    /// Another link of the person.
    async fn link_again(&self) -> Tokens {
        link(&self.app, &self.platform, &self.person, &[]).await
    }

    /// How many uses, facts and events a request left behind in the database.
    async fn traces(&self) -> [i64; 3] {
        [
            self.app.count("cek_user", "true").await,
            self.app.count("cek_event", "true").await,
            self.app.count("link", "state = 'ended'").await,
        ]
    }
}

/// Links, and gives the tokens.
async fn link(app: &TestApp, platform: &Platform, person: &Person, scopes: &[&str]) -> Tokens {
    let asked = platform.ask(scopes);
    let redirect = app.browser().approve(person, &asked.url).await;
    platform.exchange(asked, redirect.code()).await
}

/// What an answer of CEK's own form says; anything else fails the test.
#[track_caller]
pub fn spoken(answer: &Answer) -> String {
    let body = response(answer);
    let speech = &body["response"]["outputSpeech"];
    assert_eq!(speech["type"], "SimpleSpeech", "{body}");
    assert_eq!(speech["values"]["type"], "PlainText", "{body}");
    speech["values"]["value"].as_str().unwrap().to_owned()
}

/// An answer of CEK's own form.
#[track_caller]
fn response(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let media_type = answer.header("content-type");
    assert_eq!(media_type, Some("application/json;charset=UTF-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&body), ["response", "sessionAttributes", "version"]);
    let expected = ["card", "directives", "outputSpeech", "shouldEndSession"];
    assert_eq!(names(&body["response"]), expected);
    body
}

/// Fails unless an answer is CEK's form with nothing in it.
#[track_caller]
pub fn assert_silent(answer: &Answer) {
    let body = response(answer);
    assert_eq!(body["response"]["outputSpeech"], serde_json::json!({}));
}

/// Fails unless a request was not let in.
#[track_caller]
fn assert_not_admitted(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (403, "access_denied"),
        "{answer:?}"
    );
    assert!(!answer.body.contains("김하늘"));
}
