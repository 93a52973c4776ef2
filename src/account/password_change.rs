//! A new password for an account: by its person, or by an admin.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Account, store};
use crate::mail::{self, Letter, Recipient};

/// Replaces the password, ends every login that the old one began, and tells the person. Run it in a
/// transaction. Links stay.
pub async fn change(
    db: &mut PgConnection,
    account: &Account,
    password_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    store::set_password_hash(&mut *db, account.id, password_hash).await?;
    store::delete_sessions_of(&mut *db, account.id).await?;
    let recipient = Recipient {
        email: &account.email,
        language: &account.locale,
    };
    mail::post(db, recipient, &Letter::PasswordChanged { at: now }, now).await
}
