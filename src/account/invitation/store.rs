//! Invitations at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::account::email_key;

/// Stores one, or begins its time anew.
pub(super) async fn upsert_invitation(
    db: impl PgExecutor<'_>,
    email: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into invitation (email_key, email, invited_at, expires_at) values ($1, $2, $3, $4)
         on conflict (email_key) do update set email = excluded.email, invited_at = excluded.invited_at,
             expires_at = excluded.expires_at",
        email_key(email),
        email,
        now,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes one back, or notes that it was used. Whether there was one.
pub async fn delete_invitation(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from invitation where email_key = $1",
        email_key(email)
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an address has one that is good.
pub async fn is_invited(
    db: impl PgExecutor<'_>,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from invitation where email_key = $1 and expires_at > $2) as "is!""#,
        email_key(email),
        now,
    )
    .fetch_one(db)
    .await
}

/// One that is good.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The address.
    pub email: String,
    /// Since when.
    pub invited_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// The ones that are good, the newest first.
pub async fn list_invitations(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Invitation>> {
    sqlx::query_as!(
        Invitation,
        "select email, invited_at, expires_at from invitation where expires_at > $1
         order by invited_at desc, email_key limit 1000",
        now,
    )
    .fetch_all(db)
    .await
}

/// Deletes the ones that are over.
pub async fn delete_expired(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from invitation where email_key in (
             select email_key from invitation where expires_at < $1 limit 1000 for update skip locked)",
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
