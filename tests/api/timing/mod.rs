//! What a stranger could learn from how long an answer takes (AUTH-03 and CLI-11 in the abuse cases):
//! told by statistics, because on a busy machine no single measurement means anything.
//!
//! Over HTTP this sees a hash that one kind of login skips, and a round trip to the database that one
//! kind of client costs more. Half of that is taken for something smaller: to read the row of a client
//! that exists takes some microseconds, which are lost in any network, and which clients exist is no
//! secret. Whether a secret is compared in constant time is looked at without HTTP, many times in one
//! measurement.

mod addresses;
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
/// A hash of a millisecond: enough to be seen, and cheap enough to be made often.
const COST: Cost = Cost {
    memory: 1024,
    passes: 2,
    lanes: 1,
};

/// As many accounts as there are attempts, so that none of them fails twice.
async fn people(app: &TestApp, hasher: &Hasher, kind: &str, disabled: bool) {
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
    let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
    people(&app, &hasher, "known", false).await;
    people(&app, &hasher, "blocked", true).await;
    let browser = app.browser();
    let form = browser.get("/login").await.form("/login");
    let kinds = ["known", "blocked", "unknown"];
    let hash = async || drop(hasher.hash(PASSWORD.into()).await.unwrap());
    assert_alike(&kinds, hash, async |kind, round| {
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
    let round_trip = async || {
        let db = &stage.app.state().db;
        sqlx::query("select 1").execute(db).await.unwrap();
    };
    assert_alike(&kinds, round_trip, async |kind, _| {
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
    // A comparison that stopped at the first difference would save most of them.
    let an_eighth = async || {
        for _ in 0..2000 / 8 {
            assert!(!black_box(presented).matches(black_box(&stored[0])));
        }
    };
    assert_alike(&kinds, an_eighth, async |kind, _| {
        for _ in 0..2000 {
            assert!(!black_box(presented).matches(black_box(&stored[kind])));
        }
    })
    .await;
}

#[tokio::test]
async fn cli_11_an_unknown_clients_secret_is_hashed_all_the_same() {
    // So long that hashing it is most of the work, as an attacker would make it.
    let secret = "x".repeat(64 * 1024);
    let presented = Presented::Basic {
        client_id: "custom-aaaaaaaaaa".to_owned(),
        secret: secret.as_str().into(),
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
    let hash = async || {
        black_box(Hashed::<ClientSecretKind>::of(black_box(&secret)));
    };
    assert_alike(&kinds, hash, async |kind, _| {
        for _ in 0..4 {
            let refused = check(black_box(&presented), credentials[kind], &url, now);
            assert!(refused.is_err());
        }
    })
    .await;
}
