//! The keys that platforms publish, at rest.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

/// What is known of the key that a platform publishes.
#[derive(Debug, Clone)]
pub struct PlatformKey {
    /// When the one in use was fetched.
    pub fetched_at: Option<DateTime<Utc>>,
    /// When somebody tried last.
    pub tried_at: DateTime<Utc>,
    /// Why that failed; empty if it did not.
    pub failure: String,
}

/// The presets whose published key some client uses.
pub async fn list_presets_to_fetch(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select distinct preset from client
         where cek_fetch_key and cek_public_key is null and disabled_at is null order by preset"
    )
    .fetch_all(db)
    .await
}

/// Takes on fetching a key, if it is due and no other node did. Whether it is ours to do.
pub async fn claim_fetch(
    db: impl PgExecutor<'_>,
    preset: &str,
    (again, retry): (TimeDelta, TimeDelta),
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into platform_key (preset, tried_at) values ($1, $2)
         on conflict (preset) do update set tried_at = $2
         where platform_key.tried_at <= case
             when platform_key.fetched_at is not null and platform_key.failure = '' then $3::timestamptz else $4::timestamptz end",
        preset,
        now,
        now - again,
        now - retry,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps a key that was fetched. Whether it is another one than before.
pub async fn keep_fetched(
    db: impl PgExecutor<'_>,
    preset: &str,
    public_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"update platform_key k set public_key = $2, fetched_at = $3, failure = ''
           from (select public_key from platform_key where preset = $1) before
           where k.preset = $1
           returning before.public_key is distinct from $2 as "changed!""#,
        preset,
        public_key,
        now,
    )
    .fetch_one(db)
    .await
}

/// Notes why a key could not be fetched; the one of before stays.
pub async fn keep_failure(
    db: impl PgExecutor<'_>,
    preset: &str,
    failure: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update platform_key set failure = $2 where preset = $1",
        preset,
        failure,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What is known of a platform's key, if it was ever tried.
pub async fn find_platform_key(
    db: impl PgExecutor<'_>,
    preset: &str,
) -> sqlx::Result<Option<PlatformKey>> {
    sqlx::query_as!(
        PlatformKey,
        "select fetched_at, tried_at, failure from platform_key where preset = $1",
        preset,
    )
    .fetch_optional(db)
    .await
}
