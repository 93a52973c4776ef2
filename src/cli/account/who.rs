//! The account a command is about.

use anyhow::Context as _;
use sqlx::{PgConnection, PgExecutor};

use crate::account::{Account, named, store::lock_account};

/// The account of that name.
pub async fn find(db: impl PgExecutor<'_>, who: &str) -> anyhow::Result<Account> {
    named::find(db, who).await?.with_context(|| missing(who))
}

/// The account of that name, which nobody else changes until the transaction ends.
pub async fn lock(db: &mut PgConnection, who: &str) -> anyhow::Result<Account> {
    let found = find(&mut *db, who).await?;
    let locked = lock_account(db, found.id).await?;
    locked.with_context(|| missing(who))
}

/// What is said where there is no such account.
pub fn missing(who: &str) -> String {
    format!("there is no account {who} (give an id, an e-mail address, or ext: and an external id)")
}
