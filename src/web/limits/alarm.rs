//! Whether logins fail everywhere at once: an alarm for admins, and never a lock, which would be what
//! an attacker wants.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::{Subject, store};
use crate::web::state::AppState;

/// Failures are counted in spans of so many seconds.
const SPAN: i64 = 10;
/// So many spans in a row over the limit raise the alarm: a minute.
const SPANS: i64 = 6;

/// Counts failed logins of this node, tells the others once a span, and hears of theirs.
pub(super) struct Alarm {
    a_second: u32,
    counting: Mutex<Span>,
    failures: AtomicU64,
    // Unix seconds.
    raised_until: AtomicI64,
}

#[derive(Default, Clone, Copy)]
struct Span {
    starts_at: i64,
    failures: u32,
}

impl Alarm {
    /// Raised by more than so many failures a second for a minute.
    pub(super) fn new(a_second: u32) -> Self {
        Self {
            a_second,
            counting: Mutex::default(),
            failures: AtomicU64::new(0),
            raised_until: AtomicI64::new(0),
        }
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn is_raised(&self, now: DateTime<Utc>) -> bool {
        self.raised_until.load(Ordering::Relaxed) > now.timestamp()
    }

    /// Counts a failed login. The first one of a new span tells what the last one held.
    pub(super) async fn count(&self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<()> {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let starts_at = now.timestamp().div_euclid(SPAN) * SPAN;
        let Some(over) = self.count_here(starts_at) else {
            return Ok(());
        };
        let subject = Subject::new("failed logins", b"", state, now);
        if let Some(span) = DateTime::from_timestamp(over.starts_at, 0) {
            store::add_requests(&state.db, subject, span, over.failures).await?;
        }
        let Some(end) = DateTime::from_timestamp(starts_at, 0) else {
            return Ok(());
        };
        // The span that has just ended is left for the next time: other nodes may not have told it.
        let before = end - TimeDelta::seconds(SPAN);
        let minute = (before - TimeDelta::seconds(SPAN * SPANS), before);
        let smallest = store::smallest_count(&state.db, subject, minute, SPANS).await?;
        let limit = i64::from(self.a_second) * SPAN;
        self.judge(
            smallest.is_some_and(|smallest| smallest > limit),
            starts_at,
            now,
        );
        Ok(())
    }

    /// Gives the span that has ended with this failure.
    fn count_here(&self, starts_at: i64) -> Option<Span> {
        let mut counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        if counting.starts_at == starts_at {
            counting.failures += 1;
            return None;
        }
        let over = *counting;
        *counting = Span {
            starts_at,
            failures: 1,
        };
        (over.failures > 0).then_some(over)
    }

    fn judge(&self, over_the_limit: bool, starts_at: i64, now: DateTime<Utc>) {
        let was_raised = self.is_raised(now);
        if over_the_limit {
            // Until the spans after this one could have said otherwise.
            self.raised_until
                .store(starts_at + 3 * SPAN, Ordering::Relaxed);
            if !was_raised {
                warn!(
                    a_second = self.a_second,
                    "more logins than that have failed for a minute: somebody may be guessing passwords"
                );
            }
        } else if was_raised {
            self.raised_until.store(0, Ordering::Relaxed);
            info!("failed logins are back to few");
        }
    }
}
