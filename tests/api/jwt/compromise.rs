//! Giving up a key that signs: what it signed is worth nothing, nor what a thief signs with it.

use std::time::Duration;

use linkgate::foundation::keys::KeyKind;
use serde_json::json;
use sqlx::PgPool;

use super::{ALGORITHMS, forged, parts, with};
use crate::harness::{Stage, seconds, tokens};

const SIGNING: [KeyKind; 3] = [
    KeyKind::SigningEs256,
    KeyKind::SigningEddsa,
    KeyKind::SigningRs256,
];

#[sqlx::test]
async fn a_compromised_key_that_signs_kills_its_jwts_on_every_node_and_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let node = stage.app.second_node().await;
    let second = node.platform(&stage.client);
    for (algorithm, kind) in ALGORITHMS.into_iter().zip(SIGNING) {
        stage.app.use_jwts(&stage.client, algorithm).await;
        let link = stage.link().await;
        // A node asks for a key it does not know at most once a second.
        stage.app.clock.advance(seconds(2));
        let stolen = stage.app.signing_key(kind);
        let (header, claims) = parts(&link.access);
        let thiefs = forged(&header, &with(&claims, "jti", json!("another")), &stolen);
        for token in [&link.access, &thiefs] {
            assert_eq!(second.resolve(token).await.status, 200, "{kind:?}");
        }
        stage.app.replace(kind).await;
        for token in [&link.access, &thiefs] {
            assert_eq!(stage.platform.resolve(token).await.status, 401, "{kind:?}");
            assert_eq!(
                stage.platform.introspect(token).await.json()["active"],
                false
            );
        }
        while second.resolve(&thiefs).await.status == 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for node in [&stage.app, &node] {
            let published = node.published_keys().await;
            assert!(published.iter().all(|key| key["kid"] != header["kid"]));
        }
        let next = tokens(&second.refresh_with(&link.refresh, &[]).await);
        assert!(stage.resolves(&next).await);
        assert_eq!(second.resolve(&next.access).await.status, 200);
        assert!(stage.app.verified_claims(&next.access).await.is_some());
    }
}
