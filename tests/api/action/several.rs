//! Action method v2.0: several values at once.

use linkgate::chatbot::{action::NewAction, store};
use linkgate::foundation::clock::Clock;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{BUSY, Chatbot, FORM, JSON, RELINK, assert_no_token, assert_refused};
use crate::harness::Answer;

/// What the builder sends for these variables of the method `member`.
fn body(variables: &[&str]) -> Value {
    let methods = variables.iter().map(|name| json!({"variableName": name}));
    let methods: Vec<_> = methods.collect();
    json!({
        "actionMethod": {"name": "member", "methods": methods},
        "userInfo": {
            "id": "u1", "key": "k", "query": "포인트 알려줘",
            "entities": {"city": "서울", "`@SYSTEM_ANY": "아무거나"},
            "taskEntities": {"city": "부산"},
            "userVariables": {"seen": {"value": "1", "typ": "TEXT"}},
        },
    })
}

impl Chatbot {
    /// With the actions `member.name` and `member.point`.
    async fn of_members(db: PgPool) -> Self {
        let chatbot = Self::new(db).await;
        chatbot.save("member.name", "{{name}}", false).await;
        chatbot
            .save("member.point", "{{attributes.points}}", false)
            .await;
        chatbot
    }

    async fn keep(&self, name: &str, template: &str, variable: &str) {
        let action = NewAction {
            name: name.to_owned(),
            template: template.to_owned(),
            json_string: false,
            user_variable: Some(variable.parse().unwrap()),
        };
        let (action, now) = (action.check().unwrap(), self.app.clock.now());
        let saved = store::save_action(&self.app.db, &self.client.client.id, &action, now);
        assert!(saved.await.unwrap());
    }

    async fn ask(&self, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.ask_with(&body.to_string(), &[JSON, ("authorization", &bearer)])
            .await
    }

    async fn ask_with(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/action/{}", self.client.id());
        self.platform.send("POST", &path, body, headers).await
    }
}

#[sqlx::test]
async fn one_call_answers_several_values(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    let answer = chatbot.ask(&body(&["point", "name"])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = json!({"data": [
        {"variableName": "point", "value": "12"},
        {"variableName": "name", "value": "김하늘"},
    ]});
    assert_eq!(answer.json(), expected);
    let path = format!("/action/{}", chatbot.client.id());
    let read = chatbot.platform.send("GET", &path, "", &[]).await;
    assert_eq!(read.status, 405);
}

#[sqlx::test]
async fn arguments_and_entities_of_a_call_are_values(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let template =
        "{{args.0}}/{{args.1}}/{{args.2}}/{{entity.city}}/{{entity.`@SYSTEM_ANY}}/{{entity.none}}";
    chatbot.save("member.said", template, false).await;
    let mut body = body(&["said"]);
    body["actionMethod"]["methods"][0]["args"] = json!(["a", 2]);
    let answer = chatbot.ask(&body).await.json();
    assert_eq!(answer["data"][0]["value"], "a/2//부산/아무거나/");
}

#[sqlx::test]
async fn a_value_may_be_kept_in_a_variable_of_the_chatbots_user(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    chatbot
        .keep(
            "member.point",
            "{{attributes.points}}",
            "points:NUMBER:EQ:NUMBER",
        )
        .await;
    chatbot
        .keep("member.name", "{{name}}", "person.name:JSON:EQ:TEXT")
        .await;
    let answer = chatbot.ask(&body(&["name", "point"])).await.json();
    let kept = json!([
        {"name": "person.name", "value": "김하늘", "type": "JSON", "action": "EQ", "valueType": "TEXT"},
        {"name": "points", "value": 12, "type": "NUMBER", "action": "EQ", "valueType": "NUMBER"},
    ]);
    assert_eq!(answer["userVariable"], kept);

    // What is no number can't be kept as one, and is answered all the same.
    chatbot
        .keep("member.point", "{{name}}", "points:NUMBER:EQ:NUMBER")
        .await;
    let answer = chatbot.ask(&body(&["point"])).await.json();
    let expected = json!({"data": [{"variableName": "point", "value": "김하늘"}]});
    assert_eq!(answer, expected);
}

#[sqlx::test]
async fn the_token_may_stand_in_the_body(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    let mut body = body(&["name"]);
    body["accessToken"] = chatbot.token.as_str().into();
    let answer = chatbot.ask_with(&body.to_string(), &[JSON]).await;
    assert_eq!(answer.json()["data"][0]["value"], "김하늘");
    chatbot.places(&["json:/userInfo/token"]).await;
    assert_no_token(&chatbot.ask_with(&body.to_string(), &[JSON]).await);
    body["userInfo"]["token"] = chatbot.token.as_str().into();
    let answer = chatbot.ask_with(&body.to_string(), &[JSON]).await;
    assert_eq!(answer.json()["data"][0]["value"], "김하늘");
}

#[sqlx::test]
async fn a_user_id_alone_stands_for_nobody(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    let mut body = body(&["name"]);
    body["userInfo"]["id"] = chatbot.person.id.to_string().into();
    assert_no_token(&chatbot.ask_with(&body.to_string(), &[JSON]).await);
}

#[sqlx::test]
async fn all_values_are_answered_or_none(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    let unknown = chatbot.ask(&body(&["name", "colour"])).await;
    assert_eq!(
        (unknown.status, unknown.error().as_str()),
        (404, "not_found")
    );
    let elsewhere = chatbot
        .platform
        .send("POST", "/action/nobody", "{}", &[JSON])
        .await;
    assert_refused_without_challenge(&elsewhere, 400);

    let narrow = super::link(
        &chatbot.app,
        &chatbot.platform,
        &chatbot.person,
        &["account:id"],
    );
    let bearer = format!("Bearer {}", narrow.await);
    let text = body(&["name"]).to_string();
    let answer = chatbot
        .ask_with(&text, &[JSON, ("authorization", &bearer)])
        .await;
    assert_refused(&answer, 403, "insufficient_scope");
}

#[track_caller]
fn assert_refused_without_challenge(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.error(), "invalid_request");
}

