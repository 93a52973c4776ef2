//! What people see and change of their own accounts, at rest.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    foundation::{
        ids::{AccountId, LinkId},
        secret::{Hashed, SessionKind},
    },
    link::{EndReason, store::EndedLink},
};

/// The most sessions that are listed.
const MOST_SESSIONS: i64 = 100;

/// A session of one's own.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// What it is found by.
    pub hash: Vec<u8>,
    /// What the browser said of itself at login.
    pub user_agent: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// The live sessions of an account, the one that was used last first; those that were not used since
/// `idle_since` are over.
pub async fn list_sessions(
    db: impl PgExecutor<'_>,
    account: AccountId,
    idle_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<OwnSession>> {
    sqlx::query_as!(
        OwnSession,
        "select session_hash as hash, user_agent, created_at, last_seen_at from session
         where account_id = $1 and expires_at > $2 and last_seen_at > $3
         order by last_seen_at desc, created_at desc limit $4",
        account.0,
        now,
        idle_since,
        MOST_SESSIONS,
    )
    .fetch_all(db)
    .await
}

/// Ends the session of that account whose hash begins so. Whether there was one.
pub async fn end_session(
    db: impl PgExecutor<'_>,
    account: AccountId,
    hash_begins: &[u8],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from session where account_id = $1 and substr(session_hash, 1, length($2::bytea)) = $2::bytea",
        account.0,
        hash_begins,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// When a session began; `None` where it is over.
pub async fn session_began_at(
    db: impl PgExecutor<'_>,
    session: &Hashed<SessionKind>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select created_at from session where session_hash = $1",
        session.as_bytes().as_slice(),
    )
    .fetch_optional(db)
    .await
}

/// Has the account deleted then, unless it will be already. Whether this call did it.
pub async fn ask_deletion(
    db: impl PgExecutor<'_>,
    account: AccountId,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update account set delete_at = $2 where account_id = $1 and delete_at is null",
        account.0,
        at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps an account that was to be deleted. Whether it was.
pub async fn call_off_deletion(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update account set delete_at = null where account_id = $1 and delete_at is not null",
        account.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An account whose time has come.
#[derive(Debug)]
pub struct Due {
    /// Which one.
    pub account_id: AccountId,
    /// Where its person is told.
    pub email: String,
    /// In which language.
    pub locale: String,
}

/// The accounts whose time has come, a thousand at most, which nobody else touches until the
/// transaction ends.
pub async fn lock_due(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as!(
        Due,
        r#"select account_id as "account_id: AccountId", email, locale from account where delete_at <= $1
           order by delete_at limit 1000 for update skip locked"#,
        now,
    )
    .fetch_all(db)
    .await
}

/// Ends every living link of those accounts.
pub async fn end_links_of(
    db: impl PgExecutor<'_>,
    accounts: &[AccountId],
    reason: EndReason,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    let ids: Vec<_> = accounts.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $3, end_reason = $2
           where link_id in (
               select link_id from link where account_id = any($1) and state <> 'ended'
               order by link_id for no key update)
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: _""#,
        &ids,
        reason as EndReason,
        now,
    )
    .fetch_all(db)
    .await
}

/// Deletes accounts with everything that is theirs.
pub async fn delete_accounts(db: impl PgExecutor<'_>, accounts: &[AccountId]) -> sqlx::Result<()> {
    let ids: Vec<_> = accounts.iter().map(|id| id.0).collect();
    sqlx::query!(
        "with gone as (delete from account where account_id = any($1) returning email_key)
         delete from invitation i using gone where i.email_key = gone.email_key",
        &ids
    )
    .execute(db)
    .await?;
    Ok(())
}
