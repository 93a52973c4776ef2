//! A clock that stands still until the test moves it.

use std::sync::RwLock;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use linkgate::foundation::clock::Clock;

/// The one clock of all nodes of a test.
pub struct ManualClock(RwLock<DateTime<Utc>>);

impl Default for ManualClock {
    fn default() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 5, 4, 9, 30, 0);
        Self(RwLock::new(start.unwrap()))
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, span: TimeDelta) {
        *self.0.write().unwrap() += span;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.read().unwrap()
    }
}

pub fn seconds(number: i64) -> TimeDelta {
    TimeDelta::seconds(number)
}

pub fn minutes(number: i64) -> TimeDelta {
    TimeDelta::minutes(number)
}

pub fn hours(number: i64) -> TimeDelta {
    TimeDelta::hours(number)
}

pub fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}
