//! Limits of logging in: by address, so that nobody tries many accounts, and by account, so that
//! nobody tries many passwords on one. The account's is a soft lock, told to nobody, and the same for
//! an e-mail address that nobody has. A device that logged in to an account before is past both: it
//! has a tally of its own, which others can't fill.

use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::{
    Subject,
    rule::{LoginRules, Rule},
    seconds_until,
    store::{self, Tally},
};
use crate::web::{caller::Caller, device::DeviceId, state::AppState};

/// Where somebody logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// To their account.
    People,
    /// To the console, which bears half as much.
    Console,
}

/// Who is at the door.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    /// Which one.
    pub door: Door,
    /// From where.
    pub caller: Caller,
    /// Whose account they ask for; what identifies it, not what was typed.
    pub email_key: &'a str,
    /// The device, if it logged in to that very account before.
    pub device: Option<DeviceId>,
}

/// What a visitor is told, before the password is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is looked at.
    Open,
    /// The account waits: whatever the password is, it is answered like a wrong one.
    Closed,
    /// The address waits.
    TooMany {
        /// For so long.
        seconds: u32,
    },
}

/// A login under way. Its outcome has to be told.
pub struct Attempt<'a> {
    /// What the visitor is told.
    pub admission: Admission,
    visitor: Visitor<'a>,
    address: Option<Subject>,
    account: Subject,
    remembered: bool,
}

/// A held account is free again after this, if the outcome is never told. Longer than a password may
/// wait to be hashed.
const HOLD: TimeDelta = TimeDelta::seconds(5);

/// How long the address has to wait, as far as this node knows by itself.
pub fn known_to_wait(
    door: Door,
    caller: Caller,
    state: &AppState,
    now: DateTime<Utc>,
) -> Option<u32> {
    let limits = &state.limits;
    let address = limits.on.then(|| address(door, caller, state, now))?;
    let until = limits.memory.waits_until(address, now)?;
    Some(seconds_until(until, now))
}

/// How long the address has to wait, as far as any node knows.
pub async fn waits(
    door: Door,
    caller: Caller,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<u32>> {
    if !state.limits.on {
        return Ok(None);
    }
    let address = address(door, caller, state, now);
    if let Some(until) = state.limits.memory.waits_until(address, now) {
        return Ok(Some(seconds_until(until, now)));
    }
    let tallies = store::find_tallies(&state.db, &[address.0.to_vec()]).await?;
    let until = tallies.first().map_or(now, |tally| tally.blocked_until);
    Ok((until > now).then(|| seconds_until(until, now)))
}

/// Counts a login that named no account and did not lead in.
pub async fn nameless_failed(
    door: Door,
    caller: Caller,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if state.limits.on {
        let address = address(door, caller, state, now);
        count_address((door, caller), address, state, now).await?;
    }
    state.limits.alarm.count(state, now).await
}

async fn count_address(
    (door, caller): (Door, Caller),
    address: Subject,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let rule = &rules(door, state).address;
    let until = store::count_failure(&state.db, address, rule, true, now).await?;
    if let Some(until) = until.filter(|until| *until > now) {
        state.limits.memory.waits(address, until, now);
        let network = caller.neighbourhood();
        info!(%network, "too many logins from an address of this network failed; it waits");
    }
    Ok(())
}

/// Asks whether a password may be looked at.
pub async fn begin<'a>(
    visitor: Visitor<'a>,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Attempt<'a>> {
    let (rule, about) = of_account(&visitor, state);
    let mut attempt = Attempt {
        admission: Admission::Open,
        visitor,
        address: (state.limits.on && visitor.device.is_none())
            .then(|| address(visitor.door, visitor.caller, state, now)),
        account: Subject::new(rule.name, &about, state, now),
        remembered: false,
    };
    let asked = [Some(attempt.account), attempt.address];
    let asked: Vec<_> = asked
        .iter()
        .flatten()
        .map(|subject| subject.0.to_vec())
        .collect();
    let tallies = store::find_tallies(&state.db, &asked).await?;
    let of = |subject: Subject| tallies.iter().find(|tally| tally.subject == subject.0);
    if let Some((subject, tally)) = attempt
        .address
        .and_then(|subject| Some((subject, of(subject)?)))
        && tally.blocked_until > now
    {
        state.limits.memory.waits(subject, tally.blocked_until, now);
        attempt.admission = Admission::TooMany {
            seconds: seconds_until(tally.blocked_until, now),
        };
    } else if let Some(tally) = of(attempt.account) {
        attempt.remembered = true;
        attempt.admission = admit(attempt.account, tally, state, now).await?;
    }
    Ok(attempt)
}

/// Of an account with failures that are not forgotten, one password is looked at a time: else many at
/// once would be looked at between two locks.
async fn admit(
    account: Subject,
    tally: &Tally,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Admission> {
    if tally.forgotten_at <= now {
        return Ok(Admission::Open);
    }
    let free = tally.blocked_until <= now
        && store::hold(&state.db, account, tally.blocked_until, now + HOLD).await?;
    Ok(if free {
        Admission::Open
    } else {
        Admission::Closed
    })
}

impl Attempt<'_> {
    /// The password was right: what was counted for this account is forgotten. What was counted for
    /// the address stays, or one right login would pay for ten wrong ones.
    pub async fn succeeded(self, state: &AppState) -> sqlx::Result<()> {
        if self.remembered {
            store::forget(&state.db, self.account).await?;
        }
        Ok(())
    }

    /// It was wrong, or not looked at. An error means that it could not be counted; then nothing may
    /// be told of it.
    pub async fn failed(self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<()> {
        if self.admission == Admission::Open {
            let (rule, _) = of_account(&self.visitor, state);
            store::count_failure(&state.db, self.account, rule, true, now).await?;
        }
        if let Some(address) = self.address {
            let from = (self.visitor.door, self.visitor.caller);
            count_address(from, address, state, now).await?;
        }
        state.limits.alarm.count(state, now).await
    }
}

fn rules(door: Door, state: &AppState) -> &LoginRules {
    match door {
        Door::People => &state.limits.rules.people,
        Door::Console => &state.limits.rules.console,
    }
}

fn address(door: Door, caller: Caller, state: &AppState, now: DateTime<Utc>) -> Subject {
    let name = rules(door, state).address.name;
    Subject::new(name, caller.network().to_string().as_bytes(), state, now)
}

/// Which rule holds for the account, and what its tally is about.
fn of_account<'a>(visitor: &Visitor<'_>, state: &'a AppState) -> (&'a Rule, Vec<u8>) {
    let rules = rules(visitor.door, state);
    let email = visitor.email_key.as_bytes();
    match visitor.device {
        Some(device) => (&rules.device, [device.as_bytes(), email].concat()),
        None => (&rules.account, email.to_vec()),
    }
}
