//! How accounts are named on the command line: by id, e-mail address, or `ext:` and an external id.

use anyhow::Context as _;
use sqlx::PgPool;

use crate::{
    account::{
        Account,
        store::{find_account, find_account_by_email, find_account_by_external_id},
    },
    foundation::ids::AccountId,
};

/// The account of that name.
pub async fn find(db: &PgPool, who: &str) -> anyhow::Result<Account> {
    let found = if let Some(external_id) = who.strip_prefix("ext:") {
        find_account_by_external_id(db, external_id).await?
    } else if let Ok(id) = who.parse::<AccountId>() {
        find_account(db, id).await?
    } else {
        find_account_by_email(db, who).await?
    };
    found.with_context(|| {
        format!(
            "there is no account {who} (give an id, an e-mail address, or ext: and an external id)"
        )
    })
}
