//! Passkeys at rest.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

use super::StoredPasskey;
use crate::{
    factor::{Owner, store::delete_idle_recovery_codes},
    foundation::ids::{AccountId, AdminId},
};

/// The most passkeys of one owner.
const MOST: i64 = 20;

/// A passkey as its owner sees it.
#[derive(Debug, Clone)]
pub struct ListedPasskey {
    /// The row.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last led in.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An owner's passkeys, the oldest first.
pub async fn list_passkeys(
    db: impl PgExecutor<'_>,
    owner: Owner,
) -> sqlx::Result<Vec<ListedPasskey>> {
    sqlx::query_as!(
        ListedPasskey,
        "select passkey_id as id, name, created_at, last_used_at from passkey
         where owner_id = $1 order by created_at, passkey_id",
        owner.id(),
    )
    .fetch_all(db)
    .await
}

/// What browsers name an owner's passkeys by.
pub(super) async fn list_credential_ids(
    db: impl PgExecutor<'_>,
    owner: Owner,
) -> sqlx::Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!(
        "select credential_id from passkey where owner_id = $1 order by created_at",
        owner.id()
    )
    .fetch_all(db)
    .await
}

/// The passkey that a browser names. Whether its owner may sign in is looked at when the session is stored.
pub(super) async fn find_passkey(
    db: impl PgExecutor<'_>,
    credential_id: &[u8],
) -> sqlx::Result<Option<StoredPasskey>> {
    let row = sqlx::query!(
        r#"select passkey_id, account_id as "account_id: AccountId", admin_id as "admin_id: AdminId", credential
           from passkey where credential_id = $1"#,
        credential_id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| {
        let owner = match (row.account_id, row.admin_id) {
            (Some(id), _) => Owner::Account(id),
            (None, id) => Owner::Admin(id?),
        };
        Some(StoredPasskey {
            id: row.passkey_id,
            owner,
            credential: row.credential,
        })
    }))
}

/// Stores what a passkey is after it was used. Whether nobody else used it meanwhile in a way that counts.
pub(super) async fn use_passkey(
    db: impl PgExecutor<'_>,
    before: &StoredPasskey,
    after: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update passkey set credential = $3, last_used_at = $4 where passkey_id = $1 and credential = $2",
        before.id,
        before.credential,
        after,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets nobody else add or remove one of the owner's until the transaction ends. Whether the owner exists.
pub async fn lock_owner(db: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    let found = match owner {
        Owner::Account(id) => {
            sqlx::query_scalar!(
                "select account_id from account where account_id = $1 for no key update",
                id.0
            )
            .fetch_optional(db)
            .await?
        }
        Owner::Admin(id) => {
            sqlx::query_scalar!(
                "select admin_id from admin where admin_id = $1 for no key update",
                id.0
            )
            .fetch_optional(db)
            .await?
        }
    };
    Ok(found.is_some())
}

/// Whether the owner has that passkey.
pub async fn has_passkey(db: impl PgExecutor<'_>, owner: Owner, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from passkey where owner_id = $1 and passkey_id = $2) as "has!""#,
        owner.id(),
        id,
    )
    .fetch_one(db)
    .await
}

/// Stores a new passkey. Whether it could be: nobody has it yet, and the owner, who is locked, has not too
/// many.
pub(in crate::factor) async fn insert_passkey(
    db: &mut PgConnection,
    (owner, id): (Owner, Uuid),
    passkey: &Passkey,
    name: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let credential =
        serde_json::to_value(passkey).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let done = sqlx::query!(
        "insert into passkey (passkey_id, account_id, admin_id, credential_id, credential, name, created_at)
         select $1, $2::uuid, $3::uuid, $4, $5, $6, $7
         where (select count(*) from passkey where owner_id = coalesce($2::uuid, $3::uuid)) < $8::bigint
         on conflict (credential_id) do nothing",
        id,
        owner.account(),
        owner.admin(),
        passkey.cred_id().as_slice(),
        credential,
        name,
        now,
        MOST,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a passkey another name. Whether there was one.
pub async fn rename_passkey(
    db: impl PgExecutor<'_>,
    owner: Owner,
    id: Uuid,
    name: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update passkey set name = $3 where owner_id = $1 and passkey_id = $2",
        owner.id(),
        id,
        name,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a passkey, and the recovery codes where nothing is left that they stand in for. Whether there
/// was one.
pub async fn delete_passkey(db: &mut PgConnection, owner: Owner, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from passkey where owner_id = $1 and passkey_id = $2",
        owner.id(),
        id
    )
    .execute(&mut *db)
    .await?;
    delete_idle_recovery_codes(db, owner).await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a challenge was answered. Whether it was the first time.
pub(in crate::factor) async fn answer_challenge(
    db: impl PgExecutor<'_>,
    id: Uuid,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into answered_challenge (challenge_id, expires_at) values ($1, $2) on conflict do nothing",
        id,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
