//! Client secrets at rest, as hashes.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::uses::Use;
use crate::foundation::{
    ids::ClientId,
    secret::{ClientSecretKind, Hashed},
};

/// One secret of a client, without the secret.
#[derive(Debug, Clone)]
pub struct SecretRecord {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working, if a newer one replaces it.
    pub expires_at: Option<DateTime<Utc>>,
    /// When a client last proved itself with it, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The secrets that work now, the newest first; without one that a simulation put beside them for
/// a moment, which replaced none.
pub async fn list_live_secrets(
    db: impl PgExecutor<'_>,
    id: &ClientId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<SecretRecord>> {
    sqlx::query_as!(
        SecretRecord,
        "select created_at, expires_at, last_used_at from client_secret
         where client_id = $1 and (expires_at is null or (expires_at > $2 and created_at < (
             select max(created_at) from client_secret where client_id = $1 and expires_at is null)))
         order by created_at desc",
        id.as_str(),
        now,
    )
    .fetch_all(db)
    .await
}

/// Puts a new secret beside the newest one, which works until `old_until`; all older ones go.
pub async fn replace_secret(
    db: &mut PgConnection,
    id: &ClientId,
    secret: (Uuid, &Hashed<ClientSecretKind>),
    old_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from client_secret where client_id = $1 and (expires_at is not null or $2::timestamptz <= $3::timestamptz)",
        id.as_str(),
        old_until,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update client_secret set expires_at = $2 where client_id = $1",
        id.as_str(),
        old_until
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into client_secret (client_secret_id, client_id, secret_hash, created_at) values ($1, $2, $3, $4)",
        secret.0,
        id.as_str(),
        secret.1.as_bytes().as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a secret beside the others that works only until then; it replaces none.
pub async fn insert_temporary_secret(
    db: impl PgExecutor<'_>,
    id: &ClientId,
    secret: (Uuid, &Hashed<ClientSecretKind>),
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into client_secret (client_secret_id, client_id, secret_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        secret.0,
        id.as_str(),
        secret.1.as_bytes().as_slice(),
        now,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes one secret.
pub async fn delete_secret(db: impl PgExecutor<'_>, secret: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from client_secret where client_secret_id = $1",
        secret
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes when secrets were last used: never an earlier time than is known. One that is being changed
/// by somebody else is left for its next use.
pub async fn note_uses(db: impl PgExecutor<'_>, uses: &[Use]) -> sqlx::Result<()> {
    let clients: Vec<_> = uses.iter().map(|used| used.client_id.clone()).collect();
    let hashes: Vec<_> = uses.iter().map(|used| used.hash.to_vec()).collect();
    let times: Vec<_> = uses.iter().map(|used| used.at).collect();
    sqlx::query!(
        "update client_secret set last_used_at = due.at
         from (select s.client_secret_id, used.at
               from unnest($1::text[], $2::bytea[], $3::timestamptz[]) as used (client_id, secret_hash, at)
               join client_secret s on s.client_id = used.client_id and s.secret_hash = used.secret_hash
               where s.last_used_at is null or s.last_used_at < used.at
               for no key update of s skip locked) due
         where client_secret.client_secret_id = due.client_secret_id",
        &clients,
        &hashes,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}
