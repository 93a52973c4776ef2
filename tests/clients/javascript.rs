//! Clients from npm.

use sqlx::PgPool;

use crate::{libraries::Language::Node, story::plays};

#[sqlx::test]
async fn oauth4webapi_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Node, "oauth4webapi.mjs").await;
}

#[sqlx::test]
async fn openid_client_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Node, "openid-client.mjs").await;
}

#[sqlx::test]
async fn simple_oauth2_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Node, "simple-oauth2.mjs").await;
}

#[sqlx::test]
async fn passport_oauth2_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Node, "passport-oauth2.mjs").await;
}
