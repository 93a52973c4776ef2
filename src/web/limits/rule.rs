//! What each kind of failure leads to.

use chrono::TimeDelta;

use crate::config::{LimitSettings, Locks};

/// How failures of one kind add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Keeps its subjects from another rule's.
    pub(super) name: &'static str,
    /// How many seconds to wait after the first failure, the second, and so on; more than these are
    /// counted as the last.
    pub(super) waits: Vec<i32>,
    /// After how many quiet seconds one failure is forgotten.
    pub(super) forget: i32,
}

/// The rules of one login.
#[derive(Debug)]
pub(super) struct LoginRules {
    pub(super) address: Rule,
    pub(super) account: Rule,
    pub(super) device: Rule,
}

/// All rules.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) people: LoginRules,
    pub(super) console: LoginRules,
    pub(super) client: Rule,
    pub(super) factor: Rule,
    pub(super) console_factor: Rule,
}

/// The first wait after too many failed authentications of a client; each one more doubles it.
const FIRST_WAIT: i32 = 10;
/// So many guesses at codes of six digits in a row, and so many an hour.
const FACTOR_GUESSES: u32 = 10;

impl Rules {
    pub(super) fn new(settings: &LimitSettings) -> Self {
        let (burst, interval) = (settings.login_burst, settings.login_interval);
        let locks = &settings.login_locks;
        Self {
            people: LoginRules {
                address: Rule::burst("login address", burst, interval),
                account: Rule::locks("login account", locks, 1),
                device: Rule::locks("login device", locks, 1),
            },
            // The console bears half as much.
            console: LoginRules {
                address: Rule::burst("console address", (burst / 2).max(1), interval * 2),
                account: Rule::locks("console account", locks, 2),
                device: Rule::locks("console device", locks, 2),
            },
            client: Rule::doubling("client", settings.client_failures, settings.client_wait),
            factor: Rule::an_hour("factor", FACTOR_GUESSES),
            console_factor: Rule::an_hour("console factor", FACTOR_GUESSES / 2),
        }
    }
}

impl Rule {
    /// So many in a row, then one in an interval.
    fn burst(name: &'static str, burst: u32, interval: TimeDelta) -> Self {
        let interval = seconds(interval);
        let mut waits = vec![0; burst as usize - 1];
        waits.push(interval);
        Self {
            name,
            waits,
            forget: interval,
        }
    }

    /// So many in a row, then so many an hour.
    fn an_hour(name: &'static str, many: u32) -> Self {
        let interval = TimeDelta::minutes((60 / many).into());
        Self::burst(name, many, interval)
    }

    /// A soft lock after each failure, which counts for `weight` of them.
    fn locks(name: &'static str, locks: &Locks, weight: u32) -> Self {
        let counted = 1..=locks.last().div_ceil(weight);
        Self {
            name,
            waits: counted
                .map(|failures| seconds(locks.after(failures * weight)))
                .collect(),
            forget: seconds(locks.longest()),
        }
    }

    /// So many in a minute, then waits that double up to the longest.
    fn doubling(name: &'static str, a_minute: u32, longest: TimeDelta) -> Self {
        let longest = seconds(longest);
        let mut waits = vec![0; a_minute as usize - 1];
        let mut wait = FIRST_WAIT;
        while wait < longest {
            waits.push(wait);
            wait *= 2;
        }
        waits.push(longest);
        Self {
            name,
            waits,
            forget: i32::try_from(60_u32.div_ceil(a_minute)).unwrap_or(60),
        }
    }
}

fn seconds(span: TimeDelta) -> i32 {
    i32::try_from(span.num_seconds()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_curves() {
        let rules = Rules::new(&LimitSettings::default());
        let address = &rules.people.address;
        assert_eq!(
            (address.waits.len(), address.waits.iter().sum::<i32>()),
            (10, 10)
        );
        assert_eq!(address.forget, 10);
        let account = &rules.people.account.waits;
        let shown = [1, 2, 3, 8, 9, 24, 25, 99, 100].map(|failures| account[failures - 1]);
        assert_eq!(shown, [1, 1, 3, 3, 5, 5, 10, 10, 900]);
        let client = Rule::doubling("x", 10, TimeDelta::minutes(5));
        let (borne, waits) = client.waits.split_at(9);
        assert_eq!(
            (borne, waits),
            (&[0; 9][..], &[10, 20, 40, 80, 160, 300][..])
        );
        assert_eq!(client.forget, 6);
    }

    #[test]
    fn the_console_bears_half_as_much() {
        let rules = Rules::new(&LimitSettings::default());
        let address = &rules.console.address;
        assert_eq!((address.waits.len(), address.forget), (5, 20));
        let account = &rules.console.account.waits;
        let shown = [1, 2, 5, 13, 50].map(|failures| account[failures - 1]);
        assert_eq!(shown, [1, 3, 5, 10, 900]);
        assert_eq!(account.len(), 50);
    }
}
