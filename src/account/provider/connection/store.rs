//! Connections at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::{Connection, Dependants};
use crate::{
    account::provider::{Kind, Names},
    foundation::{
        ids::{AccountId, ConnectionId, ProviderId},
        secret::{Hashed, SessionKind},
    },
};

struct Row {
    connection_id: ConnectionId,
    provider_id: ProviderId,
    kind: String,
    name_ko: String,
    name_en: String,
    name_ja: String,
    enabled: bool,
    email: Option<String>,
    connected_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Row {
    fn connection(self) -> Option<Connection> {
        Some(Connection {
            id: self.connection_id,
            provider: self.provider_id,
            kind: Kind::parse(&self.kind)?,
            names: Names {
                ko: self.name_ko,
                en: self.name_en,
                ja: self.name_ja,
            },
            enabled: self.enabled,
            email: self.email,
            connected_at: self.connected_at,
            last_used_at: self.last_used_at,
        })
    }
}

/// The connections of an account, the oldest first.
pub async fn list_connections(
    db: impl PgExecutor<'_>,
    account: AccountId,
) -> sqlx::Result<Vec<Connection>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select c.connection_id as "connection_id: ConnectionId", c.provider_id as "provider_id: ProviderId",
                  p.kind, p.name_ko, p.name_en, p.name_ja, p.enabled, c.email, c.connected_at, c.last_used_at
           from connected_sign_in c join provider p using (provider_id)
           where c.account_id = $1 order by c.connected_at, c.connection_id"#,
        account.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(Row::connection).collect())
}

/// How many people a provider's deletion would concern.
pub async fn count_dependants(
    db: impl PgExecutor<'_>,
    provider: &ProviderId,
) -> sqlx::Result<Dependants> {
    sqlx::query_as!(
        Dependants,
        r#"select count(*) as "connected!",
                  count(*) filter (where a.password_hash is null and not exists (
                      select from connected_sign_in o
                      where o.account_id = c.account_id and o.provider_id <> c.provider_id)
                      and not exists (select from passkey k where k.account_id = c.account_id)) as "only_so!"
           from connected_sign_in c join account a using (account_id)
           where c.provider_id = $1"#,
        provider.as_str(),
    )
    .fetch_one(db)
    .await
}

/// Whom a provider's person is here.
#[derive(Debug, Clone)]
pub struct Known {
    /// The connection.
    pub id: ConnectionId,
    /// Their account.
    pub account_id: AccountId,
    /// Whether anybody may sign in to that.
    pub account_enabled: bool,
}

/// Whom a provider's person is here.
pub async fn find_connection(
    db: impl PgExecutor<'_>,
    provider: &ProviderId,
    subject: &str,
) -> sqlx::Result<Option<Known>> {
    sqlx::query_as!(
        Known,
        r#"select c.connection_id as "id: ConnectionId", c.account_id as "account_id: AccountId",
                  a.disabled_at is null as "account_enabled!"
           from connected_sign_in c join account a using (account_id)
           where c.provider_id = $1 and c.subject = $2"#,
        provider.as_str(),
        subject,
    )
    .fetch_optional(db)
    .await
}

/// Notes that somebody signed in with it, and the address that was told.
pub async fn note_use(
    db: impl PgExecutor<'_>,
    id: ConnectionId,
    email: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update connected_sign_in set last_used_at = $2, email = $3 where connection_id = $1",
        id.0,
        now,
        email,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A new connection.
pub struct NewConnection<'a> {
    /// Its id.
    pub id: ConnectionId,
    /// To which provider.
    pub provider: &'a ProviderId,
    /// What that one calls the person.
    pub subject: &'a str,
    /// Their account here.
    pub account: AccountId,
    /// Their address there.
    pub email: Option<&'a str>,
}

/// Connects somebody. Whether it did: they may be connected already, to this account or another one.
pub async fn insert_connection(
    db: impl PgExecutor<'_>,
    new: &NewConnection<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into connected_sign_in (connection_id, provider_id, subject, account_id, email, connected_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (provider_id, subject) do nothing",
        new.id.0,
        new.provider.as_str(),
        new.subject,
        new.account.0,
        new.email,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a login by a connection, unless that, its provider or the account is gone or switched off.
/// Whether it did. It waits for who is doing that, as above.
pub(in crate::account) async fn insert_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<SessionKind>,
    (account, connection): (AccountId, ConnectionId),
    user_agent: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into session (session_hash, account_id, user_agent, created_at, last_seen_at, expires_at)
         select $1, a.account_id, $6, $3, $3, $4
         from account a join connected_sign_in c using (account_id) join provider p using (provider_id)
         where a.account_id = $2 and c.connection_id = $5 and a.disabled_at is null and p.enabled
         for share of a, c, p",
        hash.as_bytes().as_slice(),
        account.0,
        now,
        expires_at,
        connection.0,
        user_agent,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Disconnects one of an account's.
pub async fn delete_connection(
    db: impl PgExecutor<'_>,
    account: AccountId,
    id: ConnectionId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from connected_sign_in where connection_id = $1 and account_id = $2",
        id.0,
        account.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether an account has a password.
pub async fn has_password(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<bool> {
    let has = sqlx::query_scalar!(
        r#"select password_hash is not null as "has!" from account where account_id = $1"#,
        account.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(has.unwrap_or(false))
}
