//! How often an address asks in a minute. A node counts by itself, and tells the others each time it
//! has counted another twentieth of the limit: few people ever cause a write, and a flood past its
//! limit causes none.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use tracing::{info, warn};

use super::{Subject, store};
use crate::web::{caller::Caller, state::AppState};

/// The most addresses a node counts at once; beyond, nothing is refused, and only arithmetic is lost.
const CAPACITY: usize = 50_000;
/// How many shares of the limit are told one by one.
const SHARES: u32 = 20;
const MINUTE: i64 = 60;

/// Counts requests by address and minute.
pub(super) struct Requests {
    name: &'static str,
    a_minute: u32,
    counting: Mutex<HashMap<IpNet, Counted>>,
}

#[derive(Default, Clone, Copy)]
struct Counted {
    minute: i64,
    here: u32,
    /// How many of those the other nodes know of.
    told: u32,
    elsewhere: u32,
}

/// What one more request means.
enum Counting {
    Fine,
    /// The other nodes are to be told of so many.
    Telling(u32),
    TooMany {
        first: bool,
    },
}

impl Requests {
    pub(super) fn new(name: &'static str, a_minute: u32) -> Self {
        Self {
            name,
            a_minute,
            counting: Mutex::default(),
        }
    }

    /// Counts a request; gives the seconds to wait, if there were too many.
    pub(super) async fn count(
        &self,
        caller: Caller,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Option<u32> {
        let minute = now.timestamp().div_euclid(MINUTE);
        let network = caller.network();
        match self.count_here(network, minute) {
            Counting::Fine => return None,
            Counting::Telling(requests) => self.tell(network, minute, requests, state, now).await,
            Counting::TooMany { first } => {
                if first {
                    let network = caller.neighbourhood();
                    info!(limit = self.name, %network, "an address of this network asks too often");
                }
            }
        }
        let over = self
            .counting()
            .get(&network)
            .is_some_and(|counted| self.is_over(counted));
        over.then(|| until_the_next(now))
    }

    /// The seconds to wait, if there were too many already; nothing is counted.
    pub(super) fn waits(&self, caller: Caller, now: DateTime<Utc>) -> Option<u32> {
        let minute = now.timestamp().div_euclid(MINUTE);
        let counting = self.counting();
        let counted = counting.get(&caller.network())?;
        let counts = counted.minute == minute;
        (counts && counted.here.saturating_add(counted.elsewhere) >= self.a_minute)
            .then(|| until_the_next(now))
    }

    fn count_here(&self, network: IpNet, minute: i64) -> Counting {
        let mut counting = self.counting();
        if counting.len() >= CAPACITY && !counting.contains_key(&network) {
            counting.retain(|_, counted| counted.minute == minute);
            if counting.len() >= CAPACITY {
                return Counting::Fine;
            }
        }
        let counted = counting.entry(network).or_default();
        if counted.minute != minute {
            *counted = Counted {
                minute,
                ..Counted::default()
            };
        }
        let was_over = self.is_over(counted);
        counted.here = counted.here.saturating_add(1);
        let untold = counted.here - counted.told;
        if self.is_over(counted) {
            Counting::TooMany { first: !was_over }
        } else if untold >= self.a_minute.div_ceil(SHARES) {
            counted.told = counted.here;
            Counting::Telling(untold)
        } else {
            Counting::Fine
        }
    }

    /// A database that can't take it refuses nobody: then each node limits by itself.
    async fn tell(
        &self,
        network: IpNet,
        minute: i64,
        requests: u32,
        state: &AppState,
        now: DateTime<Utc>,
    ) {
        let subject = Subject::new(self.name, network.to_string().as_bytes(), state, now);
        let Some(starts_at) = DateTime::from_timestamp(minute * MINUTE, 0) else {
            return;
        };
        match store::add_requests(&state.db, subject, starts_at, requests).await {
            Ok(all) => {
                if let Some(counted) = self.counting().get_mut(&network)
                    && counted.minute == minute
                {
                    let all = u32::try_from(all).unwrap_or(u32::MAX);
                    // Told by requests of this node that run beside this one, too.
                    let elsewhere = all.saturating_sub(counted.told);
                    counted.elsewhere = counted.elsewhere.max(elsewhere);
                }
            }
            Err(error) => warn!(%error, "the nodes could not be told of requests"),
        }
    }

    fn is_over(&self, counted: &Counted) -> bool {
        counted.here.saturating_add(counted.elsewhere) > self.a_minute
    }

    fn counting(&self) -> MutexGuard<'_, HashMap<IpNet, Counted>> {
        self.counting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The seconds to the end of the minute.
fn until_the_next(now: DateTime<Utc>) -> u32 {
    let seconds = MINUTE - now.timestamp().rem_euclid(MINUTE);
    u32::try_from(seconds).unwrap_or(1)
}
