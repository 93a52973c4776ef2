//! What operations ask the database.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

/// Whether the database answers.
pub async fn ping(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("select 1 as one").fetch_one(db).await?;
    Ok(())
}

/// Deletes sessions that expired before then, of people and admins.
pub async fn delete_expired_sessions(
    db: impl PgExecutor<'_> + Copy,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let people = sqlx::query!("delete from session where expires_at < $1", before)
        .execute(db)
        .await?;
    let admins = sqlx::query!("delete from admin_session where expires_at < $1", before)
        .execute(db)
        .await?;
    Ok(people.rows_affected() + admins.rows_affected())
}

/// Deletes events older than that, a thousand at most.
pub async fn delete_old_events(
    db: impl PgExecutor<'_>,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from event where event_id in (select event_id from event where happened_at < $1 limit 1000)",
        before,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
