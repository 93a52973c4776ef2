//! Whom an action answers nothing, and how it says so.

use sqlx::PgPool;

use super::{
    BUSY, Chatbot, FORM, JSON, RELINK, assert_no_token, assert_refused, assert_says, link, save,
};
use crate::harness::hours;

#[sqlx::test]
async fn res_05_a_token_of_another_client_is_refused(db: PgPool) {
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
    app.enable(&chatbot.person).await;
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
    let many = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|n| format!("t=lg_at_{n}"));
    let many = many.join("&");
    for (body, headers, status) in [
        ("", &[bearer, bearer][..], 400),
        (r#"{"a":"#, &[bearer, JSON], 400),
        (&large, &[bearer, JSON], 413),
        ("a=%zz", &[bearer, FORM], 400),
        ("accessToken=a&accessToken=b", &[FORM], 400),
        (&many, &[bearer, FORM], 400),
    ] {
        let answer = chatbot.post(body, headers).await;
        assert_refused(&answer, status, "invalid_request");
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
    assert_eq!((answer.status, allowed), (405, Some("GET, HEAD, POST")));
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
