//! The keys that platforms publish.

use linkgate::cek::platform_key::{Unfetched, keep_once};
use sqlx::PgPool;

use super::{Scene, assert_not_admitted, spoken};
use crate::harness::{
    cek::{SigningKey, launch},
    days, minutes,
};

const CLOVA: &str = "https://clova.ai/.well-known/signature-public-key.pem";

/// What a platform's address has.
#[derive(Clone)]
enum Published {
    Key(String),
    Nothing,
}

impl Scene {
    /// One round of fetching; how often it fetched.
    async fn fetch(&self, published: &Published) -> usize {
        let fetched = std::cell::Cell::new(0);
        let kept = keep_once(self.app.state(), |url| {
            assert_eq!(url, CLOVA);
            fetched.set(fetched.get() + 1);
            let published = published.clone();
            async move {
                match published {
                    Published::Key(pem) => Ok(pem),
                    Published::Nothing => Err(Unfetched::TooLarge),
                }
            }
        });
        kept.await.unwrap();
        fetched.get()
    }

    async fn use_the_published_key(&self) {
        self.change(|client| {
            client.settings.cek.public_key = None;
            client.settings.cek.fetch_key = true;
        })
        .await;
    }
}

#[sqlx::test]
async fn the_published_key_is_fetched_once_an_hour_and_kept_when_that_fails(db: PgPool) {
    let scene = Scene::new(db).await;
    let platforms = Published::Key(SigningKey::of_the_platform().public_pem());
    assert_eq!(scene.fetch(&platforms).await, 0, "nobody wants it");
    scene.use_the_published_key().await;
    let turn = launch(Some(scene.token()));
    assert_not_admitted(&scene.cek.send(&turn).await);

    assert_eq!(scene.fetch(&Published::Nothing).await, 1);
    assert_eq!(scene.fetch(&platforms).await, 0, "not again at once");
    scene.app.clock.advance(minutes(10));
    assert_not_admitted(&scene.cek.send(&turn).await);
    assert_eq!(scene.fetch(&platforms).await, 1);
    scene.app.clock.advance(minutes(1));
    assert_eq!(
        spoken(&scene.cek.send(&turn).await),
        "김하늘님, 12점이에요."
    );

    assert_eq!(scene.fetch(&platforms).await, 0);
    scene.app.clock.advance(minutes(58));
    assert_eq!(scene.fetch(&platforms).await, 0);
    scene.app.clock.advance(minutes(1));
    let tokens = scene.link_again().await;
    let turn = launch(Some(&tokens.access));
    assert_eq!(scene.fetch(&Published::Nothing).await, 1);
    assert_eq!(
        spoken(&scene.cek.send(&turn).await),
        "김하늘님, 12점이에요."
    );
    let node = scene.app.second_node().await;
    let there = crate::harness::cek::Cek::new(&node.url, &scene.client.id());
    assert_eq!(spoken(&there.send(&turn).await), "김하늘님, 12점이에요.");

    scene.app.clock.advance(minutes(10));
    let other = Published::Key(SigningKey::generate().public_pem());
    assert_eq!(scene.fetch(&other).await, 1);
    assert_not_admitted(&scene.cek.send(&turn).await);
}

#[sqlx::test]
async fn of_any_number_of_nodes_one_fetches(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.use_the_published_key().await;
    let key = Published::Key(SigningKey::of_the_platform().public_pem());
    let (one, two) = tokio::join!(scene.fetch(&key), scene.fetch(&key));
    assert_eq!(one + two, 1);
}

#[sqlx::test]
async fn a_pasted_key_counts_alone(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.use_the_published_key().await;
    let key = Published::Key(SigningKey::of_the_platform().public_pem());
    scene.fetch(&key).await;
    scene
        .change(|client| {
            client.settings.cek.public_key = Some(SigningKey::generate().public_pem());
        })
        .await;
    assert_not_admitted(&scene.cek.send(&launch(Some(scene.token()))).await);
    scene.app.clock.advance(days(2));
    assert_eq!(scene.fetch(&key).await, 0);
}
