//! Attempts as admins and the command line see them.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Outcome, Reason, StepKind, course::Walked};
use crate::foundation::{
    ids::{AccountId, ClientId, LinkId},
    support_code::SupportCode,
};

/// An attempt in which nothing happened for so long has stopped: no page and no code lives longer.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// One attempt.
#[derive(Debug, Clone)]
pub struct ListedAttempt {
    /// What it is known by.
    pub code: SupportCode,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When something happened last.
    pub last_at: DateTime<Utc>,
    /// What that was.
    pub last_step: Option<StepKind>,
    /// At which client, where that is known.
    pub client_id: Option<ClientId>,
    /// The client's name, while it exists.
    pub client_name: Option<String>,
    /// Of whom, where that is known.
    pub account_id: Option<AccountId>,
    /// The account's e-mail address, while it exists.
    pub account_email: Option<String>,
    /// The link it led to.
    pub link_id: Option<LinkId>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, where it failed.
    pub reason: Option<Reason>,
}

/// One step as it was stored.
#[derive(Debug, Clone)]
pub struct ListedStep {
    /// What happened.
    pub kind: StepKind,
    /// Why, where something failed.
    pub reason: Option<Reason>,
    /// When, and when for the last time.
    pub first_at: DateTime<Utc>,
    /// See `first_at`.
    pub last_at: DateTime<Utc>,
    /// How often.
    pub times: u32,
    /// More.
    pub detail: String,
    /// What the platform presented.
    pub presented: String,
    /// What was registered instead.
    pub registered: String,
}

/// Where an attempt stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Standing {
    /// There is a link.
    Linked,
    /// Something was refused.
    Failed,
    /// The person said no.
    Declined,
    /// Nothing happens any more.
    Stopped,
    /// The person, or the platform, may still go on.
    UnderWay,
}

/// Which attempts to list; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The one of that code.
    pub code: Option<SupportCode>,
    /// At this client.
    pub client: Option<ClientId>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// That led to this link.
    pub link: Option<LinkId>,
    /// That stand so.
    pub standing: Option<Standing>,
    /// That failed for this reason.
    pub reason: Option<Reason>,
}

impl ListedStep {
    /// `None` for a kind that only a newer version knows.
    fn of(walked: Walked) -> Option<Self> {
        Some(Self {
            kind: StepKind::stored(&walked.step)?,
            reason: Reason::stored(&walked.reason),
            first_at: walked.first_at,
            last_at: walked.last_at(),
            times: walked.times,
            detail: walked.detail,
            presented: walked.presented,
            registered: walked.registered,
        })
    }
}

impl ListedAttempt {
    /// Where it stands at `now`.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.outcome {
            Outcome::Linked => Standing::Linked,
            Outcome::Failed => Standing::Failed,
            Outcome::Declined => Standing::Declined,
            Outcome::Open if now - self.last_at < PATIENCE => Standing::UnderWay,
            Outcome::Open => Standing::Stopped,
        }
    }
}

impl Standing {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Linked => Outcome::Linked,
            Self::Failed => Outcome::Failed,
            Self::Declined => Outcome::Declined,
            Self::Stopped | Self::UnderWay => Outcome::Open,
        }
    }
}
