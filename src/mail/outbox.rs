//! Sends letters: behind, and again until the mail server took them or nobody waits for them any more.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use tracing::{info, warn};

use super::{
    letter::Filled,
    message::{self, From},
    open,
    store::{self, DueMail},
    transport::{Failure, Transport},
};
use crate::{
    config::Config,
    foundation::delivery::{Bell, Waits},
    web::{
        i18n::{Lang, Words},
        state::AppState,
    },
};

/// How often it is looked for what is due, if nobody says that something is.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many letters are sent at once.
const AT_ONCE: i64 = 4;
/// How long others leave a letter alone that was taken: longer than sending one may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// A person waits for a code in front of a page, so the first tries come soon after each other.
const WAITS: Waits = Waits {
    first: TimeDelta::seconds(5),
    longest: TimeDelta::hours(1),
};

/// What sends letters.
pub struct Mailer {
    transport: Transport,
    from: From,
    bell: Bell,
    sent: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
}

impl Mailer {
    /// As it is set.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            transport: Transport::new(config)?,
            from: From::new(config.mail_from.clone()),
            bell: Bell::default(),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
        })
    }

    /// Something may be due now.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Sends whatever is due, for ever.
    pub async fn run(&self, state: &AppState) {
        let send = || self.send_due(state);
        self.bell.answer(LOOK_EVERY, "mail", send).await;
    }

    /// Sends what is due, as much as is sent at once. Whether there may be more.
    pub async fn send_due(&self, state: &AppState) -> sqlx::Result<bool> {
        let now = state.clock.now();
        let due = store::take_due(&state.db, AT_ONCE, now, now + LEASE).await?;
        let sent = due.iter().map(|mail| self.deliver(mail, state));
        for sent in join_all(sent).await {
            sent?;
        }
        Ok(i64::try_from(due.len()).is_ok_and(|taken| taken >= AT_ONCE))
    }

    /// How many letters this node has sent, how many tries failed, and how many it gave up.
    pub fn counts(&self) -> [u64; 3] {
        [&self.sent, &self.failed, &self.given_up].map(|count| count.load(Ordering::Relaxed))
    }

    async fn deliver(&self, mail: &DueMail, state: &AppState) -> sqlx::Result<()> {
        let now = state.clock.now();
        if mail.useless_at <= now {
            let failure = match mail.failure.as_str() {
                "" => "its time was over before it was tried",
                failure => failure,
            };
            return self.give_up(mail, failure, state).await;
        }
        let failure = match self.send(mail, state).await? {
            Ok(()) => {
                self.sent.fetch_add(1, Ordering::Relaxed);
                return store::note_sent(&state.db, mail.id, state.clock.now()).await;
            }
            Err(failure) => failure,
        };
        self.failed.fetch_add(1, Ordering::Relaxed);
        let reason = failure.to_string();
        if failure.is_final() {
            return self.give_up(mail, &reason, state).await;
        }
        info!(letter = mail.letter.name(), attempts = mail.attempts, failure = %reason, "a mail was not sent yet");
        let wait = WAITS.after(mail.attempts, state.random.bytes());
        let due_at = (state.clock.now() + wait).min(mail.useless_at);
        store::note_failed(&state.db, mail, &reason, due_at).await
    }

    async fn give_up(&self, mail: &DueMail, failure: &str, state: &AppState) -> sqlx::Result<()> {
        warn!(
            letter = mail.letter.name(),
            attempts = mail.attempts,
            failure,
            "a mail can't be sent"
        );
        self.given_up.fetch_add(1, Ordering::Relaxed);
        store::give_up(&state.db, mail, failure, state.clock.now()).await
    }

    async fn send(&self, mail: &DueMail, state: &AppState) -> sqlx::Result<Result<(), Failure>> {
        let now = state.clock.now();
        let code = match &mail.sealed_code {
            None => None,
            Some(sealed) => match open(sealed, &mail.recipient, state, now).await? {
                None => return Ok(Err(Failure::Sealed)),
                code => code,
            },
        };
        let lang = Lang::parse(&mail.language).unwrap_or(Lang::En);
        let branding = state.branding.get();
        let written = mail.letter.0.written(&Filled {
            words: Words::new(lang),
            service: mail.service.as_deref().unwrap_or(&branding.name),
            url: &state.public_url,
            code: code.as_deref(),
            minutes_left: (mail.useless_at - now).num_minutes().max(1),
        });
        let built = written
            .map_err(|error| Failure::Unwritable(error.to_string()))
            .and_then(|written| message::build(mail, &written, &self.from, &state.public_url));
        Ok(match built {
            Ok(message) => self.transport.send(mail, message).await,
            Err(failure) => Err(failure),
        })
    }
}
