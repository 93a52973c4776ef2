//! What a change of address ends, at rest.

use sqlx::PgExecutor;

use crate::foundation::{
    ids::AccountId,
    secret::{Hashed, SessionKind},
};

/// Ends all sessions of an account but that one.
pub async fn end_sessions_but(
    db: impl PgExecutor<'_>,
    account: AccountId,
    here: Option<&Hashed<SessionKind>>,
) -> sqlx::Result<()> {
    let here = here.map(|hash| hash.as_bytes().to_vec());
    sqlx::query!(
        "delete from session where account_id = $1 and session_hash is distinct from $2",
        account.0,
        here,
    )
    .execute(db)
    .await?;
    Ok(())
}
