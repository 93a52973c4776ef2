//! Accounts and sessions at rest.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::{Account, email_key, entry::Entrant};
use crate::foundation::{
    ids::AccountId,
    secret::{Hashed, SessionKind},
};

struct Row {
    account_id: AccountId,
    external_id: Option<String>,
    email: String,
    name: String,
    locale: String,
    attributes: Json<Map<String, Value>>,
    disabled_at: Option<DateTime<Utc>>,
    delete_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.account_id,
            external_id: row.external_id,
            email: row.email,
            name: row.name,
            locale: row.locale,
            attributes: row.attributes.0,
            disabled_at: row.disabled_at,
            delete_at: row.delete_at,
            created_at: row.created_at,
        }
    }
}

macro_rules! select_accounts {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select account_id as "account_id: AccountId", external_id, email, name, locale,
                      attributes as "attributes: Json<Map<String, Value>>", disabled_at, delete_at,
                      created_at
               from account "# + $rest
            $(, $argument)*
        )
    };
}

/// The account of that id.
pub async fn find_account(db: impl PgExecutor<'_>, id: AccountId) -> sqlx::Result<Option<Account>> {
    Ok(select_accounts!("where account_id = $1", id.0)
        .fetch_optional(db)
        .await?
        .map(Account::from))
}

/// The account of that id, which nobody else changes until the transaction ends.
pub async fn lock_account(db: &mut PgConnection, id: AccountId) -> sqlx::Result<Option<Account>> {
    Ok(
        select_accounts!("where account_id = $1 for no key update", id.0)
            .fetch_optional(db)
            .await?
            .map(Account::from),
    )
}

/// The account of that e-mail address, in any case.
pub async fn find_account_by_email(
    db: impl PgExecutor<'_>,
    email: &str,
) -> sqlx::Result<Option<Account>> {
    Ok(select_accounts!("where email_key = $1", email_key(email))
        .fetch_optional(db)
        .await?
        .map(Account::from))
}

/// The account of that external id.
pub async fn find_account_by_external_id(
    db: impl PgExecutor<'_>,
    id: &str,
) -> sqlx::Result<Option<Account>> {
    Ok(select_accounts!("where external_id = $1", id)
        .fetch_optional(db)
        .await?
        .map(Account::from))
}

/// Accounts whose e-mail address, name or external id contains the text, the newest first; all of
/// them where it is empty. At most `limit` after skipping `offset`.
pub async fn search_accounts(
    db: impl PgExecutor<'_>,
    text: &str,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<Account>> {
    let pattern = format!(
        "%{}%",
        text.replace('\\', r"\\")
            .replace('%', r"\%")
            .replace('_', r"\_")
    );
    let rows = select_accounts!(
        "where email ilike $1 or name ilike $1 or external_id ilike $1
         order by created_at desc, account_id limit $2 offset $3",
        pattern,
        limit,
        offset
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(Account::from)
        .collect())
}

/// The id and password hash to check a login against; `None` for an unknown address. A disabled
/// account has no hash to log in with.
pub async fn find_login(
    db: impl PgExecutor<'_>,
    email: &str,
) -> sqlx::Result<Option<(AccountId, Option<String>)>> {
    let row = sqlx::query!(
        r#"select account_id as "account_id: AccountId",
                  case when disabled_at is null then password_hash end as password_hash
           from account where email_key = $1"#,
        email_key(email),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.account_id, row.password_hash)))
}

