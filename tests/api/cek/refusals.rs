//! What is not let in.

use aws_lc_rs::signature::{RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{RELINK, Scene, assert_not_admitted, spoken};
use crate::harness::cek::{CEK_JSON, Cek, EXTENSION, SigningKey, USER, event, home, launch, turn};

const SIGNATURE: &str = "SignatureCEK";

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}

#[sqlx::test]
async fn cek_02_a_signature_comes_once_and_is_whole(db: PgPool) {
    let scene = Scene::new(db).await;
    let body = launch(Some(scene.token())).to_string();
    let good = SigningKey::of_the_platform().sign(body.as_bytes());
    let url_safe = good.replace('+', "-").replace('/', "_");
    let (head, tail) = good.split_at(good.len() / 2);
    let post = async |headers: &[(&str, &str)]| {
        let headers = [&[CEK_JSON], headers].concat();
        scene.cek.post(body.as_bytes(), &headers).await
    };
    for wrong in [
        "",
        " ",
        "x",
        "====",
        "null",
        good.trim_end_matches('='),
        &format!("{good}="),
        &format!("{head} {tail}"),
        &format!("{good},{good}"),
        &format!("\"{good}\""),
        &format!("{url_safe}-_"),
        head,
        &"A".repeat(5000),
    ] {
        assert_not_admitted(&post(&[(SIGNATURE, wrong)]).await);
    }
    assert_not_admitted(&post(&[]).await);
    assert_not_admitted(&post(&[(SIGNATURE, &good), (SIGNATURE, &good)]).await);
    assert_not_admitted(&post(&[(SIGNATURE, "x"), (SIGNATURE, &good)]).await);
    assert_not_admitted(&post(&[("SignatureCEK2", &good)]).await);
    assert_eq!(scene.traces().await, [0, 0, 0]);
    // Names of headers know no case.
    assert_eq!(post(&[("signaturecek", &good)]).await.status, 200);
}

#[sqlx::test]
async fn cek_02_forged_requests_are_refused_without_asking_the_database(db: PgPool) {
    let scene = Scene::new(db).await;
    let body = launch(Some(scene.token())).to_string();
    let other = SigningKey::generate().sign(body.as_bytes());
    let forged = async || {
        let headers = [CEK_JSON, (SIGNATURE, other.as_str())];
        scene.cek.post(body.as_bytes(), &headers).await
    };
    assert_not_admitted(&forged().await);
    scene
        .app
        .change_schema("alter table client rename to away")
        .await;
    for _ in 0..3 {
        assert_not_admitted(&forged().await);
        assert_not_admitted(&scene.cek.send_unsigned(&launch(Some(scene.token()))).await);
    }
    let unknown = Cek::new(&scene.app.url, "clova-nobody");
    assert_eq!(unknown.send(&launch(None)).await.status, 404);
    scene
        .app
        .change_schema("alter table away rename to client")
        .await;
    let metrics = format!("{}/metrics", scene.app.ops_url);
    let metrics = scene.app.browser().get(&metrics).await.body;
    assert!(
        metrics.contains("\nlinkgate_cek_refused_total 7\n"),
        "{metrics}"
    );
}

#[sqlx::test]
async fn cek_04_another_key_padding_or_hash_is_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    let body = launch(Some(scene.token())).to_string();
    let body = body.as_bytes();
    let platform = SigningKey::of_the_platform();
    for signature in [
        SigningKey::generate().sign(body),
        platform.sign_as(&RSA_PSS_SHA256, body),
        platform.sign_as(&RSA_PKCS1_SHA512, body),
    ] {
        let headers = [CEK_JSON, (SIGNATURE, signature.as_str())];
        assert_not_admitted(&scene.cek.post(body, &headers).await);
    }
    let known = data!("line-launch.json").as_bytes();
    for (key, signature, status) in [
        (
            data!("exponent-3-public-key.pem"),
            data!("exponent-3.signature"),
            200,
        ),
        (
            data!("exponent-3-public-key.pem"),
            data!("exponent-3-forged.signature"),
            403,
        ),
        (
            data!("exponent-3-public-key.pem"),
            data!("exponent-3-sha-1.signature"),
            403,
        ),
        (
            data!("rsa-1024-public-key.pem"),
            data!("rsa-1024.signature"),
            403,
        ),
    ] {
        scene
            .change(|client| {
                client.settings.cek.public_key = Some(key.to_owned());
                client.settings.extension_id = Some("com.line.myApplication".to_owned());
            })
            .await;
        let answer = scene
            .cek
            .post(known, &[CEK_JSON, (SIGNATURE, signature)])
            .await;
        assert_eq!(answer.status, status, "{signature}");
    }
}

