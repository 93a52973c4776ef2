//! The service at rest: one row.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Branding;

/// Reads the service.
pub async fn find_branding(db: impl PgExecutor<'_>) -> sqlx::Result<Branding> {
    sqlx::query_as!(
        Branding,
        "select name, privacy_url, privacy_text, link_mails, updated_at, privacy_changed_at from service"
    )
    .fetch_one(db)
    .await
}

/// Reads the service, which nobody else changes until the transaction ends.
pub async fn lock_branding(db: impl PgExecutor<'_>) -> sqlx::Result<Branding> {
    sqlx::query_as!(
        Branding,
        "select name, privacy_url, privacy_text, link_mails, updated_at, privacy_changed_at from service for update"
    )
    .fetch_one(db)
    .await
}

/// Stores a changed service. Have it locked since it was read.
pub async fn update_branding(
    db: impl PgExecutor<'_>,
    branding: &Branding,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update service set name = $1, privacy_url = $2, privacy_text = $3, link_mails = $5, updated_at = $4,
             privacy_changed_at = case when privacy_url is distinct from $2 or privacy_text <> $3
                 then $4 else privacy_changed_at end",
        branding.name,
        branding.privacy_url,
        branding.privacy_text,
        now,
        branding.link_mails,
    )
    .execute(db)
    .await?;
    Ok(())
}
