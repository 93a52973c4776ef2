//! Whom an admin has invited to sign up, where that is by invitation. An invitation is for an address,
//! which a code proves when it is used, so it holds no secret.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    foundation::ids::AdminId,
    mail::{self, Letter, Recipient},
};

/// For how many days one is good, unless said otherwise.
pub const USUAL_DAYS: u16 = 14;
/// For how many days at most.
pub const MOST_DAYS: u16 = 90;
/// How long one is kept once it was used or is over: long enough to see what came of it.
const KEPT: TimeDelta = TimeDelta::days(30);
/// A second one for the same address so soon is a double tap: the first letter is on its way.
const BETWEEN_LETTERS: TimeDelta = TimeDelta::seconds(30);

/// An invitation to be.
#[derive(Debug, Clone, Copy)]
pub struct NewInvitation<'a> {
    /// Names it, unless the address was invited before.
    pub id: Uuid,
    /// Who is invited.
    pub recipient: Recipient<'a>,
    /// For how many days it is good.
    pub days: u16,
    /// Which admin invites; none on the command line.
    pub by: Option<AdminId>,
}

impl NewInvitation<'_> {
    /// Invites the address and tells it so. Again is no mistake: the time begins anew; a moment later
    /// nothing more is sent. Gives its name where it was sent. Run it in a transaction.
    pub async fn send(
        &self,
        db: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Uuid>> {
        let until = self.until(now);
        let lately = now - BETWEEN_LETTERS;
        let sent = store::upsert_invitation(&mut *db, self, (now, until), lately).await?;
        if sent.is_some() {
            let letter = Letter::Invitation { until };
            mail::post(db, self.recipient, &letter, now).await?;
        }
        Ok(sent)
    }

    /// Until when it is good.
    pub fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::days(self.days.into())
    }
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Open,
    /// Somebody signed up with it.
    Used,
    /// Its time is over.
    Expired,
}
