//! Disabling an account and enabling it again: the same for the console and the command line.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Account, store};
use crate::foundation::ids::AccountId;

/// The account as it is now, and whether it was different before.
pub struct Switched {
    /// The account.
    pub account: Account,
    /// Unset where it was as asked already.
    pub changed: bool,
}

/// Disables or enables an account; `None` where there is no such account. Run it in a transaction:
/// the sessions of a disabled account must not outlive it, or they would be good again once it is
/// enabled.
pub async fn switch(
    db: &mut PgConnection,
    id: AccountId,
    enable: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Switched>> {
    let Some(mut account) = store::lock_account(db, id).await? else {
        return Ok(None);
    };
    let changed = account.disabled_at.is_none() != enable;
    if changed {
        account.disabled_at = (!enable).then_some(now);
        store::set_disabled(&mut *db, id, account.disabled_at, now).await?;
    }
    if changed && !enable {
        store::delete_sessions_of(db, id).await?;
    }
    Ok(Some(Switched { account, changed }))
}
