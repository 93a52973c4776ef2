//! Work in the background: writing uses behind, noticing and making new keys, cleaning up.

use std::{future::Future, time::Duration};

use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgPool, postgres::PgListener};
use tokio::task::JoinHandle;
use tracing::warn;

use super::{key_schedule, store};
use crate::{
    account::{
        invitation, mailed_code,
        provider::{self, directory::Directory},
    },
    cek::{self, Cek},
    chatbot::{self, connect::outbox::Outbox},
    client::{TokenFormat, assertion, authenticator::Authenticator},
    event::{self, Event, EventKind, Recorder},
    factor,
    foundation::{db, keys::KeysError},
    link::{self, EndReason, store::CLEANED_AT_ONCE, usage::Usage},
    mail::Mailer,
    self_service,
    web::{limits, state::AppState},
};

/// How often uses are written.
const FLUSH: Duration = Duration::from_secs(5);
/// How long a node may not know of a key or of a changed service, if no notice reaches it.
const POLL: Duration = Duration::from_secs(30);
/// How often the cleaner looks.
const CLEAN: Duration = Duration::from_mins(5);
/// How often it is looked whether a key has to come or go.
const KEEP_KEYS: Duration = Duration::from_mins(5);
/// How often it is looked whether a platform's key has to be fetched.
const FETCH_KEYS: Duration = Duration::from_mins(1);
/// How long it rests where there is more to do.
const BETWEEN_BATCHES: Duration = Duration::from_millis(200);
/// How long a code's hash recognises a replay.
const CODES_KEPT: TimeDelta = TimeDelta::hours(1);
/// How long attempts to link are kept: support asks about last week, not about last year.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long events of CEK are recognised: one that comes again does no harm, it only finds nothing
/// left to do.
const EVENTS_RECOGNISED: TimeDelta = TimeDelta::days(30);
/// How far back the cleaner looks for links that ended: longer than it is ever away.
const ENDED_LATELY: TimeDelta = TimeDelta::days(2);
/// How long an ended link, and history, is kept.
const HISTORY_KEPT: TimeDelta = TimeDelta::days(400);

/// How long they wait for their connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// What works in the background.
pub struct Background {
    tasks: Vec<JoinHandle<()>>,
    notices: PgPool,
}

/// Starts all of it. Uses are written over `behind`.
pub fn start(
    state: &Data<AppState>,
    (usage, authenticator): (&Data<Usage>, &Data<Authenticator>),
    recorder: &Data<Recorder>,
    (cek, outbox, mailer, directory): (&Data<Cek>, &Data<Outbox>, &Data<Mailer>, &Data<Directory>),
    behind: &PgPool,
) -> Background {
    let uses = (usage.clone(), authenticator.clone());
    // A listener holds its connection for good: one of the pool's would be one less for requests.
    let notices = db::beside(&state.db, 1, PATIENCE);
    Background {
        tasks: vec![
            tokio::spawn(flush_uses(behind.clone(), uses, recorder.clone())),
            tokio::spawn(flush_learned(behind.clone(), cek.clone(), state.clone())),
            tokio::spawn(fetch_platform_keys(state.clone())),
            tokio::spawn(watch(state.clone(), directory.clone(), notices.clone())),
            tokio::spawn(clean(state.clone())),
            tokio::spawn(keep_keys(state.clone())),
            tokio::spawn(tell_chatbots(state.clone(), outbox.clone())),
            tokio::spawn(send_mail(state.clone(), mailer.clone())),
        ],
        notices,
    }
}

impl Background {
    /// Ends all of it and waits until it has let go of the database, which may stop next.
    pub async fn stop(self) {
        for task in &self.tasks {
            task.abort();
        }
        futures_util::future::join_all(self.tasks).await;
        self.notices.close().await;
    }
}

async fn flush_uses(
    behind: PgPool,
    (usage, authenticator): (Data<Usage>, Data<Authenticator>),
    recorder: Data<Recorder>,
) {
    loop {
        tokio::time::sleep(FLUSH).await;
        usage.flush(&behind, &recorder).await;
        authenticator.write_uses(&behind).await;
    }
}

async fn flush_learned(behind: PgPool, cek: Data<Cek>, state: Data<AppState>) {
    loop {
        tokio::time::sleep(FLUSH).await;
        cek.flush(&behind, state.clock.now()).await;
    }
}

async fn tell_chatbots(state: Data<AppState>, outbox: Data<Outbox>) {
    outbox.run(&state).await;
}

async fn send_mail(state: Data<AppState>, mailer: Data<Mailer>) {
    mailer.run(&state).await;
}

async fn fetch_platform_keys(state: Data<AppState>) {
    let http = match cek::platform_key::https_client() {
        Ok(http) => http,
        Err(error) => {
            warn!(%error, "no platform's key will be fetched");
            return;
        }
    };
    loop {
        tokio::time::sleep(FETCH_KEYS).await;
        let fetch = |url| {
            let http = http.clone();
            async move { cek::platform_key::fetch(&http, url).await }
        };
        tell(
            cek::platform_key::keep_once(&state, fetch),
            "the platforms' keys could not be looked after",
        )
        .await;
    }
}