#[sqlx::test]
async fn a_malformed_call_is_told_what_is_wrong(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    let many: Vec<_> = (0..33).map(|_| json!({"variableName": "name"})).collect();
    for (wrong, named) in [
        (json!({}), "actionMethod.name"),
        (json!([]), "actionMethod.name"),
        (json!({"actionMethod": {"name": 1}}), "actionMethod.name"),
        (
            json!({"actionMethod": {"name": "member"}}),
            "actionMethod.methods",
        ),
        (
            json!({"actionMethod": {"name": "member", "methods": []}}),
            "actionMethod.methods",
        ),
        (
            json!({"actionMethod": {"name": "member", "methods": [{}]}}),
            "variableName",
        ),
        (
            json!({"actionMethod": {"name": "member", "methods": many}}),
            "32 variables",
        ),
        (
            json!({"actionMethod": {"name": "member", "methods": [{"variableName": "name", "args": "x"}]}}),
            "args",
        ),
    ] {
        let answer = chatbot.ask(&wrong).await;
        assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains(named), "{wrong}: {said}");
    }
    let form = chatbot.ask_with("actionMethod=x", &[FORM]).await;
    assert_eq!(form.status, 400, "{form:?}");
}

#[sqlx::test]
async fn a_sentence_takes_the_place_of_the_first_value(db: PgPool) {
    let chatbot = Chatbot::of_members(db).await;
    chatbot.speak().await;
    let text = body(&["name", "point"]).to_string();
    let said = |sentence: &str| {
        json!({"data": [
            {"variableName": "name", "value": sentence},
            {"variableName": "point", "value": ""},
        ]})
    };
    let answer = chatbot.ask_with(&text, &[JSON]).await;
    assert_eq!((answer.status, answer.json()), (200, said(RELINK)));

    // Known from the call before, since the database can't tell it now.
    let mut transaction = chatbot.app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table action in access exclusive mode");
    lock.execute(&mut *transaction).await.unwrap();
    let answer = chatbot.ask_with(&text, &[JSON]).await;
    assert_eq!((answer.status, answer.json()), (200, said(BUSY)));
}
