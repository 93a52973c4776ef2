//! Which code a form is about: sealed, because it names an address, and nobody may write one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Purpose;
use crate::web::{sealed, state::AppState};

const PURPOSE: &[u8] = b"mailed code";

/// Travels in the address and the form of the pages from the request for a code to its use. It is worth
/// nothing without the browser that the code was asked in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The code's row.
    pub id: Uuid,
    /// What the code is for.
    pub purpose: Purpose,
    /// The address it was mailed to, as it was typed.
    pub email: String,
}

impl Ticket {
    /// Seals it for a URL or a form.
    pub fn seal(&self, state: &AppState, now: DateTime<Utc>) -> anyhow::Result<String> {
        sealed::seal(self, PURPOSE, state, now)
    }

    /// Opens a sealed one of those purposes; `None` where it is not one of ours, or its key is gone.
    pub async fn open(
        text: &str,
        purposes: &[Purpose],
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        let ticket: Option<Self> = sealed::open(text, PURPOSE, state, now).await?;
        Ok(ticket.filter(|ticket| purposes.contains(&ticket.purpose)))
    }
}
