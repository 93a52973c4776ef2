//! What is delivered behind what made it due: at once when somebody says so, else when it is next looked
//! for; and tried again after waits that grow.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Notify;

/// Wakes whoever delivers.
#[derive(Default)]
pub struct Bell(Notify);

impl Bell {
    /// Something may be due now.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Delivers for ever: when the bell rings, and every so often in case another node should have, or
    /// something waited for its time. `deliver` says whether there may be more to do at once.
    pub async fn answer<F: Future<Output = sqlx::Result<bool>>>(
        &self,
        look_every: Duration,
        what: &str,
        deliver: impl Fn() -> F,
    ) {
        loop {
            // Either way it is looked what is due.
            drop(tokio::time::timeout(look_every, self.0.notified()).await);
            loop {
                match deliver().await {
                    Ok(full) if full => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, what, "it could not be looked what is due");
                        break;
                    }
                }
            }
        }
    }
}

/// How long to wait between tries.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// After the first failure; each one more doubles it.
    pub first: TimeDelta,
    /// The longest.
    pub longest: TimeDelta,
}

impl Waits {
    /// The wait after so many tries: a quarter more or less, by chance, so that what failed together
    /// doesn't come back together.
    pub fn after(self, attempts: i32, [chance]: [u8; 1]) -> TimeDelta {
        let doublings = u32::try_from(attempts - 1).unwrap_or_default().min(16);
        let wait = (self.first * 2_i32.pow(doublings)).min(self.longest);
        wait * (96 + i32::from(chance) / 4) / 128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ_by_a_quarter() {
        let waits = Waits {
            first: TimeDelta::seconds(10),
            longest: TimeDelta::hours(2),
        };
        for (attempts, least, most) in [(1, 7, 12), (2, 15, 24), (5, 120, 198), (11, 5400, 8943)] {
            let seconds = [[0], [255]].map(|chance| waits.after(attempts, chance).num_seconds());
            assert_eq!(seconds, [least, most], "{attempts}");
        }
        assert_eq!(waits.after(i32::MAX, [128]), waits.longest);
    }
}
