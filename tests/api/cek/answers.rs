//! What CEK is answered, and about whom.

use std::time::Duration;

use linkgate::client::cek::{CekAnswer, SpokenLanguage};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{BUSY, RELINK, Scene, assert_silent, link, response, spoken};
use crate::harness::{
    Answer,
    cek::{CEK_JSON, home, intent, launch, turn},
    hours,
};

const GREETING: &str = "김하늘님, 12점이에요.";

impl Scene {
    async fn answer_account(&self) {
        self.change(|client| client.settings.cek.answer = CekAnswer::Account)
            .await;
    }

    /// Sends a message while the database keeps everybody waiting.
    async fn send_while_locked(&self, message: &Value) -> Answer {
        let mut transaction = self.app.db.begin().await.unwrap();
        sqlx::query("lock table account in access exclusive mode")
            .execute(&mut *transaction)
            .await
            .unwrap();
        self.cek.send(message).await
    }
}

#[track_caller]
fn home_name(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["payload"], json!({}));
    let header = &body["header"];
    let fixed = (&header["namespace"], &header["payloadVersion"]);
    assert_eq!(fixed, (&json!("ClovaHome"), &json!("1.0")));
    assert_eq!(header["messageId"].as_str().unwrap().len(), 36);
    header["name"].as_str().unwrap().to_owned()
}

#[sqlx::test]
async fn cek_01_a_signed_turn_is_answered_with_speech_over_the_account(db: PgPool) {
    let scene = Scene::new(db).await;
    let answer = scene.cek.send(&launch(Some(scene.token()))).await;
    let body = response(&answer);
    assert_eq!(body["version"], "1.0");
    assert_eq!(body["sessionAttributes"], json!({}));
    assert_eq!(body["response"]["shouldEndSession"], true);
    assert_eq!(
        body["response"]["outputSpeech"],
        json!({ "type": "SimpleSpeech",
                "values": { "type": "PlainText", "lang": "ko", "value": GREETING } })
    );

    scene
        .change(|client| {
            let settings = &mut client.settings.cek;
            settings.language = SpokenLanguage::Ja;
            settings.speech = "{{name}}さん、{{entity.what}}は{{attributes.points}}。".to_owned();
        })
        .await;
    let mut asked = intent(Some(scene.token()), ("what", "ポイント"));
    asked["version"] = json!("0.1.0");
    let body = response(&scene.cek.send(&asked).await);
    assert_eq!(body["version"], "0.1.0");
    let values = &body["response"]["outputSpeech"]["values"];
    assert_eq!(
        *values,
        json!({ "type": "PlainText", "lang": "ja", "value": "김하늘さん、ポイントは12。" })
    );
}

#[sqlx::test]
async fn every_media_type_that_cek_may_send_is_taken(db: PgPool) {
    let scene = Scene::new(db).await;
    let body = launch(Some(scene.token())).to_string();
    let signature = crate::harness::cek::SigningKey::of_the_platform().sign(body.as_bytes());
    for media_type in [
        "application/json;charset-UTF-8",
        "application/json",
        "text/plain",
        "",
    ] {
        let headers = [("content-type", media_type), ("SignatureCEK", &signature)];
        assert_eq!(
            spoken(&scene.cek.post(body.as_bytes(), &headers).await),
            GREETING
        );
    }
}

#[sqlx::test]
async fn what_would_be_too_long_to_speak_is_cut(db: PgPool) {
    let scene = Scene::new(db).await;
    let facts = |name: &str| {
        let attributes = json!({ "points": format!("{} ", "아".repeat(190)).repeat(20) });
        let (name, attributes) = (name.to_owned(), attributes.as_object().unwrap().clone());
        move |account: &mut linkgate::account::Account| {
            account.name = name;
            account.attributes = attributes;
        }
    };
    scene
        .app
        .change_account(&scene.person, facts("김하늘"))
        .await;
    let said = spoken(&scene.cek.send(&launch(Some(scene.token()))).await);
    assert!(
        said.starts_with("김하늘님, 아") && said.chars().count() <= 200,
        "{said}"
    );

    scene
        .change(|client| client.settings.cek.speech = "{{attributes.points}}".to_owned())
        .await;
    let attributes = json!({ "points": format!("{}. ", "아".repeat(190)).repeat(20) });
    let change = |account: &mut linkgate::account::Account| {
        account.attributes = attributes.as_object().unwrap().clone();
    };
    scene.app.change_account(&scene.person, change).await;
    let said = spoken(&scene.cek.send(&launch(Some(scene.token()))).await);
    assert_eq!(said.chars().count(), 5 * 192 - 1, "{said}");
}

