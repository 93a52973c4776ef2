//! Devices that were not known, and the ways into an account, at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    foundation::{
        ids::{AccountId, ConnectionId},
        secret::{Hashed, SessionKind},
    },
    web::state::AppState,
};

/// A way in that is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// A sign-in with a provider.
    Connection(ConnectionId),
    /// A passkey.
    Passkey(Uuid),
}

impl Without {
    const fn connection(self) -> Option<Uuid> {
        match self {
            Self::Connection(id) => Some(id.0),
            Self::Passkey(_) => None,
        }
    }

    const fn passkey(self) -> Option<Uuid> {
        match self {
            Self::Connection(_) => None,
            Self::Passkey(id) => Some(id),
        }
    }
}

/// Whether somebody can still log in to an account without that: by a password, a provider that is switched
/// on, or a passkey. Have the account locked, so that two at once don't take the last two.
pub async fn stays_open(
    db: impl PgExecutor<'_>,
    id: AccountId,
    without: Without,
    state: &AppState,
) -> sqlx::Result<bool> {
    let open = sqlx::query_scalar!(
        r#"select a.password_hash is not null
               or exists (select from connected_sign_in c join provider p using (provider_id)
                          where c.account_id = a.account_id and p.enabled and c.connection_id is distinct from $2)
               or $4 and exists (select from passkey k
                                 where k.account_id = a.account_id and k.passkey_id is distinct from $3) as "open!"
           from account a where a.account_id = $1"#,
        id.0,
        without.connection(),
        without.passkey(),
        state.relying_party.is_some(),
    )
    .fetch_optional(db)
    .await?;
    Ok(open.unwrap_or(false))
}

/// Stores a login by a passkey, unless that is gone, or the account is gone or disabled. Whether it did. It
/// waits for who is doing that, or their ending of all sessions would miss this one.
pub(in crate::account) async fn insert_session_by_passkey(
    db: impl PgExecutor<'_>,
    hash: &Hashed<SessionKind>,
    (account, passkey): (AccountId, Uuid),
    user_agent: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into session (session_hash, account_id, user_agent, created_at, last_seen_at, expires_at)
         select $1, a.account_id, $6, $3, $3, $4 from account a join passkey k using (account_id)
         where a.account_id = $2 and k.passkey_id = $5 and a.disabled_at is null for share of a, k",
        hash.as_bytes().as_slice(),
        account.0,
        now,
        expires_at,
        passkey,
        user_agent,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose device was seen for the first time.
#[derive(Debug)]
pub(super) struct Notified {
    /// Where they can be told.
    pub(super) email: String,
    /// In which language.
    pub(super) locale: String,
}

/// Notes a login on a device that was not known; gives whom to tell, unless it is the first one of all.
pub(super) async fn note_login(
    db: impl PgExecutor<'_>,
    id: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Notified>> {
    let row = sqlx::query!(
        r#"with before as (select new_device_at as at from account where account_id = $1)
           update account set new_device_at = $2 from before where account_id = $1
           returning email, locale, before.at as "at?""#,
        id.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.filter(|row| row.at.is_some()).map(|row| Notified {
        email: row.email,
        locale: row.locale,
    }))
}
