//! Whom an admin has invited to sign up, where that is by invitation. An invitation is for an address,
//! which a code proves when it is used.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::mail::{self, Letter, Recipient};

/// How long one is good.
pub const GOOD_FOR: TimeDelta = TimeDelta::days(14);

/// Invites an address and tells it so. Again is no mistake: the time begins anew. Run it in a transaction.
pub async fn invite(
    db: &mut PgConnection,
    recipient: Recipient<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<DateTime<Utc>> {
    let until = now + GOOD_FOR;
    store::upsert_invitation(&mut *db, recipient.email, now, until).await?;
    mail::post(db, recipient, &Letter::Invitation { until }, now).await?;
    Ok(until)
}
