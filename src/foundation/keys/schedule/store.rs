//! The lives of keys, at rest.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use super::KeyLife;
use crate::foundation::keys::{KeyId, KeyKind};

/// All keys, without their secrets.
pub async fn list_lives(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<KeyLife>> {
    sqlx::query_as!(
        KeyLife,
        r#"select key_id as id, kind as "kind: KeyKind", created_at, usable_from, compromised_at, links_checked_at
           from key"#
    )
    .fetch_all(db)
    .await
}

/// Deletes keys; listening nodes hear of it at commit.
pub(super) async fn delete_keys(db: &mut PgConnection, ids: &[KeyId]) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!("delete from key where key_id = any($1)", ids)
        .execute(&mut *db)
        .await?;
    sqlx::query!("select pg_notify('linkgate_keys', '')")
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that the keys of a kind are compromised; which.
pub(super) async fn mark_compromised(
    db: impl PgExecutor<'_>,
    kind: KeyKind,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<KeyId>> {
    sqlx::query_scalar!(
        "update key set compromised_at = $2, links_checked_at = null
         where kind = $1 and compromised_at is null returning key_id",
        kind as KeyKind,
        now,
    )
    .fetch_all(db)
    .await
}

/// Notes that a key is checked now, unless it was since `before`. Whether this call noted it.
pub(super) async fn claim_check(
    db: impl PgExecutor<'_>,
    id: KeyId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update key set links_checked_at = $2
         where key_id = $1 and (links_checked_at is null or links_checked_at <= $3)",
        id,
        now,
        before,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
