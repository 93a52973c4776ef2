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
    link::{EndReason, store::EndedLink},
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
    if *what == Happening::Other {
        return Ok(());
    }
    // What this node has learned and not written yet counts, too.
    learned.flush(db, now).await?;
    act_once(what, (client, body), db, now).await?;
    if let Happening::Disabled(at) = what {
        let user = (client, UserHash::of(&at.user_id));
        end_learned_late(db, &[user], now).await?;
    }
    Ok(())
}

async fn act_once(
    what: &Happening,
    (client, body): (&ClientId, &[u8]),
    db: &PgPool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    let hash = Sha256::digest(body).into();
    if !store::insert_event(&mut *transaction, client, hash, now).await? {
        return Ok(());
    }
    let history = match what {
        Happening::Disabled(at) => end_links(&mut transaction, client, at, now).await?,
        _ => vec![Event::new(EventKind::ExtensionEnabled, now).client(client)],
    };
    event::store::insert_events(&mut *transaction, &history).await?;
    transaction.commit().await
}

/// Ends links that a node learned of after their users had disabled the extension. Whoever has
/// committed one of the two, the fact or the event, calls this: of two nodes that do so at once, the
/// later one sees both.
pub async fn end_learned_late(
    db: &PgPool,
    users: &[(&ClientId, UserHash)],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    let ended = store::end_links_learned_late(&mut *transaction, users, now).await?;
    if ended.is_empty() {
        return Ok(());
    }
    event::store::insert_events(&mut *transaction, &ends_of(ended, now)).await?;
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
    // A link that is made from now on is newer, whatever the platform's clock says.
    store::note_disabled(&mut *db, client, user, at.timestamp.min(now), now).await?;
    let disabled = Event::new(EventKind::ExtensionDisabled, now).client(client);
    let disabled = disabled.detail(format!("links ended: {}", ended.len()));
    Ok(std::iter::once(disabled)
        .chain(ends_of(ended, now))
        .collect())
}

fn ends_of(ended: Vec<EndedLink>, now: DateTime<Utc>) -> Vec<Event> {
    let tell = |link: EndedLink| {
        Event::new(EventKind::LinkEnded, now)
            .link(link.link_id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::Platform.as_str())
    };
    ended.into_iter().map(tell).collect()
}
