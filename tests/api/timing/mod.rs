//! What a stranger could learn from how long an answer takes (AUTH-03 and CLI-11 in the abuse cases):
//! told by statistics, because on a busy machine no single measurement means anything.
//!
//! Over HTTP this sees a hash of a few milliseconds (a tenth of the real one) that one kind skips, or a
//! round trip to the database. It can't see a few microseconds, and nobody can over a network: whether
//! a secret is compared in constant time is looked at without HTTP, many times in one measurement.

mod comparison;

use std::{hint::black_box, sync::Arc};

use chrono::DateTime;
use linkgate::{
    account::password::{Cost, Hasher},
    client::authenticate::{Credentials, check},
    foundation::{
        random::SystemRandom,
        secret::{ClientSecretKind, Hashed},
    },
    protocol::client_auth::Presented,
    web::state::PublicUrl,
};
use sqlx::PgPool;

use self::comparison::{ALL_ROUNDS, assert_alike};
use crate::harness::{PASSWORD, Stage, TestApp, basic, draft};

const SETTINGS: [(&str, &str); 1] = [("LINKGATE_RATE_LIMITS", "off")];
/// A hash of a few milliseconds: enough to be seen, and cheap enough to be made often.
const COST: Cost = Cost {
    memory: 8192,
    passes: 2,
    lanes: 1,
};

/// As many accounts as there are attempts, so that none of them fails twice.
async fn people(app: &TestApp, kind: &str, disabled: bool) {
    let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
    let hash = hasher.hash(PASSWORD.into()).await.unwrap();
    let disabled = if disabled { "now()" } else { "null" };
    app.change(&format!(
        "insert into account (account_id, email, email_key, name, password_hash, disabled_at, created_at, updated_at)
         select gen_random_uuid(), e, e, 'Person', '{hash}', {disabled}, now(), now()
         from (select '{kind}' || n || '@example.com' from generate_series(0, {ALL_ROUNDS}) n) t (e)"
    ))
    .await;
}

#[sqlx::test]
async fn auth_03_a_login_takes_as_long_whoever_is_tried(db: PgPool) {
    let app = TestApp::spawn_hashing(db, &SETTINGS, COST).await;
    people(&app, "known", false).await;
    people(&app, "blocked", true).await;
    let browser = app.browser();
    let form = browser.get("/login").await.form("/login");
    let kinds = ["known", "blocked", "unknown"];
    assert_alike(&kinds, async |kind, round| {
        let email = format!("{}{round}@example.com", kinds[kind]);
        let form = form.clone().with("email", &email);
        let answer = browser.submit(&form.with("password", "wrong horse")).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    })
    .await;
}

#[sqlx::test]
async fn cli_11_a_refusal_takes_as_long_whichever_client_is_tried(db: PgPool) {
    let stage = Stage::on(TestApp::spawn_with(db, &SETTINGS).await, draft()).await;
    let disabled = stage.app.client().await;
    stage.app.disable_client(&disabled).await;
    let right = disabled.secret.clone().unwrap();
    let wrong = format!("lg_cs_{}", "A".repeat(43));
    let kinds = ["a wrong secret", "an unknown client", "a disabled client"];
    let headers = [
        basic(&stage.client.id(), &wrong),
        basic("custom-aaaaaaaaaa", &wrong),
        basic(&disabled.id(), &right),
    ];
    assert_alike(&kinds, async |kind, _| {
        let headers = [("authorization", headers[kind].as_str())];
        let body = "grant_type=refresh_token&refresh_token=x";
        let answer = stage.platform.post_raw(body, &headers).await;
        answer.assert_refused(401, "invalid_client");
    })
    .await;
}

#[tokio::test]
async fn cli_11_a_secret_is_compared_as_long_wherever_it_is_wrong() {
    let presented = Hashed::<ClientSecretKind>::of("lg_cs_what somebody tried");
    let wrong_at = |at: usize| {
        let mut stored = *presented.as_bytes();
        stored[at] ^= 1;
        stored
    };
    let stored = [wrong_at(31), wrong_at(15), wrong_at(0)];
    let kinds = ["the last byte", "one in the middle", "the first byte"];
    assert_alike(&kinds, async |kind, _| {
        for _ in 0..2000 {
            assert!(!black_box(presented).matches(black_box(&stored[kind])));
        }
    })
    .await;
}

#[tokio::test]
async fn cli_11_an_unknown_clients_secret_is_hashed_all_the_same() {
    // So long that hashing it is most of the work, as an attacker would make it.
    let presented = Presented::Basic {
        client_id: "custom-aaaaaaaaaa".to_owned(),
        secret: "x".repeat(64 * 1024).into(),
    };
    let known = Credentials {
        confidential: true,
        disabled: false,
        secret_hashes: vec![vec![0; 32]],
        jwks: None,
    };
    let credentials = [Some(&known), None];
    let url = PublicUrl::new(&"https://link.example.com".parse().unwrap());
    let now = DateTime::UNIX_EPOCH;
    let kinds = ["a wrong secret", "an unknown client"];
    assert_alike(&kinds, async |kind, _| {
        for _ in 0..4 {
            let refused = check(black_box(&presented), credentials[kind], &url, now);
            assert!(refused.is_err());
        }
    })
    .await;
}