#[sqlx::test]
async fn without_a_usable_token_the_relink_sentence_is_spoken(db: PgPool) {
    let scene = Scene::new(db).await;
    let relink = async |token: Option<&str>| spoken(&scene.cek.send(&launch(token)).await);
    for token in [
        None,
        Some("junk"),
        Some("lg_at_AAAA"),
        Some(scene.tokens.refresh.as_str()),
    ] {
        assert_eq!(relink(token).await, RELINK, "{token:?}");
    }
    let other = scene.app.client().await;
    let platform = scene.app.platform(&other);
    let elsewhere = link(&scene.app, &platform, &scene.person, &[]).await;
    assert_eq!(relink(Some(&elsewhere.access)).await, RELINK);

    scene.app.disable(&scene.person).await;
    assert_eq!(relink(Some(scene.token())).await, RELINK);
    scene.app.enable(&scene.person).await;
    assert_eq!(relink(Some(scene.token())).await, GREETING);
    scene.app.disable_client(&scene.client).await;
    assert_eq!(relink(Some(scene.token())).await, RELINK);
    scene.change(|client| client.disabled_at = None).await;
    assert_eq!(relink(Some(scene.token())).await, GREETING);

    let narrow = ["account:profile"];
    let narrow = link(&scene.app, &scene.platform, &scene.person, &narrow).await;
    assert_eq!(relink(Some(&narrow.access)).await, RELINK);
    scene.platform.revoke(&scene.tokens.refresh).await;
    assert_eq!(relink(Some(scene.token())).await, RELINK);
    scene.app.clock.advance(hours(2));
    assert_eq!(relink(Some(&narrow.access)).await, RELINK);
}

#[sqlx::test]
async fn a_client_without_words_of_its_own_has_ours(db: PgPool) {
    let scene = Scene::new(db).await;
    for (language, linked, relink) in [
        (
            SpokenLanguage::Ko,
            "계정이 연결되어 있어요.",
            "다시 연결해 주세요.",
        ),
        (
            SpokenLanguage::En,
            "Your account is linked.",
            "in the CLOVA app.",
        ),
        (
            SpokenLanguage::Ja,
            "連携されています。",
            "もう一度連携してください。",
        ),
    ] {
        scene
            .change(|client| {
                client.settings.relink_sentence = String::new();
                client.settings.cek.speech = String::new();
                client.settings.cek.language = language;
            })
            .await;
        let said = spoken(&scene.cek.send(&launch(Some(scene.token()))).await);
        assert!(said.ends_with(linked), "{said}");
        let said = spoken(&scene.cek.send(&launch(None)).await);
        assert!(said.ends_with(relink), "{said}");
    }
    // An empty sentence could not be spoken.
    scene
        .change(|client| client.settings.cek.speech = "{{attributes.none}} ".to_owned())
        .await;
    assert!(!spoken(&scene.cek.send(&launch(Some(scene.token()))).await).is_empty());
}

#[sqlx::test]
async fn the_end_of_a_session_is_answered_with_silence(db: PgPool) {
    let scene = Scene::new(db).await;
    let ended = json!({ "type": "SessionEndedRequest" });
    assert_silent(&scene.cek.send(&turn(Some(scene.token()), &ended)).await);
    assert_silent(&scene.cek.send(&turn(None, &ended)).await);
}

