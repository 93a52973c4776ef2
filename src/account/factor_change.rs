//! What becomes of a person's second factors, in the history and in a letter to the person.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Account;
use crate::{
    event::{self, Event, EventKind},
    foundation::ids::AdminId,
    mail::{self, Letter, Recipient, StepChange},
};

/// Notes a change, and tells the person. Run it in the transaction that makes the change, and wake the
/// mailer after it.
pub async fn note(
    db: &mut PgConnection,
    account: &Account,
    change: StepChange,
    by: Option<AdminId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let event = Event::new(EventKind::FactorChanged, now)
        .account(account.id)
        .detail(change.detail());
    let event = match by {
        Some(admin) => event.admin(admin),
        None => event,
    };
    event::store::insert_events(&mut *db, &[event]).await?;
    let recipient = Recipient {
        email: &account.email,
        language: &account.locale,
    };
    mail::post(db, recipient, &Letter::SecondStep { change, at: now }, now).await
}
