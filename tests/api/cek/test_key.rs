//! The key of a simulation, which is taken beside the client's own one for a while.

use sqlx::PgPool;

use super::{Scene, assert_not_admitted, spoken};
use crate::harness::{
    Answer,
    cek::{CEK_JSON, Cek, SigningKey, launch},
    minutes, seconds,
};

const GREETING: &str = "김하늘님, 12점이에요.";

/// Sends a turn that this key signed.
async fn send(cek: &Cek, token: &str, key: &SigningKey) -> Answer {
    let body = launch(Some(token)).to_string();
    let signature = key.sign(body.as_bytes());
    let signed = ("SignatureCEK", signature.as_str());
    cek.post(body.as_bytes(), &[CEK_JSON, signed]).await
}

impl Scene {
    /// Has a key taken for the client for five minutes.
    async fn put_beside(&self, key: &SigningKey) {
        let insert = "insert into cek_test_key (cek_test_key_id, client_id, public_key, expires_at)
                      values (gen_random_uuid(), $1, $2, $3)";
        let until = self.app.now() + minutes(5);
        let insert = sqlx::query(insert).bind(self.client.id());
        let insert = insert.bind(key.public_pem()).bind(until);
        insert.execute(&self.app.db).await.unwrap();
        self.app.clock.advance(seconds(1));
    }
}

#[sqlx::test]
async fn a_test_key_works_beside_the_clients_own_until_it_expires(db: PgPool) {
    let scene = Scene::new(db).await;
    let key = SigningKey::generate();
    assert_not_admitted(&send(&scene.cek, scene.token(), &key).await);
    scene.put_beside(&key).await;
    assert_eq!(
        spoken(&send(&scene.cek, scene.token(), &key).await),
        GREETING
    );
    assert_eq!(
        spoken(&scene.cek.send(&launch(Some(scene.token()))).await),
        GREETING
    );
    let stranger = SigningKey::generate();
    assert_not_admitted(&send(&scene.cek, scene.token(), &stranger).await);

    scene.app.clock.advance(minutes(5) - seconds(2));
    assert_eq!(
        spoken(&send(&scene.cek, scene.token(), &key).await),
        GREETING
    );
    scene.app.clock.advance(seconds(1));
    assert_not_admitted(&send(&scene.cek, scene.token(), &key).await);
    assert_eq!(
        spoken(&scene.cek.send(&launch(Some(scene.token()))).await),
        GREETING
    );
    scene.app.clean().await;
    assert_eq!(scene.app.count("cek_test_key", "true").await, 0);
}

#[sqlx::test]
async fn a_test_key_that_was_taken_away_signs_nothing_any_more(db: PgPool) {
    let scene = Scene::new(db).await;
    let key = SigningKey::generate();
    scene.put_beside(&key).await;
    assert_eq!(
        spoken(&send(&scene.cek, scene.token(), &key).await),
        GREETING
    );
    scene.app.change_schema("delete from cek_test_key").await;
    assert_not_admitted(&send(&scene.cek, scene.token(), &key).await);
}

#[sqlx::test]
async fn a_test_key_is_taken_for_its_client_alone(db: PgPool) {
    let scene = Scene::new(db).await;
    let key = SigningKey::generate();
    scene.put_beside(&key).await;
    let other = scene.app.client().await;
    let platform = scene.app.platform(&other);
    let tokens = super::link(&scene.app, &platform, &scene.person, &[]).await;
    let there = Cek::new(&scene.app.url, &other.id());
    assert_not_admitted(&send(&there, &tokens.access, &key).await);
}
