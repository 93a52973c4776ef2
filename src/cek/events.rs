//! Events of CEK: each acts once, whatever the order they come in.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::{
    learned::{Learned, UserHash},
    message::{At, Happening, NotAMessage},
    store,
};
use crate::{
    event::{self, Event, EventKind},
    foundation::ids::ClientId,
    link::EndReason,
};

/// How far ahead the platform's clock may be. An event from further ahead would end links that are
/// still to be made.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Whether an event can be put into an order at all.
pub fn check(what: &Happening, now: DateTime<Utc>) -> Result<(), NotAMessage> {
    match what {
        Happening::Enabled(at) | Happening::Disabled(at) if at.timestamp > now + AHEAD => {
            Err(NotAMessage::Future)
        }
        _ => Ok(()),
    }
}

/// Does what an event asks for, unless that very event was seen before. All of it is done, or nothing.
pub async fn settle(
    what: &Happening,
    (client, body): (&ClientId, &[u8]),
    learned: &Learned,
    db: &PgPool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (Happening::Enabled(at) | Happening::Disabled(at)) = what else {
        return Ok(());
    };
    // What this node has learned and not written yet counts, too.
    learned.flush(db).await?;
    let mut transaction = db.begin().await?;
    let hash = Sha256::digest(body).into();
    if !store::insert_event(&mut *transaction, client, hash, now).await? {
        return Ok(());
    }
    let history = match what {
        Happening::Disabled(_) => end_links(&mut transaction, client, at, now).await?,
        _ => vec![Event::new(EventKind::ExtensionEnabled, now).client(client)],
    };
    event::store::insert_events(&mut *transaction, &history).await?;
    transaction.commit().await
}

async fn end_links(
    db: &mut sqlx::PgConnection,
    client: &ClientId,
    at: &At,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Event>> {
    let user = UserHash::of(&at.user_id);
    let ended = store::end_links_of_user(&mut *db, client, user, at.timestamp, now).await?;
    store::forget_user(&mut *db, client, user).await?;
    let disabled = Event::new(EventKind::ExtensionDisabled, now).client(client);
    let disabled = disabled.detail(format!("links ended: {}", ended.len()));
    let ends = ended.into_iter().map(|link| {
        Event::new(EventKind::LinkEnded, now)
            .link(link.link_id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::Platform.as_str())
    });
    Ok(std::iter::once(disabled).chain(ends).collect())
}
