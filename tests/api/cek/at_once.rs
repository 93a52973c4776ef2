//! Requests that come at once share their read, and nothing else.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;
use sqlx::PgPool;

use super::{Scene, link};
use crate::harness::{
    Answer,
    cek::{Cek, SigningKey, event, home, launch},
};

fn said(answer: &Answer) -> (u16, String) {
    let mut body: Value = serde_json::from_str(&answer.body).unwrap();
    if let Some(header) = body.get_mut("header") {
        header["messageId"] = Value::Null; // a new one each time
    }
    (answer.status, body.to_string())
}

/// Where a request goes, what signs it, and its body.
struct Request<'a>(&'a Cek, &'a SigningKey, String);

impl Request<'_> {
    async fn send(&self) -> (u16, String) {
        let Self(cek, key, body) = self;
        let signature = key.sign(body.as_bytes());
        let signed = ("SignatureCEK", signature.as_str());
        said(&cek.post(body.as_bytes(), &[signed]).await)
    }
}

#[sqlx::test]
async fn requests_that_come_at_once_each_get_the_answer_they_get_alone(db: PgPool) {
    let scene = Scene::new(db).await;
    let app = &scene.app;
    scene
        .change(|client| "{{email}}".clone_into(&mut client.settings.cek.speech))
        .await;
    // Another client's requests are signed with another key, and name no extension.
    let other = app.client().await;
    let others_key = SigningKey::generate();
    app.change_client(&other, |client| {
        let settings = &mut client.settings;
        settings.cek.public_key = Some(others_key.public_pem());
        "{{external_id}} elsewhere".clone_into(&mut settings.cek.speech);
    })
    .await;
    let elsewhere = app.platform(&other);
    let mut tokens = vec![scene.tokens.access.clone(), "x".to_owned()];
    for number in 0..4 {
        let person = app.person(&format!("p{number}@example.com")).await;
        for platform in [&scene.platform, &elsewhere] {
            tokens.push(link(app, platform, &person, &[]).await.access);
        }
    }
    for change in [
        "update link set state = 'ended', end_reason = 'admin', ended_at = now()
         where account_id = (select account_id from account where email = 'p0@example.com')",
        "update account set disabled_at = now() where email = 'p1@example.com'",
    ] {
        app.change(change).await;
    }

    let there = Cek::new(&app.url, &other.id());
    let mut requests = Vec::new();
    for token in &tokens {
        let turn = launch(Some(token)).to_string();
        let home = home(Some(token)).to_string();
        let mut nameless = launch(Some(token));
        nameless["context"]["System"]["application"] = Value::Null;
        let nameless = nameless.to_string();
        requests.push(Request(
            &scene.cek,
            SigningKey::of_the_platform(),
            turn.clone(),
        ));
        requests.push(Request(&scene.cek, &others_key, turn.clone()));
        requests.push(Request(&scene.cek, SigningKey::of_the_platform(), home));
        requests.push(Request(&there, &others_key, nameless));
        requests.push(Request(&there, &others_key, turn));
    }
    let now = app.now().to_rfc3339();
    let stranger = event("SkillDisabled", "U-of-nobody", &now).to_string();
    requests.push(Request(&scene.cek, SigningKey::of_the_platform(), stranger));

    let mut alone = Vec::new();
    for request in &requests {
        alone.push(request.send().await);
    }
    let spoken: BTreeSet<_> = alone
        .iter()
        .filter(|(_, body)| body.contains("@example.com"))
        .collect();
    assert_eq!(spoken.len(), 5, "{spoken:?}");
    let refused = alone.iter().filter(|(status, _)| *status == 403).count();
    assert_eq!(refused, 2 * tokens.len());
    for _ in 0..5 {
        assert_eq!(join_all(requests.iter().map(Request::send)).await, alone);
    }
}
