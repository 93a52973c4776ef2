//! The recorder: what a chatbot builder really sends.

mod places;

use futures_util::future::join_all;
use linkgate::{
    admin::AdminRole::{Operator, Viewer},
    client::store::find_client,
};
use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Answer, Browser, Form, Stage, TestApp, draft, hours, minutes, seconds};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A linked client with an admin who wants to know.
struct Recorder {
    stage: Stage,
    console: Browser,
    token: String,
}

impl Recorder {
    async fn off(db: PgPool) -> Self {
        Self::on_server(TestApp::spawn(db).await).await
    }

    async fn on_server(app: TestApp) -> Self {
        let stage = Stage::on(app, draft()).await;
        let token = stage.link().await.access;
        let console = stage.app.console(Operator).await;
        Self {
            stage,
            console,
            token,
        }
    }

    async fn on(db: PgPool) -> Self {
        let recorder = Self::off(db).await;
        let answer = recorder.switch("on").await;
        assert!(answer.location().ends_with("?done=recorder-on"));
        recorder
    }

    fn page(&self) -> String {
        format!("/admin/clients/{}/record", self.stage.client.id())
    }

    async fn switch(&self, to: &str) -> Answer {
        let page = self.page();
        self.console.fill_in(&page, &page, &[("do", to)]).await
    }

    async fn shown(&self) -> Answer {
        let page = self.console.get(&self.page()).await;
        page.assert_page(200);
        page
    }

    async fn call(&self, method: &str, rest: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/record/{}{rest}", self.stage.client.id());
        let answer = self.stage.platform.send(method, &path, body, headers);
        answer.await
    }

    async fn post(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.call("POST", "", body, headers).await
    }

    async fn kept(&self) -> i64 {
        self.stage.app.count("recorded_call", "true").await
    }

    /// Asks for a place as the page's button does.
    async fn adopt(&self, place: &str) -> Answer {
        let action = format!("{}/adopt", self.page());
        let form = self.shown().await.form(&self.page());
        let form = Form { action, ..form };
        self.console.submit(&form.with("place", place)).await
    }

    async fn places(&self) -> Vec<String> {
        let (db, id) = (&self.stage.app.db, &self.stage.client.client.id);
        let client = find_client(db, id).await.unwrap().unwrap();
        client.settings.token_places
    }
}

#[track_caller]
fn assert_nothing_here(answer: &Answer) {
    let error = json!({ "error": "not_found", "error_description": "nothing is recorded here" });
    assert_eq!((answer.status, answer.json()), (404, error));
}

#[sqlx::test]
async fn nothing_is_recorded_unless_an_admin_switched_it_on_within_ten_minutes(db: PgPool) {
    let recorder = Recorder::off(db).await;
    let bearer = format!("Bearer {}", recorder.token);
    let headers = [JSON, ("authorization", bearer.as_str())];
    let platform = &recorder.stage.platform;
    let unknown = platform.send("POST", "/record/custom-nobody", "{}", &headers);
    assert_nothing_here(&unknown.await);
    let call = async || recorder.post("{}", &headers).await;
    assert_nothing_here(&call().await);
    recorder.switch("on").await;
    assert_eq!(call().await.status, 200);
    recorder.switch("off").await;
    assert_nothing_here(&call().await);
    recorder.switch("on").await;
    recorder.stage.app.clock.advance(minutes(10) - seconds(1));
    assert_eq!(call().await.status, 200);
    recorder.stage.app.clock.advance(seconds(1));
    assert_nothing_here(&call().await);
    assert_eq!(recorder.kept().await, 2);
}

#[sqlx::test]
async fn a_call_is_shown_without_anything_in_it_that_opens_something(db: PgPool) {
    let recorder = Recorder::on(db).await;
    let token = &recorder.token;
    let refresh = recorder.stage.link().await.refresh;
    let body = json!({
        "accessToken": token,
        "userInfo": { "id": "talk-user", "query": format!("say {token} aloud"), "pin": 4711 },
        "nested": { "clientSecret": ["hush-1", { "deep": "hush-2" }] },
    });
    let headers = [
        JSON,
        ("authorization", "Basic aHVzaDpodXNo"),
        ("cookie", "sid=hush-3"),
        ("x-naver-api-key", "hush-4"),
        ("x-plain", "seen"),
    ];
    let query = format!("/{refresh}/path?q={token}&password=hush-5&city=서울&{token}");
    let answer = recorder
        .call("PUT", &query, &body.to_string(), &headers)
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "recorded"));

    let page = recorder.shown().await;
    let text = page.text();
    for shown in [
        "PUT /[refresh token 1]/path",
        "an access token of this client: the link of 김하늘 , active",
        "Found at json:/accessToken",
        "Found at query:q",
        "a refresh token of this client: no chatbot should have it",
        "talk-user",
        "say [access token 2] aloud",
        "Basic [hidden, 12 characters]",
        "x-plain seen",
        "city 서울 [access token 2]",
        "from 127.0.0.0/24",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    let stored = recorder.stage.app.value("select call from recorded_call");
    let stored = stored.await.unwrap();
    for secret in [token, &refresh, "hush", "aHVzaDpodXNo", "4711"] {
        assert!(!page.body.contains(secret), "{secret}: {text}");
        assert!(!stored.contains(secret), "{secret}: {stored}");
    }
}

