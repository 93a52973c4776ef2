//! Admins' sessions at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::{
    admin::{Admin, AdminRole},
    foundation::{
        ids::AdminId,
        secret::{AdminSessionKind, Hashed},
    },
};

/// Stores a sign-in.
pub async fn insert_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
    id: AdminId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into admin_session (session_hash, admin_id, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $3, $4)",
        hash.as_bytes().as_slice(),
        id.0,
        now,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The enabled admin a live session belongs to, and when the session was last seen.
pub async fn find_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> sqlx::Result<Option<(Admin, DateTime<Utc>)>> {
    let row = sqlx::query!(
        r#"select a.admin_id as "admin_id: AdminId", a.email, a.role as "role: AdminRole", a.disabled_at,
                  a.created_at, s.last_seen_at
           from admin_session s join admin a using (admin_id)
           where s.session_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and a.disabled_at is null"#,
        hash.as_bytes().as_slice(),
        now,
        seen_after,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let admin = Admin {
            id: row.admin_id,
            email: row.email,
            role: row.role,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        };
        (admin, row.last_seen_at)
    }))
}

/// Notes that a session is in use.
pub async fn touch_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update admin_session set last_seen_at = $2 where session_hash = $1",
        hash.as_bytes().as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one session.
pub async fn delete_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from admin_session where session_hash = $1",
        hash.as_bytes().as_slice()
    )
    .execute(db)
    .await?;
    Ok(())
}
