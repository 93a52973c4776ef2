//! What an action answers, and where its token may stand.

use linkgate::client::{Client, TokenFormat};
use sqlx::PgPool;

use super::{Chatbot, FORM, JSON, assert_no_token, assert_refused, assert_says, link, save};

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
async fn a_jwt_is_taken_wherever_an_opaque_token_is(db: PgPool) {
    let mut chatbot = Chatbot::new(db).await;
    let use_jwts = |client: &mut Client| client.settings.token_format = TokenFormat::Jwt;
    chatbot.app.change_client(&chatbot.client, use_jwts).await;
    chatbot.token = link(&chatbot.app, &chatbot.platform, &chatbot.person, &[]).await;
    assert!(chatbot.token.starts_with("ey"));
    assert_says(&chatbot.call("points", "").await, "김하늘님, 12점");
    let json = format!(r#"{{"accessToken":"{}"}}"#, chatbot.token);
    assert_says(&chatbot.post(&json, &[JSON]).await, "김하늘님, 12점");
    let form = format!("accessToken={}", chatbot.token);
    assert_says(&chatbot.post(&form, &[FORM]).await, "김하늘님, 12점");

    let other = chatbot.app.client().await;
    save(&chatbot.app, &other, ("points", "{{name}}"), false).await;
    let path = format!("/action/{}/points", other.id());
    let bearer = format!("Bearer {}", chatbot.token);
    let headers = [("authorization", bearer.as_str())];
    let elsewhere = chatbot.platform.send("GET", &path, "", &headers).await;
    assert_refused(&elsewhere, 401, "invalid_token");
    chatbot.platform.revoke(&chatbot.token).await;
    assert_refused(&chatbot.call("points", "").await, 401, "invalid_token");
}
