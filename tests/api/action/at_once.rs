//! Calls that come at once share statements, and nothing else.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sqlx::PgPool;

use super::{Chatbot, link, save};
use crate::harness::Answer;

fn said(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body.clone())
}

#[sqlx::test]
async fn calls_that_come_at_once_each_get_the_answer_they_get_alone(db: PgPool) {
    let chatbot = Chatbot::new(db).await;
    let (app, platform) = (&chatbot.app, &chatbot.platform);
    chatbot.save("who", "{{email}} {{entity.n}}", true).await;
    let other = app.client().await;
    save(
        app,
        &other,
        ("points", "{{external_id}} elsewhere {{entity.n}}"),
        false,
    )
    .await;
    let elsewhere = app.platform(&other);

    let mut tokens = vec![chatbot.token.clone(), "x".to_owned()];
    for number in 0..4 {
        let person = app.person(&format!("p{number}@example.com")).await;
        tokens.push(link(app, platform, &person, &[]).await);
        tokens.push(link(app, &elsewhere, &person, &["account:id"]).await);
    }
    app.change(
        "update link set state = 'ended', end_reason = 'admin', ended_at = now()
                where account_id = (select account_id from account where email = 'p0@example.com')",
    )
    .await;
    app.change("update account set disabled_at = now() where email = 'p1@example.com'")
        .await;

    let mut calls = Vec::new();
    for client in [chatbot.client.id(), other.id()] {
        for action in ["points", "who", "none"] {
            for (n, token) in tokens.iter().enumerate() {
                calls.push((format!("/action/{client}/{action}?n={n}"), token));
            }
        }
    }
    let call = |(path, token): &(String, &String)| {
        let (path, bearer) = (path.clone(), format!("Bearer {token}"));
        async move {
            let headers = [("authorization", bearer.as_str())];
            said(&platform.send("GET", &path, "", &headers).await)
        }
    };
    let mut alone = Vec::new();
    for one in &calls {
        alone.push(call(one).await);
    }
    let answers: BTreeSet<_> = alone.iter().collect();
    assert_eq!(answers.len(), 8, "{answers:?}");
    for _ in 0..5 {
        assert_eq!(join_all(calls.iter().map(call)).await, alone);
    }
}
