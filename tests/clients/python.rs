//! Clients from the Python Package Index.

use sqlx::PgPool;

use crate::{libraries::Language::Python, story::plays};

#[sqlx::test]
async fn authlib_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Python, "authlib_session.py").await;
}

#[sqlx::test]
async fn requests_oauthlib_links_refreshes_and_revokes(db: PgPool) {
    plays(db, Python, "requests_oauthlib_session.py").await;
}
