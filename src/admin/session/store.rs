//! Admins' sessions at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::SignedIn;
use crate::{
    admin::{Admin, AdminRole},
    foundation::{
        ids::AdminId,
        secret::{AdminSessionKind, Hashed},
    },
};

/// Stores a sign-in, unless the admin was disabled or given another password since that hash was
/// checked. Whether it did. It waits for who is doing that, or their ending of all sessions would
/// miss this one.
pub async fn insert_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
    admin: &SignedIn,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into admin_session (session_hash, admin_id, created_at, last_seen_at, expires_at)
         select $1, admin_id, $3, $3, $4 from admin
         where admin_id = $2 and password_hash = $5 and disabled_at is null for share",
        hash.as_bytes().as_slice(),
        admin.id.0,
        now,
        expires_at,
        admin.password_hash,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A live session.
#[derive(Debug)]
pub(super) struct Found {
    /// The enabled admin it belongs to.
    pub(super) admin: Admin,
    /// Whether they have a second factor.
    pub(super) has_factor: bool,
    /// When it was last seen.
    pub(super) last_seen_at: DateTime<Utc>,
}

/// The live session of that hash, of an enabled admin.
pub(super) async fn find_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<AdminSessionKind>,
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> sqlx::Result<Option<Found>> {
    let row = sqlx::query!(
        r#"select a.admin_id as "admin_id: AdminId", a.email, a.role as "role: AdminRole", a.disabled_at,
                  a.created_at, s.last_seen_at,
                  exists (select from totp where owner_id = a.admin_id)
                      or exists (select from passkey where owner_id = a.admin_id) as "has_factor!"
           from admin_session s join admin a using (admin_id)
           where s.session_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and a.disabled_at is null"#,
        hash.as_bytes().as_slice(),
        now,
        seen_after,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Found {
        admin: Admin {
            id: row.admin_id,
            email: row.email,
            role: row.role,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        },
        has_factor: row.has_factor,
        last_seen_at: row.last_seen_at,
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
