//! How operators name an account: by its id, its e-mail address, or `ext:` and its external id.

use sqlx::PgExecutor;

use super::{Account, store};
use crate::foundation::ids::AccountId;

/// The account of that name.
pub async fn find(db: impl PgExecutor<'_>, who: &str) -> sqlx::Result<Option<Account>> {
    if let Some(external_id) = who.strip_prefix("ext:") {
        store::find_account_by_external_id(db, external_id).await
    } else if let Ok(id) = who.parse::<AccountId>() {
        store::find_account(db, id).await
    } else {
        store::find_account_by_email(db, who).await
    }
}
