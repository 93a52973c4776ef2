//! Devices that were not known, at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::foundation::ids::AccountId;

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
