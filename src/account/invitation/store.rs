//! Invitations at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{KEPT, NewInvitation, Standing};
use crate::account::email_key;

/// Stores one, or begins its time anew unless that was a moment ago. Gives its name where it did.
pub(super) async fn upsert_invitation(
    db: impl PgExecutor<'_>,
    new: &NewInvitation<'_>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
    moment_ago: DateTime<Utc>,
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "insert into invitation (invitation_id, email_key, email, language, invited_at, expires_at, invited_by)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (email_key) do update set email = excluded.email, language = excluded.language,
             invited_at = excluded.invited_at, expires_at = excluded.expires_at,
             invited_by = excluded.invited_by, used_at = null
         where invitation.invited_at <= $8 or invitation.used_at is not null or invitation.expires_at <= $5
         returning invitation_id",
        new.id,
        email_key(new.recipient.email),
        new.recipient.email,
        new.recipient.language,
        now,
        expires_at,
        new.by.map(|id| id.0),
        moment_ago,
    )
    .fetch_optional(db)
    .await
}

/// Takes one back that was not used. Whether there was one.
pub async fn withdraw_invitation(db: impl PgExecutor<'_>, email: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from invitation where email_key = $1 and used_at is null",
        email_key(email)
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that one was used, if there is one.
pub async fn note_used(
    db: impl PgExecutor<'_>,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update invitation set used_at = $2 where email_key = $1 and used_at is null",
        email_key(email),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether an address has one that is good.
pub async fn is_invited(
    db: impl PgExecutor<'_>,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from invitation where email_key = $1 and expires_at > $2 and used_at is null) as "is!""#,
        email_key(email),
        now,
    )
    .fetch_one(db)
    .await
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Names it.
    pub id: Uuid,
    /// The address.
    pub email: String,
    /// The language of its mail.
    pub language: String,
    /// Since when.
    pub invited_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When somebody signed up with it.
    pub used_at: Option<DateTime<Utc>>,
    /// The e-mail address of the admin who invited.
    pub invited_by: Option<String>,
}

impl Invitation {
    /// What became of it.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.used_at {
            Some(_) => Standing::Used,
            None if self.expires_at > now => Standing::Open,
            None => Standing::Expired,
        }
    }
}

macro_rules! select_invitations {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Invitation,
            r#"select i.invitation_id as id, i.email, i.language, i.invited_at, i.expires_at, i.used_at,
                      a.email as "invited_by?"
               from invitation i left join admin a on a.admin_id = i.invited_by "# + $rest
            $(, $argument)*
        )
    };
}

/// Those that can be used, the newest first.
pub async fn list_open(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Invitation>> {
    let rows = select_invitations!(
        "where i.expires_at > $1 and i.used_at is null order by i.invited_at desc, i.email_key limit 1000",
        now
    );
    rows.fetch_all(db).await
}

/// All there are, the newest first; at most `limit` after skipping `offset`.
pub async fn list_invitations(
    db: impl PgExecutor<'_>,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<Invitation>> {
    let rows = select_invitations!(
        "order by i.invited_at desc, i.email_key limit $1 offset $2",
        limit,
        offset
    );
    rows.fetch_all(db).await
}

/// The one of that name.
pub async fn find_invitation(
    db: impl PgExecutor<'_>,
    id: Uuid,
) -> sqlx::Result<Option<Invitation>> {
    let rows = select_invitations!("where i.invitation_id = $1", id);
    rows.fetch_optional(db).await
}

/// Deletes the ones that were used or over some time ago.
pub async fn delete_old(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from invitation where email_key in (
             select email_key from invitation where expires_at < $1 or used_at < $1 limit 1000
             for update skip locked)",
        now - KEPT,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
