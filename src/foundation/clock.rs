//! The one clock. Only handlers read it; everything below them takes `now` as an argument.

use chrono::{DateTime, Utc};

/// Tells the time. Production uses [`SystemClock`]; tests move a clock of their own.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock the others are given"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
