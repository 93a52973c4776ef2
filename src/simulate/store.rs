//! What the simulation puts beside a client, and what it left behind.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    foundation::ids::{ClientId, LinkId},
    link::code::CodeHash,
};

/// The link a code led to, redeemed or not.
pub async fn find_link_of_code(
    db: impl PgExecutor<'_>,
    code: CodeHash,
) -> sqlx::Result<Option<LinkId>> {
    sqlx::query_scalar!(
        r#"select link_id as "link_id: LinkId" from link where code_hash = $1"#,
        code.0.as_slice()
    )
    .fetch_optional(db)
    .await
}

/// Has servers take what a key signs, beside what they take anyway, until then.
pub async fn insert_test_key(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    (id, public_key): (Uuid, &str),
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into cek_test_key (cek_test_key_id, client_id, public_key, expires_at) values ($1, $2, $3, $4)",
        id,
        client.as_str(),
        public_key,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a key away again.
pub async fn delete_test_key(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from cek_test_key where cek_test_key_id = $1", id)
        .execute(db)
        .await?;
    Ok(())
}