/// The password hash of an account that is not disabled, if it has one.
pub async fn find_password_hash(
    db: impl PgExecutor<'_>,
    id: AccountId,
) -> sqlx::Result<Option<String>> {
    let hash = sqlx::query_scalar!(
        "select password_hash from account where account_id = $1 and disabled_at is null",
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(hash.flatten())
}

/// Stores a new account. Uniqueness is the database's: see [`Taken`].
pub async fn insert_account(
    db: impl PgExecutor<'_>,
    account: &Account,
    password_hash: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into account (account_id, external_id, email, email_key, name, locale, attributes,
             password_hash, disabled_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        account.id.0,
        account.external_id,
        account.email,
        email_key(&account.email),
        account.name,
        account.locale,
        Json(&account.attributes) as _,
        password_hash,
        account.disabled_at,
        account.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores a changed account, all but whether it is disabled. Have it locked since it was read.
pub async fn update_account(
    db: impl PgExecutor<'_>,
    account: &Account,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account set external_id = $2, email = $3, email_key = $4, name = $5, locale = $6,
             attributes = $7, updated_at = $8
         where account_id = $1",
        account.id.0,
        account.external_id,
        account.email,
        email_key(&account.email),
        account.name,
        account.locale,
        Json(&account.attributes) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Disables an account since then, or enables it. See [`super::switch::switch`], which ends its
/// sessions, too.
pub(super) async fn set_disabled(
    db: impl PgExecutor<'_>,
    id: AccountId,
    disabled_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account set disabled_at = $2, updated_at = $3 where account_id = $1",
        id.0,
        disabled_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Which unique value another account already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Taken {
    /// The e-mail address.
    #[error("another account already has this e-mail address")]
    Email,
    /// The external id.
    #[error("another account already has this external id")]
    ExternalId,
}

impl Taken {
    /// Reads it from a failed write.
    pub fn from_error(error: &sqlx::Error) -> Option<Self> {
        match error.as_database_error()?.constraint()? {
            "account_email_key" => Some(Self::Email),
            "account_external_id_key" => Some(Self::ExternalId),
            _ => None,
        }
    }
}

/// Replaces the password hash.
pub async fn set_password_hash(
    db: impl PgExecutor<'_>,
    id: AccountId,
    hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account set password_hash = $2 where account_id = $1",
        id.0,
        hash
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a stronger hash of the same password in the place of `old`; nothing where the password was
/// changed meanwhile, or the old one would come back.
pub async fn upgrade_password_hash(
    db: impl PgExecutor<'_>,
    id: AccountId,
    old: &str,
    new: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account set password_hash = $3 where account_id = $1 and password_hash = $2",
        id.0,
        old,
        new
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes an account with its sessions and links. Whether there was one.
pub async fn delete_account(db: impl PgExecutor<'_>, id: AccountId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from account where account_id = $1", id.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a login, unless the account was disabled, or what proved whose it is does so no longer: it was
/// given another password since. Whether it did. It waits for who is doing that, or their ending of all sessions would
/// miss this one.
pub async fn insert_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<SessionKind>,
    entrant: &Entrant,
    user_agent: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into session (session_hash, account_id, user_agent, created_at, last_seen_at, expires_at)
         select $1, account_id, $6, $3, $3, $4 from account
         where account_id = $2 and disabled_at is null and ($5::text is null or password_hash = $5) for share",
        hash.as_bytes().as_slice(),
        entrant.id.0,
        now,
        expires_at,
        entrant.proof.password_hash(),
        user_agent,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A session that may have ended, and whose it is.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// What it is found by.
    pub hash: Vec<u8>,
    /// Who logged in, disabled or not.
    pub account: Account,
    /// When it was used last.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends whatever happens.
    pub expires_at: DateTime<Utc>,
}

/// The sessions of those hashes, each known one once.
pub async fn find_sessions(
    db: impl PgExecutor<'_>,
    hashes: &[Hashed<SessionKind>],
) -> sqlx::Result<Vec<SessionRecord>> {
    let hashes: Vec<_> = hashes.iter().map(|hash| hash.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        r#"select a.account_id as "account_id: AccountId", a.external_id, a.email, a.name, a.locale,
                  a.attributes as "attributes: Json<Map<String, Value>>", a.disabled_at, a.delete_at,
                  a.created_at, s.session_hash, s.last_seen_at, s.expires_at
           from session s join account a using (account_id)
           where s.session_hash = any($1)"#,
        &hashes,
    )
    .fetch_all(db)
    .await?;
    let records = rows.into_iter().map(|row| SessionRecord {
        hash: row.session_hash,
        account: Account {
            id: row.account_id,
            external_id: row.external_id,
            email: row.email,
            name: row.name,
            locale: row.locale,
            attributes: row.attributes.0,
            disabled_at: row.disabled_at,
            delete_at: row.delete_at,
            created_at: row.created_at,
        },
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    });
    Ok(records.collect())
}

/// Notes that a session is in use.
pub async fn touch_session(
    db: impl PgExecutor<'_>,
    hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update session set last_seen_at = $2 where session_hash = $1",
        hash,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one session.
pub async fn delete_session(
    db: impl PgExecutor<'_>,
    hash: &Hashed<SessionKind>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from session where session_hash = $1",
        hash.as_bytes().as_slice()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends all sessions of an account.
pub async fn delete_sessions_of(db: impl PgExecutor<'_>, id: AccountId) -> sqlx::Result<()> {
    sqlx::query!("delete from session where account_id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}
