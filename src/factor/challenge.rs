//! What a browser is asked to sign: sealed into the page that asks, good in that browser, for that purpose,
//! for five minutes, and once. Pages write nothing, so a flood of them costs arithmetic; that a challenge
//! was answered is a row, and of any number of answers on any number of nodes one makes it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Owner, passkey::store};
use crate::web::{browser::BrowserMark, sealed, state::AppState};

const PURPOSE: &[u8] = b"passkey challenge";
const LIVES: TimeDelta = TimeDelta::minutes(5);

/// What for. A challenge for one thing is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// Making a passkey for that owner.
    Make(Owner),
    /// The second step of that ticket.
    Step {
        /// The ticket's id.
        ticket: Uuid,
        /// Whom it leads in.
        owner: Owner,
    },
    /// Logging in to whatever account the passkey is of.
    LogIn,
}

impl Asked {
    /// Whose passkey it has to be, where that is known before.
    pub const fn owner(self) -> Option<Owner> {
        match self {
            Self::Make(owner) | Self::Step { owner, .. } => Some(owner),
            Self::LogIn => None,
        }
    }

    /// Whether that owner's passkey is one to answer with. No admin's leads into an account.
    pub fn is_for(self, owner: Owner) -> bool {
        self.owner().map_or_else(
            || matches!(owner, Owner::Account(_)),
            |wanted| wanted == owner,
        )
    }
}

#[derive(Serialize, Deserialize)]
struct Challenge {
    id: Uuid,
    asked: Asked,
    browser: [u8; 32],
    deadline: i64,
    // As JSON: its types are the library's.
    state: String,
}

/// Seals what has to be known when the answer comes.
pub fn seal<T: Serialize>(
    asked: Asked,
    state_of_library: &T,
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let challenge = Challenge {
        id: state.random.uuid(),
        asked,
        browser: browser.0,
        deadline: (now + LIVES).timestamp(),
        state: serde_json::to_string(state_of_library)?,
    };
    sealed::seal(&challenge, PURPOSE, state, now)
}

/// Opens one and uses it up; `None` where it is not ours, of another browser or purpose, over, or was
/// answered before.
pub async fn use_up<T: DeserializeOwned>(
    text: &str,
    asked: Asked,
    browser: BrowserMark,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<T>> {
    let challenge: Option<Challenge> = sealed::open(text, PURPOSE, state, now).await?;
    let challenge = challenge.filter(|challenge| {
        challenge.asked == asked
            && challenge.browser == browser.0
            && now.timestamp() < challenge.deadline
    });
    let Some(challenge) = challenge else {
        return Ok(None);
    };
    // It is over before the row may go.
    let until = now + LIVES;
    if !store::answer_challenge(&state.db, challenge.id, until).await? {
        return Ok(None);
    }
    Ok(serde_json::from_str(&challenge.state).ok())
}
