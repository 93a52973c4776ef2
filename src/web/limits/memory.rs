//! Who is known to wait, on this node: the first stage, which saves the question.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use super::Subject;

/// The most that are remembered; of more, the database is asked.
const CAPACITY: usize = 10_000;

/// Until when somebody waits. A wait is never cut short, so what is known stays true.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<Subject, DateTime<Utc>>>);

impl Memory {
    /// Until when the subject waits, if this node knows.
    pub(super) fn waits_until(
        &self,
        subject: Subject,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        self.known()
            .get(&subject)
            .copied()
            .filter(|until| *until > now)
    }

    /// Remembers it.
    pub(super) fn waits(&self, subject: Subject, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut known = self.known();
        if known.len() >= CAPACITY {
            known.retain(|_, until| *until > now);
        }
        if known.len() < CAPACITY {
            known.insert(subject, until);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Subject, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
