//! The person's yes: link, chat user, what the chatbot is to be told and history, all of it or nothing.

use chrono::{DateTime, Utc};

use super::{asking::Scene, notice::NewNotice, store};
use crate::{
    event::{self, Event, EventKind},
    foundation::{
        ids::LinkId,
        keys::{KeyId, KeyKind},
    },
    link::{
        self, EndReason,
        chat_user::store::{self as chat_users, NewLink},
    },
    web::{page_error::PageError, pages::Problem, state::AppState},
};

/// What a yes led to.
pub enum Approved {
    /// A new link.
    Connected(LinkId),
    /// The chat was connected to this account before.
    Already,
}

/// Connects the chat user, once for each flow. A chat that another account's living link speaks for stays
/// as it is: else whoever writes its ids into an address could unlink somebody.
pub(super) async fn approve(
    scene: &Scene,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<Approved, PageError> {
    let keys = state.keys.fresh_ring(now).await?;
    let refresh_key = keys.current(KeyKind::Refresh, now).id;
    let Scene {
        flow,
        asked,
        client,
        account,
    } = scene;
    let named = || Some(client.name.clone());
    let mut transaction = state.db.begin().await?;
    chat_users::lock(&mut transaction, &client.id, &asked.user).await?;
    let known = chat_users::find_connected(&mut *transaction, &client.id, &asked.user, now).await?;
    if let Some(known) = &known
        && known.lives
    {
        if known.account_id != account.id {
            return Err(Problem::ChatElsewhere { client: named() }.into());
        }
        // A second tap has told the chatbot already.
        if known.flow_id != Some(flow.id) {
            let notice = notice(scene, known.link_id, state, now);
            store::insert_notice(&mut *transaction, &notice).await?;
        }
        transaction.commit().await?;
        return Ok(Approved::Already);
    }
    let link = new_link(scene, refresh_key, state, now);
    if !chat_users::insert_link(&mut *transaction, &link).await? {
        return Err(Problem::AlreadyLinked { client: named() }.into());
    }
    chat_users::connect(&mut *transaction, &client.id, &asked.user, link.id, now).await?;
    let event = |kind, link| {
        let event = Event::new(kind, now).link(link).client(&client.id);
        event.account(account.id)
    };
    let mut events = vec![
        event(EventKind::LinkApproved, link.id),
        event(EventKind::ChatConnected, link.id).detail(&asked.user.platform),
    ];
    if let Some(forgotten) = known
        && link::store::end(&mut *transaction, forgotten.link_id, EndReason::Idle, now).await?
    {
        let ended = event(EventKind::LinkEnded, forgotten.link_id).account(forgotten.account_id);
        events.push(ended.detail(EndReason::Idle.as_str()));
    }
    store::insert_notice(&mut *transaction, &notice(scene, link.id, state, now)).await?;
    event::store::insert_events(&mut *transaction, &events).await?;
    transaction.commit().await?;
    Ok(Approved::Connected(link.id))
}

fn new_link(scene: &Scene, refresh_key: KeyId, state: &AppState, now: DateTime<Utc>) -> NewLink {
    let client = &scene.client;
    // What the person read, and no more; less, where the client lost something meanwhile.
    let granted = scene.asked.scopes.iter();
    let granted = granted.filter(|scope| client.scopes.contains(scope.as_str()));
    NewLink {
        id: LinkId::random(&*state.random),
        client_id: client.id.clone(),
        account_id: scene.account.id,
        scopes: granted.cloned().collect(),
        flow_id: scene.flow.id,
        refresh_key_id: refresh_key,
        approved_at: now,
        idle_expires_at: now + client.settings.refresh_idle,
    }
}

fn notice<'a>(
    scene: &'a Scene,
    link: LinkId,
    state: &AppState,
    now: DateTime<Utc>,
) -> NewNotice<'a> {
    let nonce = scene.asked.nonce.clone();
    NewNotice {
        client: &scene.client.id,
        link,
        user: &scene.asked.user,
        nonce: nonce.unwrap_or_else(|| state.random.uuid().to_string()),
        made_at: now,
    }
}
