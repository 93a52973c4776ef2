//! Tells chatbots of new connections: behind, signed, and again until it was heard or a day is over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use reqwest::{Client, StatusCode, header};

use super::{
    notice::{self, MEDIA_TYPE, SIGNATURE_HEADER},
    store::{self, DueNotice},
};
use crate::{
    event::{self, Event, EventKind},
    foundation::{
        delivery::{Bell, Waits},
        outbound::{NotAllowed, Outbound},
    },
    web::state::AppState,
};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked for what is due, if nobody says that something is.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many calls are under way at once.
const AT_ONCE: i64 = 8;
/// How long others leave a notice alone that was taken: longer than a call.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// The waits between tries.
const WAITS: Waits = Waits {
    first: TimeDelta::seconds(10),
    longest: TimeDelta::hours(2),
};
/// After that nobody in the chat waits for it.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(1);

/// What tells them.
pub struct Outbox {
    http: Client,
    outbound: Outbound,
    bell: Bell,
}

/// Why a chatbot did not hear; for the admin.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the client is disabled")]
    ClientDisabled,
    #[error("the client has no Invoke URL and Secret key any more")]
    NotSet,
    #[error("the stored Secret key can't be opened: store it again")]
    Sealed,
    #[error("the Invoke URL {0}")]
    NotAllowed(#[from] NotAllowed),
    #[error("the Invoke URL answered with status {0}")]
    Status(StatusCode),
    #[error("the Invoke URL could not be reached: {0}")]
    Unreachable(String),
    #[error("it can't be written")]
    Unwritable(#[from] serde_json::Error),
}

impl Outbox {
    /// Calls go where `outbound` lets them.
    pub fn new(outbound: Outbound) -> reqwest::Result<Self> {
        Ok(Self {
            http: outbound.client(PATIENCE)?,
            outbound,
            bell: Bell::default(),
        })
    }

    /// Something may be due now.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Tells whatever is due, for ever.
    pub async fn run(&self, state: &AppState) {
        let tell = || self.deliver_due(state);
        self.bell
            .answer(LOOK_EVERY, "notices for chatbots", tell)
            .await;
    }

    /// Tells what is due, as much as is told at once. Whether there may be more.
    pub async fn deliver_due(&self, state: &AppState) -> sqlx::Result<bool> {
        let now = state.clock.now();
        let due = store::take_due(&state.db, AT_ONCE, now, now + LEASE).await?;
        let told = due.iter().map(|notice| self.deliver(notice, state));
        for told in join_all(told).await {
            told?;
        }
        Ok(i64::try_from(due.len()).is_ok_and(|taken| taken >= AT_ONCE))
    }

    async fn deliver(&self, notice: &DueNotice, state: &AppState) -> sqlx::Result<()> {
        if !notice.wanted {
            return store::drop_notice(&state.db, notice.id).await;
        }
        let sent = self.send(notice, state).await;
        let now = state.clock.now();
        let Err(failure) = sent else {
            return store::note_delivered(&state.db, notice.id, now).await;
        };
        let failure = failure.to_string();
        let client = &notice.client_id;
        if now - notice.made_at < GIVEN_UP_AFTER {
            tracing::info!(%client, attempts = notice.attempts, failure, "a chatbot was not told yet");
            let due_at = now + WAITS.after(notice.attempts, state.random.bytes());
            return store::note_failed(&state.db, notice, &failure, due_at).await;
        }
        tracing::warn!(%client, attempts = notice.attempts, failure, "a chatbot can't be told");
        self.give_up(notice, &failure, state, now).await
    }

    async fn give_up(
        &self,
        notice: &DueNotice,
        failure: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let mut transaction = state.db.begin().await?;
        if store::give_up(&mut *transaction, notice, failure, now).await? {
            let event = Event::new(EventKind::ChatNoticeGivenUp, now).link(notice.link_id);
            let event = event.client(&notice.client_id).detail(failure);
            event::store::insert_events(&mut *transaction, &[event]).await?;
        }
        transaction.commit().await
    }

    async fn send(&self, notice: &DueNotice, state: &AppState) -> Result<(), Failure> {
        if !notice.client_enabled {
            return Err(Failure::ClientDisabled);
        }
        let (Some(url), Some(sealed)) = (&notice.invoke_url, &notice.secret) else {
            return Err(Failure::NotSet);
        };
        // The setting may be another than when the address was stored.
        let url = self.outbound.check(url)?;
        let secret = state.keys.open_chatbot_secret(&notice.client_id, sealed);
        let secret = secret.ok_or(Failure::Sealed)?;
        let body = notice::body(&notice.user, &notice.nonce)?;
        let signature = notice::signature(&secret, &body);
        let call = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, MEDIA_TYPE)
            .header(SIGNATURE_HEADER, signature)
            .body(body);
        // What else it answers is not read.
        let answer = call.send().await.map_err(unreachable)?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(Failure::Status(answer.status()))
        }
    }
}

/// The innermost cause: the others say little more than that there was none.
fn unreachable(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Unreachable("it did not answer in time".to_owned());
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Failure::Unreachable(cause.to_string())
}