async fn watch(state: Data<AppState>, directory: Data<Directory>, notices: PgPool) {
    let mut listener: Option<PgListener> = None;
    loop {
        if listener.is_none() {
            listener = listen(&notices).await.ok();
        }
        let notified = async {
            match &mut listener {
                Some(listening) => listening.recv().await.map(drop),
                None => std::future::pending().await,
            }
        };
        if let Ok(Err(error)) = tokio::time::timeout(POLL, notified).await {
            warn!(%error, "notices of new keys stopped; asking every 30 s until they come again");
            listener = None;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        tell(
            state.keys.reload(state.clock.now()),
            "the keys could not be reloaded",
        )
        .await;
        tell(
            make_signing_keys(&state),
            "the first key of an algorithm could not be made",
        )
        .await;
        tell(
            state.branding.reload(&state.db),
            "the branding could not be reloaded",
        )
        .await;
        tell(
            directory.reload(&state.db),
            "the providers could not be reloaded",
        )
        .await;
    }
}

/// Makes the first keys that sign for the clients of now: published before the first token is asked
/// for, which then does not wait for RSA either.
pub async fn make_signing_keys(state: &AppState) -> Result<(), KeysError> {
    for algorithm in store::list_token_algorithms(&state.db).await? {
        if let Some(kind) = TokenFormat::Jwt.signs_with(algorithm) {
            let now = state.clock.now();
            state.keys.signing(kind, &*state.random, now).await?;
        }
    }
    Ok(())
}

async fn listen(notices: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(notices).await?;
    listener.listen("linkgate_keys").await?;
    Ok(listener)
}

async fn keep_keys(state: Data<AppState>) {
    loop {
        tokio::time::sleep(KEEP_KEYS).await;
        tell(
            key_schedule::keep_once(&state),
            "the schedule of keys could not be kept",
        )
        .await;
    }
}

async fn clean(state: Data<AppState>) {
    loop {
        tokio::time::sleep(CLEAN).await;
        loop {
            match clean_once(&state).await {
                Ok(full) if full => tokio::time::sleep(BETWEEN_BATCHES).await,
                Ok(_) => break,
                Err(error) => {
                    warn!(%error, "cleaning up failed");
                    break;
                }
            }
        }
    }
}

/// One round of the cleaner: small batches, so that it never stands in anybody's way. Whether there
/// is more to do at once.
pub async fn clean_once(state: &AppState) -> sqlx::Result<bool> {
    let now = state.clock.now();
    let most = [
        link::store::forget_codes(&state.db, now - CODES_KEPT).await?,
        end_idle(state, now).await?,
        link::store::delete_ended(&state.db, now - HISTORY_KEPT).await?,
        store::delete_expired_sessions(&state.db, now).await?,
        self_service::deletion::delete_due(state, now).await?,
        store::delete_old_events(&state.db, now - HISTORY_KEPT).await?,
        event::attempt::store::delete_old_attempts(&state.db, now - ATTEMPTS_KEPT).await?,
        limits::store::delete_forgotten(&state.db, now).await?,
        cek::store::delete_old(&state.db, now - EVENTS_RECOGNISED, now - ENDED_LATELY, now).await?,
        assertion::store::delete_expired(&state.db, now).await?,
        chatbot::recorder::store::delete_old(&state.db, now).await?,
        mailed_code::store::delete_old(&state.db, now).await?,
        factor::store::delete_old_tickets(&state.db, now).await?,
        invitation::store::delete_old(&state.db, now).await?,
        provider::store::delete_used_round_trips(&state.db, now).await?,
    ];
    Ok(most.into_iter().any(|rows| rows >= CLEANED_AT_ONCE))
}

/// Ends idle links, another part of all of them in each round: within a day none is left out.
async fn end_idle(state: &AppState, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let round = now.timestamp().div_euclid(CLEAN.as_secs().cast_signed());
    let [.., part] = round.to_be_bytes();
    link::chat_user::store::slide_idle(&state.db, part, now).await?;
    let ended = link::store::end_idle(&state.db, part, now).await?;
    let events: Vec<_> = ended
        .iter()
        .map(|link| {
            Event::new(EventKind::LinkEnded, now)
                .link(link.link_id)
                .account(link.account_id)
                .client(&link.client_id)
                .detail(EndReason::Idle.as_str())
        })
        .collect();
    event::store::insert_events(&state.db, &events).await?;
    Ok(events.len() as u64)
}

async fn tell<E: std::fmt::Display>(work: impl Future<Output = Result<(), E>>, failed: &str) {
    if let Err(error) = work.await {
        warn!(%error, "{failed}");
    }
}
