//! Limits of guessing at codes of six digits: by whom they lead in, whatever tickets the guesses are made
//! with. Who guesses knows the password already; so a device that signed in before has a tally of its own,
//! and recovery codes, which can't be guessed, are not counted: nobody is locked out.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Subject, login::Door, rule::Rule, seconds_until, store};
use crate::web::{device::DeviceId, state::AppState};

/// Who types a code.
#[derive(Debug, Clone, Copy)]
pub struct Guesser {
    /// Where.
    pub door: Door,
    /// Whose code it has to be.
    pub owner: Uuid,
    /// The device, if it signed in as them before.
    pub device: Option<DeviceId>,
}

impl Guesser {
    /// Counts a guess before it is looked at; else the seconds until one may be.
    pub async fn count(
        &self,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Result<(), u32>> {
        let (rule, subject) = (self.rule(state), self.subject(state, now));
        let counted = store::count_failure(&state.db, subject, rule, false, now).await?;
        if counted.is_some() {
            return Ok(Ok(()));
        }
        let tallies = store::find_tallies(&state.db, &[subject.0.to_vec()]).await?;
        let until = tallies.first().map_or(now, |tally| tally.blocked_until);
        Ok(Err(seconds_until(until, now)))
    }

    /// It was right: what was counted is forgotten.
    pub async fn was_right(&self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<()> {
        store::forget(&state.db, self.subject(state, now)).await
    }

    fn rule<'a>(&self, state: &'a AppState) -> &'a Rule {
        let rules = &state.limits.rules;
        match self.door {
            Door::People => &rules.factor,
            Door::Console => &rules.console_factor,
        }
    }

    fn subject(&self, state: &AppState, now: DateTime<Utc>) -> Subject {
        let device = self.device.as_ref().map_or(&[][..], DeviceId::as_bytes);
        let about = [self.owner.as_bytes(), device].concat();
        Subject::new(self.rule(state).name, &about, state, now)
    }
}
