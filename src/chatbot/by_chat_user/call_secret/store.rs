//! Call secrets at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::foundation::{
    ids::ClientId,
    secret::{CallSecretKind, Hashed},
};

/// Stores a client's call secret in the place of the one before.
pub(super) async fn save(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    hash: &Hashed<CallSecretKind>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into chatbot_call_secret (client_id, secret_hash, made_at) values ($1, $2, $3)
         on conflict (client_id) do update set secret_hash = excluded.secret_hash, made_at = excluded.made_at",
        client.as_str(),
        hash.as_bytes().as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Nobody asks that way any more. Whether anybody could.
pub async fn remove(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from chatbot_call_secret where client_id = $1",
        client.as_str()
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When the client's was made, if it has one.
pub async fn find_made_at(
    db: impl PgExecutor<'_>,
    client: &ClientId,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select made_at from chatbot_call_secret where client_id = $1",
        client.as_str()
    )
    .fetch_optional(db)
    .await
}
