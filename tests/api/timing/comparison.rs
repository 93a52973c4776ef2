//! Mann and Whitney's test: whether the times of one kind tend to be longer than those of another. It
//! looks at ranks alone, so that a few slow answers don't matter and a slow machine slows both. On a
//! quiet machine ranks tell even a few microseconds apart, so it is looked at how large the shift is, too.

use std::{cmp::Ordering, time::Instant};

/// How often each kind is measured for one verdict.
const ROUNDS: usize = 200;
/// Rounds before that: the first ones open connections and fill caches.
const WARM_UP: usize = 10;
/// How many verdicts against it, each with fresh samples, make a test fail.
const VERDICTS: usize = 3;
/// How unlikely chance must be: 4.9 standard deviations are one in a million.
const SIGNIFICANT: f64 = 4.9;

/// How many rounds there can be.
pub const ALL_ROUNDS: usize = VERDICTS * (WARM_UP + ROUNDS);

/// How two samples compare.
#[derive(Debug)]
pub struct Comparison {
    /// Of all pairs, the part in which the one of the first sample took longer; ties count half.
    longer: f64,
    /// So many standard deviations is that away from a half.
    deviations: f64,
    /// By so many microseconds it took longer: the median over all pairs (Hodges and Lehmann).
    shift: f64,
}

impl Comparison {
    /// Mann and Whitney's U, with the normal distribution in its place: the samples are large.
    pub fn of(first: &[f64], second: &[f64]) -> Self {
        let won = |one: &f64| {
            let against = second.iter().map(|other| match one.total_cmp(other) {
                Ordering::Greater => 1.0,
                Ordering::Equal => 0.5,
                Ordering::Less => 0.0,
            });
            against.sum::<f64>()
        };
        let (n, m) = (number(first.len()), number(second.len()));
        let u: f64 = first.iter().map(won).sum();
        let pairs = first
            .iter()
            .flat_map(|one| second.iter().map(move |other| (one, other)));
        let differences = pairs.map(|(one, other)| one - other);
        let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
        Self {
            longer: u / (n * m),
            deviations: (u - n * m / 2.0) / deviation,
            shift: median(differences.collect()),
        }
    }

    fn tells_them_apart(&self, least: f64) -> bool {
        self.deviations.abs() > SIGNIFICANT && self.shift.abs() > least
    }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).unwrap().into()
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Fails if one of these kinds can be told from the first one by its time. `once(kind, round)` does
/// one; each round is another. `unit` does what must not be done for one kind alone: a shift of less
/// than half of it is something smaller.
pub async fn assert_alike(kinds: &[&str], unit: impl AsyncFn(), once: impl AsyncFn(usize, usize)) {
    let mut seen = Vec::new();
    for verdict in 0..VERDICTS {
        let (times, units) = measured(kinds.len(), verdict, &unit, &once).await;
        let least = median(units) / 2.0;
        let compared = |kind: usize| Comparison::of(&times[kind], &times[0]);
        let compared: Vec<_> = (1..kinds.len())
            .map(|kind| (kinds[kind], compared(kind)))
            .collect();
        println!("against {}, at least {least:.1}: {compared:?}", kinds[0]);
        if !compared
            .iter()
            .any(|(_, found)| found.tells_them_apart(least))
        {
            return;
        }
        seen.push((least, compared));
    }
    panic!("told apart from {}: {seen:#?}", kinds[0]);
}

/// Microseconds, by kind, and of the unit. They are done in turns, each comes first and last equally
/// often, and after each other one, so that what else the machine does falls on all of them.
async fn measured(
    kinds: usize,
    verdict: usize,
    unit: &impl AsyncFn(),
    once: &impl AsyncFn(usize, usize),
) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut times = vec![Vec::with_capacity(ROUNDS); kinds];
    let mut units = Vec::with_capacity(WARM_UP + ROUNDS);
    for round in 0..WARM_UP + ROUNDS {
        let mut order: Vec<_> = (0..kinds).map(|at| (at + round / 2) % kinds).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for kind in order {
            let taken = timed(once(kind, verdict * (WARM_UP + ROUNDS) + round)).await;
            if round >= WARM_UP {
                times[kind].push(taken);
            }
        }
        units.push(timed(unit()).await);
    }
    (times, units)
}

/// How many microseconds it takes.
#[expect(
    clippy::disallowed_methods,
    reason = "here it is real time that is looked at"
)]
async fn timed(what: impl Future<Output = ()>) -> f64 {
    let begun = Instant::now();
    what.await;
    begun.elapsed().as_secs_f64() * 1e6
}

#[test]
fn a_shift_is_noticed_and_noise_is_not() {
    // Two samples of the same uneven noise, then one of them later by a part of its spread.
    let noise = |seed: u64| {
        (0..200_u64).map(move |n| {
            let mixed = (n + 1)
                .wrapping_mul(seed)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            f64::from(u32::try_from(mixed >> 40).unwrap()) / f64::from(1 << 24)
        })
    };
    let (one, other): (Vec<_>, Vec<_>) = (noise(7).collect(), noise(11).collect());
    let same = Comparison::of(&one, &other);
    assert!(!same.tells_them_apart(0.0), "{same:?}");
    let later: Vec<_> = one.iter().map(|time| time + 0.5).collect();
    let shifted = Comparison::of(&later, &other);
    assert!(
        shifted.tells_them_apart(0.4) && shifted.longer > 0.8,
        "{shifted:?}"
    );
    assert!(!shifted.tells_them_apart(0.6), "{shifted:?}");
    let back = Comparison::of(&other, &later);
    assert!(
        back.tells_them_apart(0.4) && back.deviations < 0.0,
        "{back:?}"
    );
}
