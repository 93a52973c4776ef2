//! Who gave the first proof and is asked for the second: sealed, and carried by the browser it was given in.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{Owner, store};
use crate::{
    foundation::ids::ConnectionId,
    web::{browser::BrowserMark, sealed, state::AppState},
};

const PURPOSE: &[u8] = b"factor ticket";
/// How long somebody may look for their phone.
const LIVES: TimeDelta = TimeDelta::minutes(10);

/// A ticket. It leads in once, in one browser, and takes few tries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ticket {
    /// The row that counts its tries.
    pub id: Uuid,
    /// Whom it leads in.
    pub owner: Owner,
    /// The first proof, which has to hold still.
    pub first: FirstProof,
    browser: [u8; 32],
    deadline: i64,
}

/// What somebody gave first. A password is not in it, nor what it is stored as: only what tells whether
/// that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstProof {
    /// The password.
    Password(Fingerprint),
    /// A password that had just replaced a forgotten one.
    NewPassword(Fingerprint),
    /// A sign-in with a provider that is connected to the account.
    Connection(ConnectionId),
}

/// Tells a stored password hash from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of that hash.
    pub fn of(password_hash: &str) -> Self {
        let mut hash = Sha256::new_with_prefix(b"password hash\0");
        hash.update(password_hash);
        Self(hash.finalize().into())
    }

    /// Whether it is that hash's.
    pub fn is_of(&self, password_hash: &str) -> bool {
        self.0.ct_eq(&Self::of(password_hash).0).into()
    }
}

impl Ticket {
    /// Makes one for this browser, sealed for a URL.
    pub async fn issue(
        owner: Owner,
        first: FirstProof,
        browser: BrowserMark,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> anyhow::Result<String> {
        let deadline = now + LIVES;
        let ticket = Self {
            id: state.random.uuid(),
            owner,
            first,
            browser: browser.0,
            deadline: deadline.timestamp(),
        };
        store::insert_ticket(&state.db, &ticket, deadline).await?;
        sealed::seal(&ticket, PURPOSE, state, now)
    }

    /// Opens a sealed one; `None` where it is not ours, another browser's, or over.
    pub async fn open(
        text: &str,
        browser: Option<BrowserMark>,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        let ticket: Option<Self> = sealed::open(text, PURPOSE, state, now).await?;
        Ok(ticket.filter(|ticket| {
            browser.is_some_and(|mark| mark.0 == ticket.browser)
                && now.timestamp() < ticket.deadline
        }))
    }
}