#[sqlx::test]
async fn the_twenty_first_call_pushes_out_the_first(db: PgPool) {
    let recorder = Recorder::on(db).await;
    for number in 1..=21 {
        recorder
            .call("GET", &format!("/call-{number}."), "", &[])
            .await;
    }
    let text = recorder.shown().await.text();
    assert!(text.contains("20 calls, the newest first"), "{text}");
    assert!(!text.contains("/call-1."), "{text}");
    assert!(text.contains("/call-2.") && text.contains("/call-21."));
    let at_once = (0..24).map(|_| recorder.post("{}", &[JSON]));
    join_all(at_once).await;
    assert_eq!(recorder.kept().await, 20);
}

#[sqlx::test]
async fn a_call_is_gone_after_an_hour_or_when_an_admin_says_so(db: PgPool) {
    let recorder = Recorder::on(db).await;
    recorder.post("{}", &[JSON]).await;
    recorder.stage.app.clock.advance(hours(1) - seconds(1));
    let console = recorder.stage.app.console(Viewer).await;
    let text = async || console.get(&recorder.page()).await.text();
    assert!(text().await.contains("1 call, the newest first"));
    recorder.stage.app.clean().await;
    assert_eq!(recorder.kept().await, 1);
    recorder.stage.app.clock.advance(seconds(1));
    assert!(text().await.contains("No call yet"));
    recorder.stage.app.clean().await;
    assert_eq!(recorder.kept().await, 0);
    assert_eq!(recorder.stage.app.count("recording", "true").await, 0);
}

#[sqlx::test]
async fn a_viewer_sees_calls_and_changes_nothing(db: PgPool) {
    let recorder = Recorder::on(db).await;
    recorder.post("{}", &[("x-token", &recorder.token)]).await;
    let viewer = recorder.stage.app.console(Viewer).await;
    let page = viewer.get(&recorder.page()).await;
    page.assert_page(200);
    assert!(page.text().contains("Found at header:x-token"));
    for absent in [
        "value=\"on\"",
        "value=\"off\"",
        "value=\"forget\"",
        "/adopt",
    ] {
        assert!(!page.body.contains(absent), "{absent}");
    }
    let signed_in = page.form("/admin/logout");
    for below in ["", "/adopt"] {
        let form = Form {
            action: format!("{}{below}", recorder.page()),
            ..signed_in.clone()
        };
        let form = form.with("do", "off").with("place", "header:x-token");
        viewer.submit(&form).await.assert_page(403);
    }
    assert_eq!(recorder.post("{}", &[JSON]).await.status, 200);
    assert_eq!(recorder.places().await.first().unwrap(), "bearer");
}

#[sqlx::test]
async fn callers_hear_nothing_about_anybody_in_a_form_they_understand(db: PgPool) {
    let recorder = Recorder::on(db).await;
    let ids = r#"{"userId":"u","platform":"line","domainCode":"d"}"#;
    let confirm = recorder.call("POST", "/confirm", ids, &[JSON]).await;
    assert_eq!(
        (confirm.status, confirm.json()),
        (200, json!({ "valid": false }))
    );
    let several = json!({ "actionMethod": { "name": "m", "methods": [
        { "variableName": "a", "args": [] }, { "variableName": "b" }, 7 ] } });
    let several = recorder.post(&several.to_string(), &[JSON]).await.json();
    let value = |name| json!({ "variableName": name, "value": "recorded" });
    assert_eq!(several, json!({ "data": [value("a"), value("b")] }));
    let request =
        json!({ "version": "0.1.0", "session": null, "request": { "type": "LaunchRequest" } });
    let speech = recorder.post(&request.to_string(), &[JSON]).await.json();
    let said = speech.pointer("/response/outputSpeech/values/value");
    assert_eq!(said, Some(&json!("recorded")));
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PURGE"] {
        let answer = recorder.call(method, "/login?userId=u", "", &[]).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "recorded"),
            "{method}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let large = "x".repeat(65 * 1024);
    assert_eq!(recorder.post(&large, &[]).await.status, 200);
    let nul = recorder.post("{\"a\\u0000\":\"b\\u0000\"}", &[JSON]).await;
    assert_eq!(nul.status, 200);
    let text = recorder.shown().await.text();
    assert!(text.contains("larger than a call may be"), "{text}");
    assert!(text.contains("No token of this server was in this call"));
}

#[sqlx::test]
async fn an_address_that_calls_too_often_is_kept_waiting(db: PgPool) {
    let settings = [("LINKGATE_LIMIT_RECORD", "3")];
    let app = TestApp::spawn_with(db, &settings).await;
    let recorder = Recorder::on_server(app).await;
    assert_nothing_here(&recorder.post("{}", &[JSON]).await);
    recorder.switch("on").await;
    for _ in 0..2 {
        assert_eq!(recorder.post("{}", &[JSON]).await.status, 200);
    }
    let late = recorder.post("{}", &[JSON]).await;
    assert_eq!(
        (late.status, late.header("retry-after").is_some()),
        (429, true)
    );
    assert_eq!(recorder.kept().await, 2);
    recorder.stage.app.clock.advance(minutes(1));
    assert_eq!(recorder.post("{}", &[JSON]).await.status, 200);
}

#[sqlx::test]
async fn any_node_takes_a_call_and_any_other_shows_it(db: PgPool) {
    let recorder = Recorder::on(db).await;
    let second = recorder.stage.app.second_node().await;
    let path = format!("/record/{}/elsewhere", recorder.stage.client.id());
    let platform = second.platform(&recorder.stage.client);
    assert_eq!(platform.send("GET", &path, "", &[]).await.status, 200);
    assert!(recorder.shown().await.text().contains("GET /elsewhere"));
    recorder.switch("off").await;
    assert_nothing_here(&platform.send("GET", &path, "", &[]).await);
}
