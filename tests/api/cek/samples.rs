//! The real requests there are.

use linkgate::client::Client;
use serde_json::Value;
use sqlx::PgPool;

use super::{RELINK, Scene, assert_not_admitted, assert_silent, spoken};
use crate::harness::cek::CEK_JSON;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}

const SIGNED: &str = sample!("line-signed-intent.json");
const SIGNATURE: &str = sample!("line-signed-intent.signature").trim_ascii_end();
const LAUNCH: &str = sample!("line-launch.json");
const INTENT: &str = sample!("line-intent.json");
const SESSION_ENDED: &str = sample!("line-session-ended.json");
const EVENT: &str = sample!("line-event.json");
const EVENT_FROM_STORE: &str = sample!("line-event-from-skill-store.json");

/// The extension that the samples were sent to.
fn samples_extension(client: &mut Client) {
    client.settings.extension_id = Some("com.line.myApplication".to_owned());
}

#[sqlx::test]
async fn cek_01_the_request_that_line_signed_is_taken_with_lines_key_alone(db: PgPool) {
    let scene = Scene::new(db).await;
    let signed = [CEK_JSON, ("SignatureCEK", SIGNATURE)];
    let other_key = scene.cek.post(SIGNED.as_bytes(), &signed).await;
    assert_not_admitted(&other_key);
    scene
        .change(|client| {
            let key = sample!("line-public-key.pem");
            client.settings.cek.public_key = Some(key.to_owned());
        })
        .await;
    // Its token is of another server, so nobody is linked; but it is believed.
    let taken = scene.cek.post(SIGNED.as_bytes(), &signed).await;
    assert_eq!(spoken(&taken), RELINK);
    let altered = sample!("line-altered-intent.json");
    assert_not_admitted(&scene.cek.post(altered.as_bytes(), &signed).await);
}

#[sqlx::test]
async fn cek_03_one_changed_byte_anywhere_is_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    scene
        .change(|client| {
            let key = sample!("line-public-key.pem");
            client.settings.cek.public_key = Some(key.to_owned());
        })
        .await;
    let signed = [CEK_JSON, ("SignatureCEK", SIGNATURE)];
    for at in 0..SIGNED.len() {
        let mut altered = SIGNED.as_bytes().to_vec();
        altered[at] ^= 1;
        let answer = scene.cek.post(&altered, &signed).await;
        assert_eq!(answer.status, 403, "byte {at}");
    }
    for at in 0..SIGNATURE.len() {
        let mut altered = SIGNATURE.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let headers = [CEK_JSON, ("SignatureCEK", altered.as_str())];
        let answer = scene.cek.post(SIGNED.as_bytes(), &headers).await;
        assert_eq!(answer.status, 403, "character {at} of the signature");
    }
}

#[sqlx::test]
async fn cek_03_the_same_json_written_otherwise_is_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    scene
        .change(|client| {
            let key = sample!("line-public-key.pem");
            client.settings.cek.public_key = Some(key.to_owned());
        })
        .await;
    let same: Value = serde_json::from_str(SIGNED).unwrap();
    let signed = [CEK_JSON, ("SignatureCEK", SIGNATURE)];
    for rewritten in [
        same.to_string(),
        serde_json::to_string_pretty(&same).unwrap(),
        SIGNED.replace("\"new\"", "\"n\\u0065w\""),
        SIGNED.replace("\":", "\": "),
        format!("{SIGNED}\n"),
        format!("\u{feff}{SIGNED}"),
    ] {
        assert_ne!(rewritten, SIGNED);
        let read: Result<Value, _> = serde_json::from_str(rewritten.trim_start_matches('\u{feff}'));
        assert_eq!(read.unwrap(), same);
        let answer = scene.cek.post(rewritten.as_bytes(), &signed).await;
        assert_not_admitted(&answer);
    }
    let answer = scene.cek.post(SIGNED.as_bytes(), &signed).await;
    assert_eq!(spoken(&answer), RELINK);
}

#[sqlx::test]
async fn every_real_body_is_answered_once_it_is_signed_and_not_before(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.change(samples_extension).await;
    for body in [LAUNCH, INTENT, SESSION_ENDED, EVENT, EVENT_FROM_STORE] {
        assert_not_admitted(&scene.cek.post(body.as_bytes(), &[CEK_JSON]).await);
    }
    for body in [LAUNCH, INTENT, SIGNED] {
        let answer = scene.cek.send_bytes(body.as_bytes()).await;
        assert_eq!(spoken(&answer), RELINK, "{body}");
    }
    for body in [SESSION_ENDED, EVENT, EVENT_FROM_STORE] {
        assert_silent(&scene.cek.send_bytes(body.as_bytes()).await);
    }
}
