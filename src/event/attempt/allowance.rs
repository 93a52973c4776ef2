//! How much history strangers may write: beginning to link costs nothing, so a flood of it must not
//! fill the table.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::foundation::ids::ClientId;

/// How many steps that need no login are kept of each client and hour, on each node: some two thousand
/// people who give up before they log in.
const HOURLY: u32 = 6000;

/// What is left of each client's hour. Only clients that exist are in it.
#[derive(Default)]
pub struct Allowance(Mutex<HashMap<ClientId, (i64, u32)>>);

impl Allowance {
    /// Takes one step's worth; whether there was one left.
    pub fn take(&self, client: &ClientId, now: DateTime<Utc>) -> bool {
        let hour = now.timestamp().div_euclid(3600);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of_hour, count)) = taken.get_mut(client) {
            if *of_hour != hour {
                (*of_hour, *count) = (hour, 0);
            }
            *count += 1;
            return *count <= HOURLY;
        }
        taken.insert(client.clone(), (hour, 1));
        true
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn each_client_has_its_own_allowance_and_a_new_one_every_hour() {
        let (allowance, now) = (Allowance::default(), DateTime::UNIX_EPOCH);
        let [one, other] = ["one", "other"].map(|id| ClientId(id.to_owned()));
        for _ in 0..HOURLY {
            assert!(allowance.take(&one, now));
        }
        assert!(!allowance.take(&one, now + TimeDelta::minutes(59)));
        assert!(allowance.take(&other, now));
        assert!(allowance.take(&one, now + TimeDelta::minutes(60)));
    }
}
