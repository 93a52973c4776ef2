//! Moments as admins read them: exact, in UTC, and how long ago.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::web::{
    i18n::{Lang, Words},
    time,
};

/// A moment, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// RFC 3339, for the `datetime` attribute.
    pub datetime: String,
    /// "3 Mar 2026, 12:00:00 UTC".
    pub exact: String,
    /// "2 hours ago".
    pub ago: String,
}

impl When {
    /// The moment `at`, seen from `now`.
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            datetime: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            exact: at.format("%-d %b %Y, %H:%M:%S UTC").to_string(),
            ago: time::ago(at, now, Words::new(Lang::En)),
        }
    }
}