#[sqlx::test]
async fn cek_05_a_request_for_another_extension_is_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    let named = |id: Value| {
        let mut message = launch(Some(scene.token()));
        message["context"]["System"]["application"]["applicationId"] = id;
        message
    };
    for other in [
        json!("com.example.other"),
        json!("com.example.Bot"),
        json!("com.example.bot "),
        json!(""),
        json!(7),
        json!({}),
        json!([EXTENSION]),
    ] {
        assert_not_admitted(&scene.cek.send(&named(other)).await);
    }
    assert_eq!(scene.cek.send(&named(json!(EXTENSION))).await.status, 200);
    // Real requests lack it, and their documents say that they don't.
    assert_eq!(scene.cek.send(&named(json!(null))).await.status, 200);
    let mut without = launch(Some(scene.token()));
    without["context"]["System"]["application"] = json!(null);
    assert_eq!(scene.cek.send(&without).await.status, 200);

    scene
        .change(|client| client.settings.extension_id = None)
        .await;
    assert_not_admitted(&scene.cek.send(&named(json!(EXTENSION))).await);
    assert_eq!(scene.cek.send(&without).await.status, 200);
}

#[sqlx::test]
async fn unsigned_turns_are_taken_where_an_admin_allows_it_and_forged_ones_nowhere(db: PgPool) {
    let scene = Scene::new(db).await;
    let turn = launch(Some(scene.token()));
    assert_not_admitted(&scene.cek.send_unsigned(&turn).await);
    scene
        .change(|client| client.settings.cek.take_unsigned = true)
        .await;
    assert_eq!(
        spoken(&scene.cek.send_unsigned(&turn).await),
        "김하늘님, 12점이에요."
    );
    assert_eq!(
        spoken(&scene.cek.send_unsigned(&launch(None)).await),
        RELINK
    );
    let home = scene.cek.send_unsigned(&home(Some(scene.token()))).await;
    assert_eq!(home.status, 200);

    let body = turn.to_string();
    for wrong in ["", "x", &SigningKey::generate().sign(body.as_bytes())] {
        let headers = [CEK_JSON, (SIGNATURE, wrong)];
        assert_not_admitted(&scene.cek.post(body.as_bytes(), &headers).await);
    }
    let now = scene.app.now().to_rfc3339();
    for event in [
        event("SkillDisabled", USER, &now),
        event("SkillEnabled", USER, &now),
    ] {
        assert_not_admitted(&scene.cek.send_unsigned(&event).await);
    }
    let mut other = turn.clone();
    other["context"]["System"]["application"]["applicationId"] = json!("com.example.other");
    assert_not_admitted(&scene.cek.send_unsigned(&other).await);
    assert_eq!(scene.traces().await, [0, 0, 0]);

    scene
        .change(|client| client.settings.cek.take_unsigned = false)
        .await;
    assert_not_admitted(&scene.cek.send_unsigned(&turn).await);
}

#[sqlx::test]
async fn without_a_key_every_request_is_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    let turn = launch(Some(scene.token()));
    assert_eq!(scene.cek.send(&turn).await.status, 200);
    // What memory believes is looked up again before anything of an account is told.
    let without = |client: &mut linkgate::client::Client| client.settings.cek.public_key = None;
    scene.app.change_client(&scene.client, without).await;
    assert_not_admitted(&scene.cek.send(&turn).await);
}

#[sqlx::test]
async fn what_is_no_request_of_cek_is_told_so_without_a_fault(db: PgPool) {
    let scene = Scene::new(db).await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"request":{"type":"Other"}}"#,
        "\u{0}",
    ] {
        let answer = scene.cek.send_bytes(body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.error()),
            (400, "invalid_request".to_owned()),
            "{body}"
        );
    }
    let huge = launch(Some(&"x".repeat(64 * 1024)));
    assert_eq!(scene.cek.send(&huge).await.status, 413);
    let long = launch(Some(&"x".repeat(9000)));
    assert_eq!(spoken(&scene.cek.send(&long).await), RELINK);
    let odd = turn(None, &json!({ "type": "IntentRequest", "intent": "x" }));
    assert_eq!(spoken(&scene.cek.send(&odd).await), RELINK);
    let path = format!("/cek/{}", scene.client.id());
    let answer = scene.platform.send("GET", &path, "", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    for path in ["/cek/%00", "/cek/%ED%95%9C", "/cek/clova-nobody"] {
        assert_eq!(
            scene.platform.send("POST", path, "{}", &[]).await.status,
            404
        );
    }
}

#[sqlx::test]
async fn a_first_look_that_failed_is_taken_again_a_second_later(db: PgPool) {
    let scene = Scene::new(db).await;
    let turn = launch(Some(scene.token()));
    let app = &scene.app;
    app.change_schema("alter table client rename to away").await;
    assert_eq!(scene.cek.send(&turn).await.status, 503);
    app.change_schema("alter table away rename to client").await;
    assert_eq!(
        scene.cek.send(&turn).await.status,
        503,
        "not with each request"
    );
    app.clock.advance(crate::harness::seconds(1));
    assert_eq!(scene.cek.send(&turn).await.status, 200);
}
