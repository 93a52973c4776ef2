//! What operators learn of shared statements: how many calls a batch has, and how long they wait.

use std::{
    fmt::{self, Write},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Batches of up to so many calls are counted together.
const SIZES: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Waits of up to so many microseconds are.
const WAITS: [u64; 9] = [
    100, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 200_000, 2_000_000,
];

/// Counts the batches of one kind of statement.
pub struct Meter {
    statement: &'static str,
    sizes: Histogram<{ SIZES.len() }>,
    waits: Histogram<{ WAITS.len() }>,
    turned_away: AtomicU64,
}

struct Histogram<const N: usize> {
    bounds: [u64; N],
    counts: [AtomicU64; N],
    /// Counts what is over every bound.
    over: AtomicU64,
    sum: AtomicU64,
}

impl Meter {
    /// A meter that has counted nothing.
    pub fn of(statement: &'static str) -> Self {
        Self {
            statement,
            sizes: Histogram::new(SIZES),
            waits: Histogram::new(WAITS),
            turned_away: AtomicU64::new(0),
        }
    }

    /// A batch of so many calls has begun.
    pub fn begun(&self, calls: usize) {
        self.sizes.count(calls as u64);
    }

    /// One of its calls had waited that long.
    pub fn waited(&self, wait: Duration) {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        self.waits.count(micros);
    }

    /// A call found no place, or its batch did not begin in time.
    pub fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }
}

impl<const N: usize> Histogram<N> {
    fn new(bounds: [u64; N]) -> Self {
        Self {
            bounds,
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            over: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    fn count(&self, value: u64) {
        let place = self.bounds.iter().position(|bound| value <= *bound);
        let count = place.and_then(|place| self.counts.get(place));
        count.unwrap_or(&self.over).fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Prometheus counts each bucket with all smaller ones.
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of a machine's lifetime fit into 52 bits"
    )]
    fn write(&self, text: &mut String, (name, statement): (&str, &str), unit: f64) -> fmt::Result {
        let mut all = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            all += count.load(Ordering::Relaxed);
            let bound = *bound as f64 / unit;
            writeln!(
                text,
                "{name}_bucket{{statement=\"{statement}\",le=\"{bound}\"}} {all}"
            )?;
        }
        all += self.over.load(Ordering::Relaxed);
        let sum = self.sum.load(Ordering::Relaxed) as f64 / unit;
        writeln!(
            text,
            "{name}_bucket{{statement=\"{statement}\",le=\"+Inf\"}} {all}\n\
             {name}_sum{{statement=\"{statement}\"}} {sum}\n\
             {name}_count{{statement=\"{statement}\"}} {all}"
        )
    }
}

/// What the meters counted, as Prometheus text.
///
/// # Errors
///
/// None: writing to a `String` can't fail.
pub fn prometheus<'a>(
    meters: impl Iterator<Item = &'a Meter> + Clone,
) -> Result<String, fmt::Error> {
    let mut text = String::from(
        "# HELP linkgate_batch_calls How many calls shared a statement.\n\
         # TYPE linkgate_batch_calls histogram\n",
    );
    for meter in meters.clone() {
        let name = ("linkgate_batch_calls", meter.statement);
        meter.sizes.write(&mut text, name, 1.0)?;
    }
    text.push_str(
        "# HELP linkgate_batch_wait_seconds How long calls waited for their statement to begin.\n\
         # TYPE linkgate_batch_wait_seconds histogram\n",
    );
    for meter in meters.clone() {
        let name = ("linkgate_batch_wait_seconds", meter.statement);
        meter.waits.write(&mut text, name, 1_000_000.0)?;
    }
    text.push_str(
        "# HELP linkgate_batch_turned_away_total Calls that found no place in the queue, or waited too long.\n\
         # TYPE linkgate_batch_turned_away_total counter\n",
    );
    for meter in meters {
        let (statement, count) = (meter.statement, meter.turned_away.load(Ordering::Relaxed));
        writeln!(
            text,
            "linkgate_batch_turned_away_total{{statement=\"{statement}\"}} {count}"
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_counts_all_that_is_not_above_it() {
        let meter = Meter::of("resolve");
        for calls in [1, 1, 3, 64] {
            meter.begun(calls);
        }
        meter.waited(Duration::from_millis(1));
        meter.waited(Duration::from_secs(9));
        meter.turned_away();
        let text = prometheus([&meter].into_iter()).unwrap();
        for line in [
            "linkgate_batch_calls_bucket{statement=\"resolve\",le=\"1\"} 2",
            "linkgate_batch_calls_bucket{statement=\"resolve\",le=\"4\"} 3",
            "linkgate_batch_calls_bucket{statement=\"resolve\",le=\"+Inf\"} 4",
            "linkgate_batch_calls_sum{statement=\"resolve\"} 69",
            "linkgate_batch_wait_seconds_bucket{statement=\"resolve\",le=\"0.0005\"} 0",
            "linkgate_batch_wait_seconds_bucket{statement=\"resolve\",le=\"0.001\"} 1",
            "linkgate_batch_wait_seconds_bucket{statement=\"resolve\",le=\"2\"} 1",
            "linkgate_batch_wait_seconds_count{statement=\"resolve\"} 2",
            "linkgate_batch_wait_seconds_sum{statement=\"resolve\"} 9.001",
            "linkgate_batch_turned_away_total{statement=\"resolve\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
