//! Argon2 alone on all cores: what a login can't be faster than.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{anyhow, ensure};
use argon2::{
    Argon2,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};

use super::{data::PASSWORD, measure::Sample};

/// Verifies the password over and over for a span on every core.
pub fn run(hash: &str, span: Duration) -> anyhow::Result<Sample> {
    let cores = thread::available_parallelism()?.get();
    let began = Instant::now();
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| scope.spawn(|| verify_until(hash, began + span)))
            .collect();
        let mut times = Vec::new();
        for thread in threads {
            let verified = thread.join().map_err(|_| anyhow!("a thread panicked"))?;
            times.extend(verified?);
        }
        anyhow::Ok(times)
    })?;
    Ok(Sample {
        operations: u64::try_from(times.len())?,
        span: began.elapsed(),
        times,
        ..Sample::default()
    })
}

fn verify_until(hash: &str, end: Instant) -> anyhow::Result<Vec<Duration>> {
    let parsed = PasswordHash::new(hash).map_err(|error| anyhow!("not a hash: {error}"))?;
    let argon2 = Argon2::default();
    let mut times = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        let right = argon2.verify_password(PASSWORD.as_bytes(), &parsed);
        ensure!(right.is_ok(), "the password is not recognised");
        times.push(began.elapsed());
    }
    Ok(times)
}
