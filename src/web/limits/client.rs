//! Failed authentications of a client from an address. They are counted after the secret was looked
//! at, which costs one SHA-256: so the right secret is taken at any time, and nobody who shares an
//! address with a platform can stop it or unlink anybody. Only wrong ones are slowed down.

use chrono::{DateTime, Utc};
use tracing::{info, warn};

use super::{Subject, seconds_until, store};
use crate::web::{caller::Caller, state::AppState};

/// Counts a failure of whatever was named as the client, known or not. Gives the seconds to wait, if
/// there were too many before it. What can't be counted is answered as the first one would be.
pub async fn count_failure(
    client_id: &str,
    caller: Caller,
    state: &AppState,
    now: DateTime<Utc>,
) -> Option<u32> {
    let limits = &state.limits;
    if !limits.on {
        return None;
    }
    let rule = &limits.rules.client;
    let about = format!("{}\0{client_id}", caller.network());
    let subject = Subject::new(rule.name, about.as_bytes(), state, now);
    if let Some(until) = limits.memory.waits_until(subject, now) {
        return Some(seconds_until(until, now));
    }
    let until = match store::count_failure(&state.db, subject, rule, false, now).await {
        Ok(Some(until)) => {
            if until > now {
                limits.memory.waits(subject, until, now);
                let network = caller.neighbourhood();
                info!(%network, "a client's authentication failed too often from an address of this network");
            }
            return None;
        }
        Ok(None) => store::find_tallies(&state.db, &[subject.0.to_vec()]).await,
        Err(error) => Err(error),
    };
    match until {
        Ok(tallies) => {
            let until = tallies.first()?.blocked_until;
            limits.memory.waits(subject, until, now);
            Some(seconds_until(until, now))
        }
        Err(error) => {
            warn!(%error, "a failed authentication of a client could not be counted");
            None
        }
    }
}