#[sqlx::test]
async fn a_client_may_get_the_account_as_json(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.answer_account().await;
    let answer = scene.cek.send(&launch(Some(scene.token()))).await;
    let resolved = scene.platform.resolve(&scene.tokens.access).await;
    assert_eq!((answer.status, answer.json()), (200, resolved.json()));

    let without = scene.cek.send(&launch(None)).await;
    assert_eq!(without.status, 401);
    assert_eq!(
        without.header("www-authenticate"),
        Some(r#"Bearer realm="linkgate""#)
    );
    let wrong = scene.cek.send(&launch(Some("junk"))).await;
    assert_eq!(
        (wrong.status, wrong.error()),
        (401, "invalid_token".to_owned())
    );
    let narrow = link(
        &scene.app,
        &scene.platform,
        &scene.person,
        &["account:email"],
    )
    .await;
    let answer = scene.cek.send(&launch(Some(&narrow.access))).await;
    assert!(answer.body.contains("haneul@example.com") && !answer.body.contains("김하늘"));
}

#[sqlx::test]
async fn cek_07_of_two_tokens_the_sessions_counts_and_a_guest_hears_nothing(db: PgPool) {
    let scene = Scene::new(db).await;
    let guest = scene.app.person("guest@example.com").await;
    scene
        .app
        .change_account(&guest, |account| account.name = "손님".to_owned())
        .await;
    let guests = link(&scene.app, &scene.platform, &guest, &[]).await;
    let mut message = launch(Some(scene.token()));
    let said = async |message: &Value| spoken(&scene.cek.send(message).await);
    let guest_at = |token: &str| json!({ "userId": "guest", "accessToken": token });

    message["session"]["user"] = guest_at(&guests.access);
    assert_eq!(said(&message).await, "손님님, 12점이에요.");
    message["session"]["user"] = guest_at("junk");
    assert_eq!(said(&message).await, RELINK);
    message["session"]["user"] = json!({ "userId": "guest" });
    assert_eq!(said(&message).await, RELINK);
    message["session"]["user"] = json!({});
    assert_eq!(said(&message).await, RELINK);
    // The owner, named without a token, or not at all.
    message["session"]["user"] = json!({ "userId": crate::harness::cek::USER });
    assert_eq!(said(&message).await, GREETING);
    message["session"] = json!(null);
    assert_eq!(said(&message).await, GREETING);
}

#[sqlx::test]
async fn cek_08_the_token_tells_the_account_and_never_the_user_id(db: PgPool) {
    let scene = Scene::new(db).await;
    let other = scene.app.person("other@example.com").await;
    scene
        .app
        .change_account(&other, |account| account.name = "이바다".to_owned())
        .await;
    let others = link(&scene.app, &scene.platform, &other, &[]).await;
    // Everything is learned: this user id belongs to the first person.
    assert_eq!(
        spoken(&scene.cek.send(&launch(Some(scene.token()))).await),
        GREETING
    );
    let same_id = launch(Some(&others.access));
    assert_eq!(
        spoken(&scene.cek.send(&same_id).await),
        "이바다님, 12점이에요."
    );
    assert_eq!(spoken(&scene.cek.send(&launch(None)).await), RELINK);
    scene.answer_account().await;
    let answer = scene.cek.send(&same_id).await;
    assert_eq!(answer.json()["account"]["id"], other.id.to_string());
}

#[sqlx::test]
async fn a_home_message_is_told_by_name_what_is_wrong_with_its_token(db: PgPool) {
    let scene = Scene::new(db).await;
    let name = async |token: Option<&str>| home_name(&scene.cek.send(&home(token)).await);
    assert_eq!(name(Some(scene.token())).await, "UnsupportedOperationError");
    for token in [None, Some("junk"), Some(scene.tokens.refresh.as_str())] {
        assert_eq!(name(token).await, "InvalidAccessTokenError");
    }
    let revoked = scene.link_again().await;
    scene.platform.revoke(&revoked.refresh).await;
    assert_eq!(name(Some(&revoked.access)).await, "InvalidAccessTokenError");
    scene.app.clock.advance(hours(2));
    assert_eq!(name(Some(scene.token())).await, "ExpiredAccessTokenError");
    let unsigned = scene
        .cek
        .post(home(None).to_string().as_bytes(), &[CEK_JSON])
        .await;
    assert_eq!(unsigned.status, 403);

    scene.answer_account().await;
    assert_eq!(name(Some(scene.token())).await, "ExpiredAccessTokenError");
    let fresh = scene.link_again().await;
    let answer = scene.cek.send(&home(Some(&fresh.access))).await;
    assert_eq!(answer.json()["account"]["id"], scene.person.id.to_string());
}

#[sqlx::test]
async fn a_database_that_keeps_waiting_is_busy_and_never_a_no(db: PgPool) {
    let scene = Scene::with_deadline(db, "1s").await;
    let turn = launch(Some(scene.token()));
    assert_eq!(spoken(&scene.cek.send(&turn).await), GREETING);
    assert_eq!(spoken(&scene.send_while_locked(&turn).await), BUSY);
    let home = scene.send_while_locked(&home(Some(scene.token()))).await;
    assert_eq!(home_name(&home), "DriverInternalError");
    scene.answer_account().await;
    assert_eq!(
        scene.cek.send(&turn).await.status,
        200,
        "and this node knows"
    );
    let answer = scene.send_while_locked(&turn).await;
    assert_eq!(
        (answer.status, answer.error()),
        (503, "temporarily_unavailable".to_owned())
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    let metrics = format!("{}/metrics", scene.app.ops_url);
    let metrics = scene.app.browser().get(&metrics).await.body;
    assert!(
        metrics.contains("\nlinkgate_cek_busy_total 3\n"),
        "{metrics}"
    );
}

#[sqlx::test]
async fn the_deadline_counts_from_the_request_and_not_from_its_parts(db: PgPool) {
    let scene = Scene::with_deadline(db, "300ms").await;
    let turn = launch(Some(scene.token()));
    let answer = tokio::time::timeout(Duration::from_millis(1500), scene.send_while_locked(&turn));
    assert_eq!(spoken(&answer.await.unwrap()), BUSY);
}
