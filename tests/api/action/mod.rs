//! Actions: what the chatbot calls with every utterance.

mod answers;
mod at_once;
mod refusals;
mod several;

use linkgate::{
    chatbot::{action::NewAction, store},
    client::{Client, RefusalAnswer},
    foundation::clock::Clock,
};
use sqlx::PgPool;

use crate::harness::{Answer, Person, Platform, Registered, TestApp};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const RELINK: &str = "클로바 앱에서 계정을 다시 연결해 주세요.";
const BUSY: &str = "잠시 뒤에 다시 말씀해 주세요.";

/// A client with the action `points`, linked to somebody.
struct Chatbot {
    app: TestApp,
    client: Registered,
    platform: Platform,
    person: Person,
    token: String,
}

impl Chatbot {
    async fn new(db: PgPool) -> Self {
        // Tests share their machine; the one about the deadline sets its own.
        Self::with_deadline(db, "10s").await
    }

    async fn with_deadline(db: PgPool, deadline: &str) -> Self {
        let settings = [("LINKGATE_ACTION_DEADLINE", deadline)];
        let app = TestApp::spawn_with(db, &settings).await;
        let client = app.client().await;
        let person = app.person("haneul@example.com").await;
        let platform = app.platform(&client);
        let token = link(&app, &platform, &person, &[]).await;
        let chatbot = Self {
            app,
            client,
            platform,
            person,
            token,
        };
        chatbot
            .save("points", "{{name}}님, {{attributes.points}}점", false)
            .await;
        chatbot
    }

    async fn save(&self, name: &str, template: &str, json_string: bool) {
        save(&self.app, &self.client, (name, template), json_string).await;
    }

    fn path(&self, action: &str) -> String {
        format!("/action/{}/{action}", self.client.id())
    }

    /// Calls an action with the token as a bearer's.
    async fn call(&self, action: &str, query: &str) -> Answer {
        let path = format!("{}?{query}", self.path(action));
        let bearer = format!("Bearer {}", self.token);
        self.platform
            .send("GET", &path, "", &[("authorization", &bearer)])
            .await
    }

    /// Posts to `points` exactly this.
    async fn post(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let path = self.path("points");
        self.platform.send("POST", &path, body, headers).await
    }

    async fn places(&self, places: &[&str]) {
        let places = places.iter().map(|place| (*place).to_owned()).collect();
        self.app
            .change_client(&self.client, |client| {
                client.settings.token_places = places;
            })
            .await;
    }

    async fn speak(&self) {
        self.app
            .change_client(&self.client, |client: &mut Client| {
                client.settings.refusal_answer = RefusalAnswer::Sentence;
                RELINK.clone_into(&mut client.settings.relink_sentence);
                BUSY.clone_into(&mut client.settings.busy_sentence);
            })
            .await;
    }

    /// Calls `points` while the database keeps everybody waiting.
    async fn call_while_locked(&self) -> Answer {
        let mut transaction = self.app.db.begin().await.unwrap();
        sqlx::query("lock table action in access exclusive mode")
            .execute(&mut *transaction)
            .await
            .unwrap();
        self.call("points", "").await
    }
}

/// Links and gives the access token.
async fn link(app: &TestApp, platform: &Platform, person: &Person, scopes: &[&str]) -> String {
    let asked = platform.ask(scopes);
    let redirect = app.browser().approve(person, &asked.url).await;
    platform.exchange(asked, redirect.code()).await.access
}

async fn save(app: &TestApp, client: &Registered, action: (&str, &str), json_string: bool) {
    let action = NewAction {
        name: action.0.to_owned(),
        template: action.1.to_owned(),
        json_string,
        user_variable: None,
    };
    let (action, now) = (action.check().unwrap(), app.clock.now());
    let saved = store::save_action(&app.db, &client.client.id, &action, now).await;
    assert!(saved.unwrap());
}

#[track_caller]
fn assert_says(answer: &Answer, text: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (200, text));
    let media_type = answer.header("content-type");
    assert_eq!(media_type, Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[track_caller]
fn assert_no_token(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some(r#"Bearer realm="linkgate""#));
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, answer.error().as_str()), (status, error));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains(&format!(r#"error="{error}""#)));
    assert!(!answer.body.contains("김하늘"));
}
