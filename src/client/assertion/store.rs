//! Which assertions were used, known to all nodes.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use super::Proven;

/// How long one is remembered beyond its end: for nodes whose clocks are behind the cleaner's.
const KEPT: TimeDelta = TimeDelta::minutes(5);

/// Uses an assertion up. Whether nobody did before: of any number at once, on any nodes, one does.
pub async fn use_up(
    db: impl PgExecutor<'_>,
    client_id: &str,
    assertion: &Proven,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into client_assertion (client_id, jti_hash, expires_at) values ($1, $2, $3)
         on conflict do nothing",
        client_id,
        assertion.jti_hash.as_slice(),
        assertion.expires_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets assertions that have expired everywhere, a thousand at most.
pub async fn delete_expired(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from client_assertion where (client_id, jti_hash) in (
             select client_id, jti_hash from client_assertion where expires_at < $1
             limit 1000 for update skip locked)",
        now - KEPT,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
