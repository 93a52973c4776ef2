//! Providers at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::{Kind, Names, Provider};
use crate::foundation::{
    ids::{ProviderId, RoundTripId},
    keys::SealedSecret,
};

struct Row {
    provider_id: ProviderId,
    kind: String,
    issuer: Option<String>,
    name_ko: String,
    name_en: String,
    name_ja: String,
    client_id: String,
    client_secret: Vec<u8>,
    asks_email: bool,
    enabled: bool,
    position: i32,
    created_at: DateTime<Utc>,
}

impl Row {
    /// `None` for a kind that a later version knew.
    fn provider(self) -> Option<Provider> {
        Some(Provider {
            kind: Kind::parse(&self.kind)?,
            id: self.provider_id,
            issuer: self.issuer,
            names: Names {
                ko: self.name_ko,
                en: self.name_en,
                ja: self.name_ja,
            },
            client_id: self.client_id,
            client_secret: SealedSecret::stored(self.client_secret),
            asks_email: self.asks_email,
            enabled: self.enabled,
            position: self.position,
            created_at: self.created_at,
        })
    }
}

macro_rules! select_providers {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select provider_id as "provider_id: ProviderId", kind, issuer, name_ko, name_en, name_ja,
                      client_id, client_secret, asks_email, enabled, position, created_at
               from provider "# + $rest
            $(, $argument)*
        )
    };
}

/// Every provider, in the order in which they stand on the pages.
pub async fn list_providers(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Provider>> {
    let rows = select_providers!("order by position, created_at, provider_id");
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.filter_map(Row::provider).collect())
}

/// The provider of that id.
pub async fn find_provider(
    db: impl PgExecutor<'_>,
    id: &ProviderId,
) -> sqlx::Result<Option<Provider>> {
    let row = select_providers!("where provider_id = $1", id.as_str());
    Ok(row.fetch_optional(db).await?.and_then(Row::provider))
}

/// The same, which nobody else changes until the transaction ends.
pub async fn lock_provider(
    db: impl PgExecutor<'_>,
    id: &ProviderId,
) -> sqlx::Result<Option<Provider>> {
    let row = select_providers!("where provider_id = $1 for update", id.as_str());
    Ok(row.fetch_optional(db).await?.and_then(Row::provider))
}

/// Stores a new one. Whether it did: there may be one of that id.
pub async fn insert_provider(db: impl PgExecutor<'_>, provider: &Provider) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into provider (provider_id, kind, issuer, name_ko, name_en, name_ja, client_id,
             client_secret, asks_email, enabled, position, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
         on conflict (provider_id) do nothing",
        provider.id.as_str(),
        provider.kind.as_str(),
        provider.issuer,
        provider.names.ko,
        provider.names.en,
        provider.names.ja,
        provider.client_id,
        provider.client_secret.as_bytes(),
        provider.asks_email,
        provider.enabled,
        provider.position,
        provider.created_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a changed one: all but its id, its kind and its issuer, which stay.
pub async fn update_provider(
    db: impl PgExecutor<'_>,
    provider: &Provider,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update provider set name_ko = $2, name_en = $3, name_ja = $4, client_id = $5,
             client_secret = $6, asks_email = $7, enabled = $8, position = $9, updated_at = $10
         where provider_id = $1",
        provider.id.as_str(),
        provider.names.ko,
        provider.names.en,
        provider.names.ja,
        provider.client_id,
        provider.client_secret.as_bytes(),
        provider.asks_email,
        provider.enabled,
        provider.position,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes one with everybody's connections to it. Whether there was one.
pub async fn delete_provider(db: impl PgExecutor<'_>, id: &ProviderId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from provider where provider_id = $1", id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a way back was used. Whether it was good until now.
pub(super) async fn use_round_trip(
    db: impl PgExecutor<'_>,
    id: RoundTripId,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into used_round_trip (round_trip_id, expires_at) values ($1, $2)
         on conflict (round_trip_id) do nothing",
        id.0,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets ways back whose time is over anyway, a thousand at most.
pub async fn delete_used_round_trips(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from used_round_trip where round_trip_id in (
             select round_trip_id from used_round_trip where expires_at < $1
             limit 1000 for update skip locked)",
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
