//! Actions: what the chatbot calls with every utterance.

use linkgate::{
    chatbot::{action::NewAction, store},
    client::{Client, RefusalAnswer},
    foundation::clock::Clock,
};
use sqlx::PgPool;

use crate::harness::{Answer, Person, Platform, Registered, TestApp, hours};

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

#[sqlx::test]
async fn an_action_answers_one_value_as_plain_text(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    assert_says(&chatbot.call("points", "").await, "김하늘님, 12점");

    chatbot
        .save(
            "who",
            "{{external_id}}/{{attributes.unknown}}/{{id}}",
            false,
        )
        .await;
    let text = format!("customer:haneul@example.com//{}", chatbot.person.id);
    assert_says(&chatbot.call("who", "").await, &text);
}

#[sqlx::test]
async fn an_action_may_answer_a_json_string(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    chatbot.save("quoted", "\"{{name}}\"\n", true).await;
    let answer = chatbot.call("quoted", "").await;
    assert_eq!(answer.json(), "\"김하늘\"\n");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[sqlx::test]
async fn what_came_with_the_call_is_an_entity_and_never_the_token(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let template = "{{entity.city}}/{{entity.count}}/{{entity.accessToken}}/{{args.0}}";
    chatbot.save("points", template, false).await;
    let token = &chatbot.token;

    let answer = chatbot.call("points", "city=%EC%84%9C%EC%9A%B8&count=2");
    assert_says(&answer.await, "서울/2//");
    let body = format!("city=a+b&accessToken={token}");
    assert_says(&chatbot.post(&body, &[FORM]).await, "a b///");
    let body = format!(r#"{{"city":"서울","count":3,"accessToken":"{token}"}}"#);
    assert_says(&chatbot.post(&body, &[JSON]).await, "서울/3//");
}

#[sqlx::test]
async fn a_token_is_found_at_each_of_the_default_places(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let token = &chatbot.token;
    let bearer = format!("BEARER {token}");
    for (body, header) in [
        (String::new(), ("authorization", bearer.as_str())),
        (format!(r#"{{"accessToken":"{token}"}}"#), JSON),
        (format!("accessToken={token}"), FORM),
        (format!("access_token={token}"), FORM),
    ] {
        let answer = chatbot.post(&body, &[header]).await;
        assert_says(&answer, "김하늘님, 12점");
    }
}

#[sqlx::test]
async fn a_token_counts_only_where_the_client_says_it_may_stand(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let token = chatbot.token.as_str();
    let path = format!("{}?token={token}", chatbot.path("points"));
    let in_query = || chatbot.platform.send("GET", &path, "", &[]);
    let header = [("X-Clova-Token", token)];
    let in_header = || chatbot.post("", &header);
    let deep = format!(r#"{{"user":{{"token":"{token}"}}}}"#);
    let in_json = || chatbot.post(&deep, &[JSON]);

    for answer in [in_query().await, in_header().await, in_json().await] {
        assert_no_token(&answer);
    }
    chatbot
        .places(&["query:token", "header:X-Clova-Token", "json:/user/token"])
        .await;
    for answer in [in_query().await, in_header().await, in_json().await] {
        assert_says(&answer, "김하늘님, 12점");
    }
    assert_no_token(&chatbot.call("points", "").await);
}

#[sqlx::test]
async fn the_first_place_that_holds_anything_decides(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let token = &chatbot.token;
    let good = format!(r#"{{"accessToken":"{token}"}}"#);
    let bearer = format!("Bearer {token}");
    let junk = ("authorization", "Bearer junk");

    let junk_first = chatbot.post(&good, &[JSON, junk]).await;
    assert_refused(&junk_first, 401, "invalid_token");
    let headers = [JSON, ("authorization", bearer.as_str())];
    let good_first = chatbot.post(r#"{"accessToken":"junk"}"#, &headers).await;
    assert_says(&good_first, "김하늘님, 12점");
    let other_scheme = chatbot.post(&good, &[JSON, ("authorization", "Basic YTpi")]);
    assert_says(&other_scheme.await, "김하늘님, 12점");

    chatbot.places(&["json:/accessToken", "bearer"]).await;
    let junk_second = chatbot.post(&good, &[JSON, junk]).await;
    assert_says(&junk_second, "김하늘님, 12점");
}

#[sqlx::test]
async fn a_token_of_another_client_is_refused(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let other = chatbot.app.client().await;
    save(&chatbot.app, &other, ("points", "{{name}}"), false).await;
    let path = format!("/action/{}/points", other.id());
    let bearer = format!("Bearer {}", chatbot.token);
    let headers = [("authorization", bearer.as_str())];
    let answer = chatbot.platform.send("GET", &path, "", &headers).await;
    assert_refused(&answer, 401, "invalid_token");
}

#[sqlx::test]
async fn what_is_no_live_access_token_is_refused(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let (app, platform) = (&chatbot.app, &chatbot.platform);
    let asked = platform.ask(&[]);
    let redirect = app.browser().approve(&chatbot.person, &asked.url).await;
    let code = redirect.code().to_owned();
    let tokens = platform.exchange(asked, &code).await;
    let middle = chatbot.token.len() / 2;
    let (start, end) = chatbot.token.split_at(middle);
    let other = if end.starts_with('A') { "B" } else { "A" };
    let altered = format!("{start}{other}{}", &end[1..]);
    for wrong in [&code, &tokens.refresh, &altered, &"x".repeat(9000)] {
        let body = format!("accessToken={wrong}");
        let answer = chatbot.post(&body, &[FORM]).await;
        assert_refused(&answer, 401, "invalid_token");
    }
    assert_no_token(&chatbot.post("", &[]).await);

    app.clock.advance(hours(2));
    let expired = chatbot.call("points", "").await;
    assert_refused(&expired, 401, "invalid_token");
    assert!(expired.body.contains("expired"));
}

#[sqlx::test]
async fn an_ended_link_or_a_disabled_account_or_client_is_refused(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let app = &chatbot.app;

    app.disable(&chatbot.person).await;
    let answer = chatbot.call("points", "").await;
    assert_refused(&answer, 401, "invalid_token");
    app.change_account(&chatbot.person, |account| account.disabled_at = None)
        .await;
    assert_says(&chatbot.call("points", "").await, "김하늘님, 12점");

    app.disable_client(&chatbot.client).await;
    let answer = chatbot.call("points", "").await;
    assert_refused(&answer, 401, "invalid_token");
    app.change_client(&chatbot.client, |client| client.disabled_at = None)
        .await;

    app.change("update link set state = 'ended', ended_at = now(), end_reason = 'account'")
        .await;
    let answer = chatbot.call("points", "").await;
    assert_refused(&answer, 401, "invalid_token");
}

#[sqlx::test]
async fn a_value_beyond_the_links_scopes_is_not_answered(db: PgPool) {
    let mut chatbot = Chatbot::new(db).await;
    let scopes = ["account:profile"];
    let (app, platform) = (&chatbot.app, &chatbot.platform);
    chatbot.token = link(app, platform, &chatbot.person, &scopes).await;
    chatbot.save("name", "{{name}}", false).await;

    assert_says(&chatbot.call("name", "").await, "김하늘");
    let answer = chatbot.call("points", "").await;
    assert_refused(&answer, 403, "insufficient_scope");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.ends_with(r#"scope="account:attributes account:profile""#),
        "{challenge}"
    );

    chatbot.speak().await;
    assert_says(&chatbot.call("points", "").await, RELINK);
    assert_says(&chatbot.call("name", "").await, "김하늘");
}

#[sqlx::test]
async fn a_definite_no_may_be_a_sentence_to_speak(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    chatbot.speak().await;
    assert_says(&chatbot.call("points", "").await, "김하늘님, 12점");
    assert_says(&chatbot.post("", &[]).await, RELINK);
    assert_says(&chatbot.post("accessToken=junk", &[FORM]).await, RELINK);
    chatbot.app.clock.advance(hours(2));
    assert_says(&chatbot.call("points", "").await, RELINK);

    chatbot.save("points", "{{name}}", true).await;
    assert_eq!(chatbot.call("points", "").await.json(), RELINK);
}

#[sqlx::test]
async fn a_database_that_keeps_waiting_is_busy_and_never_a_no(db: PgPool) {
    let chatbot = Chatbot::with_deadline(db, "1s").await;
    let answer = chatbot.call_while_locked().await;
    let error = (answer.status, answer.error());
    assert_eq!(error, (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("www-authenticate"), None);

    chatbot.speak().await;
    assert_says(&chatbot.call("points", "").await, "김하늘님, 12점");
    assert_says(&chatbot.call_while_locked().await, BUSY);

    let metrics = format!("{}/metrics", chatbot.app.ops_url);
    let metrics = chatbot.app.browser().get(&metrics).await;
    assert!(metrics.body.contains("linkgate_actions_busy_total 2\n"));
}

#[sqlx::test]
async fn a_malformed_call_is_a_bad_request_and_never_spoken(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    chatbot.speak().await;
    let bearer = format!("Bearer {}", chatbot.token);
    let bearer = ("authorization", bearer.as_str());
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000));
    let many: Vec<_> = (0..9).map(|n| format!("&t{n}=lg_at_{n}")).collect();
    let many = many.concat();
    for (body, headers) in [
        ("", &[bearer, bearer][..]),
        (r#"{"a":"#, &[bearer, JSON]),
        (&large, &[bearer, JSON]),
        ("a=%zz", &[bearer, FORM]),
        ("accessToken=a&accessToken=b", &[FORM]),
        (&many, &[bearer, FORM]),
    ] {
        let answer = chatbot.post(body, headers).await;
        assert_refused(&answer, 400, "invalid_request");
    }
}

#[sqlx::test]
async fn an_unknown_action_or_client_is_not_found(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let other = chatbot.app.client().await;
    for path in [
        chatbot.path("unknown"),
        chatbot.path("Points"),
        chatbot.path("a%20b"),
        chatbot.path("%00"),
        chatbot.path("%FF"),
        "/action/unknown/points".to_owned(),
        "/action/%00/points".to_owned(),
        format!("/action/{}/points", other.id()),
    ] {
        let answer = chatbot.platform.send("GET", &path, "", &[]).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"));
    }
    let path = chatbot.path("points");
    let answer = chatbot.platform.send("DELETE", &path, "", &[]).await;
    let allowed = answer.header("allow");
    assert_eq!((answer.status, allowed), (405, Some("GET, POST")));
}

#[sqlx::test]
async fn a_call_is_noted_as_a_use_and_a_refusal_in_the_links_history(db: PgPool) {
    let chatbot = Chatbot::new(db.clone()).await;
    chatbot.call("points", "").await;
    chatbot.app.clock.advance(hours(2));
    chatbot.call("points", "").await;
    chatbot.call("points", "").await;
    chatbot.app.stop().await;
    let used: Option<bool> = sqlx::query_scalar("select last_used_at is not null from link")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(used, Some(true));
    let refusal: (String, i32) =
        sqlx::query_as("select detail, times from event where kind = 'refused:access'")
            .fetch_one(&db)
            .await
            .unwrap();
    assert_eq!(refusal, ("the access token has expired".to_owned(), 2));
}
