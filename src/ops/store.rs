//! What operations ask the database.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::client::TokenAlgorithm;

/// Whether the database answers.
pub async fn ping(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("select 1 as one").fetch_one(db).await?;
    Ok(())
}

/// What the JWTs of some client are signed with.
pub async fn list_token_algorithms(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<TokenAlgorithm>> {
    sqlx::query_scalar!(
        r#"select distinct token_algorithm as "algorithm: TokenAlgorithm" from client where token_format = 'jwt'"#
    )
    .fetch_all(db)
    .await
}

/// Deletes sessions that expired before then, of people and admins, a thousand of each at most.
pub async fn delete_expired_sessions(
    db: impl PgExecutor<'_> + Copy,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let people = sqlx::query!(
        "delete from session where session_hash in (
             select session_hash from session where expires_at < $1 limit 1000 for update skip locked)",
        before
    )
    .execute(db)
    .await?;
    let admins = sqlx::query!(
        "delete from admin_session where session_hash in (
             select session_hash from admin_session where expires_at < $1 limit 1000 for update skip locked)",
        before
    )
    .execute(db)
    .await?;
    Ok(people.rows_affected().max(admins.rows_affected()))
}

/// Deletes events older than that, a thousand at most: of the oldest ones, found by their ids,
/// because an index by time would have to be written with every event.
pub async fn delete_old_events(
    db: impl PgExecutor<'_>,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from event where event_id in (
             select event_id from (select event_id, happened_at from event order by event_id limit 1000) oldest
             where happened_at < $1)",
        before,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
