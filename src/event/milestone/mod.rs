//! Milestones: which parts of a platform's side have been seen to work with a client, and when. They
//! measure the check marks of the console's set-up page.

pub mod store;

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use actix_web::{HttpRequest, http::header};
use chrono::{DateTime, TimeDelta, Utc};

use crate::foundation::ids::ClientId;

/// What the simulator calls itself (`User-Agent`). Whoever says so, too, proves less, never more.
pub const SIMULATOR: &str = concat!("linkgate-simulate/", env!("CARGO_PKG_VERSION"));

/// A milestone reached again is worth writing only this long after the last time.
const WORTH_WRITING: TimeDelta = TimeDelta::hours(1);

/// What a platform was seen to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Milestone {
    /// It sent somebody with an authorization request in order.
    AuthorizeSeen,
    /// It redeemed a code.
    CodeRedeemed,
    /// It refreshed tokens.
    TokensRefreshed,
    /// A token was shown at `/resolve` or userinfo, and was good.
    TokenResolved,
    /// The chatbot called an action with a good token.
    ActionCalled,
    /// CEK sent a request whose signature was good.
    CekSigned,
    /// A call came while the recorder was on.
    CallRecorded,
    /// The chatbot asked whether somebody in a chat is connected.
    ConfirmAsked,
}

/// One as it was reached.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// What was reached.
    pub milestone: Milestone,
    /// Whether the simulator did it.
    pub simulated: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// With which client it was.
pub type Reached = (ClientId, Mark);

/// What this node has noted lately. Only clients that exist are in it.
#[derive(Default)]
pub struct Noted(RwLock<HashMap<ClientId, Vec<Mark>>>);

impl Milestone {
    const ALL: [Self; 8] = [
        Self::AuthorizeSeen,
        Self::CodeRedeemed,
        Self::TokensRefreshed,
        Self::TokenResolved,
        Self::ActionCalled,
        Self::CekSigned,
        Self::CallRecorded,
        Self::ConfirmAsked,
    ];

    /// The name it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizeSeen => "authorize_seen",
            Self::CodeRedeemed => "code_redeemed",
            Self::TokensRefreshed => "tokens_refreshed",
            Self::TokenResolved => "token_resolved",
            Self::ActionCalled => "action_called",
            Self::CekSigned => "cek_signed",
            Self::CallRecorded => "call_recorded",
            Self::ConfirmAsked => "confirm_asked",
        }
    }

    /// The milestone of that name.
    pub fn stored(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|milestone| milestone.as_str() == name)
    }
}

/// Whether the simulator sent the request.
pub fn is_simulated(request: &HttpRequest) -> bool {
    let agent = request.headers().get(header::USER_AGENT);
    agent.is_some_and(|agent| agent.as_bytes().starts_with(b"linkgate-simulate/"))
}

impl Mark {
    fn is_of(&self, other: &Self) -> bool {
        self.milestone == other.milestone && self.simulated == other.simulated
    }
}

impl Noted {
    /// Whether a mark is worth writing; if so, it is noted. Where it isn't, which is nearly always,
    /// callers don't wait for each other.
    pub fn take(&self, client: &ClientId, mark: Mark) -> bool {
        let is_fresh =
            |known: &Mark| known.is_of(&mark) && (mark.at - known.at).abs() < WORTH_WRITING;
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if all
            .get(client)
            .is_some_and(|marks| marks.iter().any(is_fresh))
        {
            return false;
        }
        drop(all);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let marks = all.entry(client.clone()).or_default();
        marks.retain(|known| !known.is_of(&mark));
        marks.push(mark);
        true
    }

    /// Lets a mark be taken again, because it could not be kept.
    pub fn forget(&self, (client, mark): &Reached) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(marks) = all.get_mut(client) {
            marks.retain(|known| !known.is_of(mark));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_milestone_is_written_once_an_hour_for_each_client_and_apart_for_the_simulator() {
        let noted = Noted::default();
        let [one, other] = ["one", "other"].map(|id| ClientId(id.to_owned()));
        let mark = |simulated, minutes| Mark {
            milestone: Milestone::CodeRedeemed,
            simulated,
            at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes),
        };
        assert!(noted.take(&one, mark(false, 0)));
        assert!(!noted.take(&one, mark(false, 59)));
        assert!(noted.take(&one, mark(true, 0)));
        assert!(noted.take(&other, mark(false, 0)));
        assert!(noted.take(&one, mark(false, 60)));
        assert!(!noted.take(&one, mark(false, 61)));
        noted.forget(&(one.clone(), mark(false, 61)));
        assert!(noted.take(&one, mark(false, 62)));
    }

    #[test]
    fn each_is_found_by_the_name_it_is_stored_under() {
        for milestone in Milestone::ALL {
            assert_eq!(Milestone::stored(milestone.as_str()), Some(milestone));
        }
    }
}
