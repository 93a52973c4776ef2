//! The limits on abuse, as they are set.

use chrono::TimeDelta;

use super::{duration::parse_duration, reader::Reader, value::number};

/// How much failing, and asking, is borne. Each field's doc names its variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitSettings {
    /// `LINKGATE_LIMIT_LOGIN_BURST`: so many failed logins of an address in a row.
    pub login_burst: u32,
    /// `LINKGATE_LIMIT_LOGIN_INTERVAL`: and then one in this time.
    pub login_interval: TimeDelta,
    /// `LINKGATE_LIMIT_LOGIN_LOCKS`: how long an account waits after how many failures.
    pub login_locks: Locks,
    /// `LINKGATE_LIMIT_LOGIN_ALARM`: so many failed logins a second, for a minute, alarm the admins.
    pub login_alarm: u32,
    /// `LINKGATE_LIMIT_CLIENT_FAILURES`: so many failed authentications of a client from an address in
    /// a minute.
    pub client_failures: u32,
    /// `LINKGATE_LIMIT_CLIENT_WAIT`: the longest wait after more of them.
    pub client_wait: TimeDelta,
    /// `LINKGATE_LIMIT_AUTHORIZE`: so many authorization requests of an address in a minute.
    pub authorize: u32,
    /// `LINKGATE_LIMIT_RECORD`: so many calls of an address to a recorder in a minute.
    pub record: u32,
    /// `LINKGATE_LIMIT_CONFIRM`: so many chat users of an address in a minute that are not connected.
    pub confirm: u32,
    /// `LINKGATE_LIMIT_SIGNUP`: so many mailed codes that an address asks for in an hour, to sign up or
    /// for a new password.
    pub sign_up: u32,
    /// `LINKGATE_LIMIT_RESET`: so many codes for a new password of one account in an hour.
    pub reset: u32,
    /// `LINKGATE_LIMIT_CODES`: so many codes of any kind for one e-mail address in an hour.
    pub codes: u32,
}

/// Steps of a soft lock: from that many failures on, wait so long after each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locks(Vec<(u32, TimeDelta)>);

/// The longest soft lock: a longer one would be a way to lock somebody out.
const LONGEST_LOCK: TimeDelta = TimeDelta::minutes(15);
/// The most failures a step may ask for.
const MOST_FAILURES: u32 = 1000;

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            login_burst: 10,
            login_interval: TimeDelta::seconds(10),
            login_locks: Locks::default(),
            login_alarm: 20,
            client_failures: 10,
            client_wait: TimeDelta::minutes(5),
            authorize: 600,
            record: 60,
            confirm: 600,
            sign_up: 60,
            reset: 3,
            codes: 10,
        }
    }
}

impl Default for Locks {
    fn default() -> Self {
        let steps = [(1, 1), (3, 3), (9, 5), (25, 10), (100, 900)];
        Self(
            steps
                .map(|(failures, wait)| (failures, TimeDelta::seconds(wait)))
                .into(),
        )
    }
}

impl Locks {
    /// How long to wait after that many failures.
    pub fn after(&self, failures: u32) -> TimeDelta {
        let reached = self.0.iter().rev().find(|(from, _)| *from <= failures);
        reached.map_or(TimeDelta::zero(), |(_, wait)| *wait)
    }

    /// More failures than this change nothing.
    pub fn last(&self) -> u32 {
        self.0.last().map_or(1, |(failures, _)| *failures)
    }

    /// The longest wait.
    pub fn longest(&self) -> TimeDelta {
        self.after(self.last())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` must be steps such as 1:1s, 3:3s, 100:15m, growing in both, up to {MOST_FAILURES} failures and 15m"
            )
        };
        let step = |step: &str| {
            let (failures, wait) = step.trim().split_once(':')?;
            Some((failures.parse().ok()?, parse_duration(wait).ok()?))
        };
        let steps: Option<Vec<(u32, TimeDelta)>> = text.split(',').map(step).collect();
        let steps = steps.ok_or_else(wrong)?;
        let first = steps.first().is_some_and(|(failures, _)| *failures > 0);
        let last = steps
            .last()
            .is_some_and(|(failures, wait)| *failures <= MOST_FAILURES && *wait <= LONGEST_LOCK);
        let mut pairs = steps.iter().zip(steps.iter().skip(1));
        let grow = pairs.all(|(a, b)| a.0 < b.0 && a.1 <= b.1);
        if first && last && grow {
            Ok(Self(steps))
        } else {
            Err(wrong())
        }
    }
}

impl LimitSettings {
    pub(super) fn take(from: &mut Reader) -> Self {
        let default = Self::default();
        let wait = |text: &str| match parse_duration(text)? {
            wait if wait <= LONGEST_LOCK => Ok(wait),
            _ => Err(format!("`{text}` is longer than 15m")),
        };
        let mut many =
            |name: &str, default: u32| from.take(name, number(1, 1_000_000)).unwrap_or(default);
        Self {
            login_alarm: many("limit_login_alarm", default.login_alarm),
            authorize: many("limit_authorize", default.authorize),
            record: many("limit_record", default.record),
            confirm: many("limit_confirm", default.confirm),
            sign_up: many("limit_signup", default.sign_up),
            reset: many("limit_reset", default.reset),
            codes: many("limit_codes", default.codes),
            login_burst: from
                .take("limit_login_burst", number(1, MOST_FAILURES))
                .unwrap_or(default.login_burst),
            client_failures: from
                .take("limit_client_failures", number(1, MOST_FAILURES))
                .unwrap_or(default.client_failures),
            login_interval: from
                .take("limit_login_interval", wait)
                .unwrap_or(default.login_interval),
            client_wait: from
                .take("limit_client_wait", wait)
                .unwrap_or(default.client_wait),
            login_locks: from
                .take("limit_login_locks", Locks::parse)
                .unwrap_or(default.login_locks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_grow_with_the_failures_and_never_last() {
        let locks = Locks::default();
        let waits = [0, 1, 2, 3, 8, 9, 24, 25, 99, 100, 5000];
        let waits = waits.map(|failures| locks.after(failures).num_seconds());
        assert_eq!(waits, [0, 1, 1, 3, 3, 5, 5, 10, 10, 900, 900]);
        let written = Locks::parse("1:1s, 3:3s,9:5s,25:10s,100:15m");
        assert_eq!(written, Ok(locks));
        for wrong in [
            "",
            "1",
            "1s",
            "0:1s",
            "1:1s,1:2s",
            "3:1s,1:2s",
            "1:3s,3:1s",
            "1:16m",
            "1:1s,",
            "1001:1s",
            "-1:1s",
        ] {
            assert!(Locks::parse(wrong).is_err(), "{wrong}");
        }
    }
}
