//! The course of an attempt: what its steps come to, kept in one row.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Outcome, Step};
use crate::foundation::ids::{AccountId, ClientId, LinkId};

/// An attempt as far as it went.
#[derive(Debug, Clone)]
pub struct Course {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When something happened last.
    pub last_at: DateTime<Utc>,
    /// What that was, by the name it is stored under.
    pub last_step: Cow<'static, str>,
    /// At which client, where that is known.
    pub client: Option<ClientId>,
    /// Of whom, where that is known.
    pub account: Option<AccountId>,
    /// The link it led to.
    pub link: Option<LinkId>,
    /// What the last step that decided something decided.
    pub decided: Option<Decision>,
    /// Its steps, in the order in which they were learned of.
    pub steps: Vec<Walked>,
}

/// How an attempt stands since a step.
#[derive(Debug, Clone)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub outcome: Outcome,
    /// Why, where it failed; empty otherwise.
    pub reason: Cow<'static, str>,
}

/// A step as it is stored. Those of one kind and reason are one, with a count. Kind and reason stay
/// text, so that a node that doesn't know them yet keeps what a newer one wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walked {
    /// What happened.
    pub step: Cow<'static, str>,
    /// Why, where something failed; empty otherwise.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Cow<'static, str>,
    /// When it happened first.
    pub first_at: DateTime<Utc>,
    /// When it happened last, if more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<DateTime<Utc>>,
    /// How often.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
    /// More, in our own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What the platform presented.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub presented: String,
    /// What was registered instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub registered: String,
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Course {
    /// An attempt of which nothing but these steps is known; `None` without any.
    pub fn of(steps: &[&Step]) -> Option<Self> {
        let first = steps.first()?;
        let mut course = Self {
            began_at: first.began_at,
            last_at: first.at,
            last_step: first.kind.as_str().into(),
            client: None,
            account: None,
            link: None,
            decided: None,
            steps: Vec::with_capacity(steps.len()),
        };
        for step in steps {
            course.meet(step);
        }
        Some(course)
    }

    /// Goes on with a step, which may be older than others: nodes write behind, each for itself.
    pub fn meet(&mut self, step: &Step) {
        self.began_at = self.began_at.min(step.began_at);
        if step.at >= self.last_at {
            self.last_at = step.at;
            self.last_step = step.kind.as_str().into();
        }
        self.client = step.client.clone().or(self.client.take());
        self.account = step.account.or(self.account);
        self.link = step.link.or(self.link);
        if let Some(outcome) = step.outcome()
            && self.decided.as_ref().is_none_or(|last| step.at >= last.at)
        {
            let reason = step.reason.filter(|_| outcome == Outcome::Failed);
            self.decided = Some(Decision {
                at: step.at,
                outcome,
                reason: reason.map_or("", |reason| reason.as_str()).into(),
            });
        }
        let alike = |walked: &&mut Walked| {
            walked.step == step.kind.as_str()
                && walked.reason == step.reason.map_or("", |reason| reason.as_str())
        };
        match self.steps.iter_mut().find(alike) {
            Some(walked) => walked.repeat(step),
            None => self.steps.push(Walked::once(step)),
        }
    }

    /// How it ended, so far.
    pub fn outcome(&self) -> Outcome {
        self.decided
            .as_ref()
            .map_or(Outcome::Open, |last| last.outcome)
    }

    /// Why, where it failed; empty otherwise.
    pub fn reason(&self) -> &str {
        self.decided.as_ref().map_or("", |last| &last.reason)
    }
}

impl Walked {
    fn once(step: &Step) -> Self {
        Self {
            step: step.kind.as_str().into(),
            reason: step.reason.map_or("", |reason| reason.as_str()).into(),
            first_at: step.at,
            last_at: None,
            times: 1,
            detail: step.detail.clone(),
            presented: step.presented.clone(),
            registered: step.registered.clone(),
        }
    }

    /// What the newest one said is what is kept.
    fn repeat(&mut self, step: &Step) {
        let last_at = self.last_at();
        self.times = self.times.saturating_add(1);
        self.first_at = self.first_at.min(step.at);
        self.last_at = Some(last_at.max(step.at));
        if step.at >= last_at {
            self.detail.clone_from(&step.detail);
            self.presented.clone_from(&step.presented);
            self.registered.clone_from(&step.registered);
        }
    }

    /// When it happened last.
    pub fn last_at(&self) -> DateTime<Utc> {
        self.last_at.unwrap_or(self.first_at)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        event::attempt::{Reason, StepKind, Which},
        foundation::support_code::SupportCode,
    };

    fn step(kind: StepKind, second: i64) -> Step {
        let which = Which::Code(SupportCode::stored("7K2M9QXD".to_owned()));
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        Step::new(which, kind, at)
    }

    #[test]
    fn an_attempt_is_the_same_in_whatever_order_its_steps_are_learned_of() {
        let steps = [
            step(StepKind::Requested, 0),
            step(StepKind::LoginFailed, 5)
                .because(Reason::WrongPassword)
                .detail("first"),
            step(StepKind::LoginFailed, 7)
                .because(Reason::WrongPassword)
                .detail("second"),
            step(StepKind::Approved, 9),
            step(StepKind::TokenRefused, 12).because(Reason::VerifierWrong),
            step(StepKind::CodeRedeemed, 14),
        ];
        let forwards: Vec<_> = steps.iter().collect();
        let backwards: Vec<_> = steps.iter().rev().collect();
        let seen = |steps: &[&Step]| {
            let mut course = Course::of(steps).unwrap();
            course.steps.sort_by_key(|walked| walked.first_at);
            course
        };
        let (one, other) = (seen(&forwards), seen(&backwards));
        assert_eq!(one.steps, other.steps);
        assert_eq!(one.steps[1].times, 2);
        assert_eq!(one.steps[1].detail, "second");
        for course in [one, other] {
            assert_eq!(course.last_step, "code_redeemed");
            let decided = course.decided.unwrap();
            assert_eq!(decided.outcome, Outcome::Linked);
            assert_eq!(decided.reason, "");
        }
    }

    #[test]
    fn what_a_newer_node_wrote_survives_an_older_one() {
        let stored =
            r#"{"step":"teleported","reason":"too_fast","first_at":"1970-01-01T00:00:00Z"}"#;
        let walked: Walked = serde_json::from_str(stored).unwrap();
        assert_eq!((walked.times, walked.last_at()), (1, DateTime::UNIX_EPOCH));
        assert_eq!(serde_json::to_string(&walked).unwrap(), stored);
    }
}
