//! Another e-mail address for an account: by its person, or by an admin.

pub mod store;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Account, email_key, mailed_code};
use crate::{
    foundation::secret::{Hashed, SessionKind},
    mail::{self, Letter, Recipient},
};

/// What follows from another address: codes that were mailed before no longer count, every login ends but
/// `here`, and both addresses are told. Nothing, where it is the same one however it is written. Links stay.
/// Run it in the transaction that stores the account, with the account locked since `before` was read, and
/// wake the mailer after it.
pub async fn follow(
    db: &mut PgConnection,
    before: &Account,
    after: &Account,
    here: Option<&Hashed<SessionKind>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if email_key(&before.email) == email_key(&after.email) {
        return Ok(());
    }
    mailed_code::store::end_codes_of(&mut *db, after.id, now).await?;
    store::end_sessions_but(&mut *db, after.id, here).await?;
    let letter = Letter::EmailLeft {
        masked: masked(&after.email),
        at: now,
    };
    let recipient = Recipient {
        email: &before.email,
        language: &after.locale,
    };
    mail::post(&mut *db, recipient, &letter, now).await?;
    let recipient = Recipient {
        email: &after.email,
        language: &after.locale,
    };
    mail::post(db, recipient, &Letter::EmailHere { at: now }, now).await
}

/// An address that its owner knows again, and nobody else learns: `h…@example.com`.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_address_tells_its_domain_and_one_letter() {
        for (email, shown) in [
            ("haneul.kim@example.com", "h…@example.com"),
            ("하늘@example.com", "하…@example.com"),
            ("a@b", "a…@b"),
        ] {
            assert_eq!(masked(email), shown);
        }
    }
}
