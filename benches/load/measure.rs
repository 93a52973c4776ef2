//! Taking measurements: players at work for a span, and what it cost.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{
    players::Player,
    process::{Cpu, Server},
};

/// A player that was refused waits as somebody would who reads `Retry-After`, only shorter.
pub const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// What was measured, of one target.
#[derive(Debug, Default)]
pub struct Sample {
    /// How often it was done.
    pub operations: u64,
    /// How often it was refused or failed.
    pub failures: u64,
    /// Why, the last time.
    pub failure: Option<String>,
    /// How often for each reason.
    pub reasons: BTreeMap<String, u64>,
    /// In which time.
    pub span: Duration,
    /// What it cost.
    pub cpu: Cpu,
    /// How long each request took.
    pub times: Vec<Duration>,
}

impl Sample {
    /// Operations a second.
    pub fn rate(&self) -> f64 {
        let operations = u32::try_from(self.operations).unwrap_or(u32::MAX);
        f64::from(operations) / self.span.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which that share of the requests was answered, in milliseconds.
    pub fn percentile(&mut self, share: usize) -> f64 {
        self.times.sort_unstable();
        let at = (self.times.len() * share / 100).min(self.times.len().saturating_sub(1));
        self.times
            .get(at)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// The longest that anybody waited, in milliseconds.
    pub fn longest(&self) -> f64 {
        let longest = self.times.iter().max();
        longest.map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// How often it was refused for that reason, and failed for any other.
    pub fn turned_away_and_failed(&self, refused: &str) -> (u64, u64) {
        let away = self.reasons.get(refused).copied().unwrap_or_default();
        (away, self.failures - away)
    }

    /// Adds another measurement of the same.
    pub fn add(&mut self, more: Self) {
        self.operations += more.operations;
        self.failures += more.failures;
        self.failure = more.failure.or(self.failure.take());
        self.span += more.span;
        self.cpu += more.cpu;
        self.times.extend(more.times);
    }
}

/// All players of one target.
pub struct Crew<'a> {
    /// One for each connection.
    pub players: Vec<Player>,
    /// Whom they ask.
    pub server: &'a Server,
    /// See [`Server::cpu`].
    pub postmaster: u32,
    /// How long a player waits that was refused.
    pub after_refusal: Duration,
    /// Whether a request at a fixed rate counts from when it was due, however late the generator's own
    /// timer woke.
    pub from_due: bool,
}

impl Crew<'_> {
    /// Each player goes on as fast as it is answered.
    pub async fn run(&mut self, span: Duration) -> Sample {
        self.measure(span, None).await
    }

    /// All players together begin so many operations a second, answered or not; a late beginning
    /// counts as waiting.
    pub async fn run_paced(&mut self, rate: f64, span: Duration) -> Sample {
        let players = u32::try_from(self.players.len()).unwrap_or(u32::MAX);
        let between = Duration::from_secs_f64(f64::from(players) / rate.max(1.0));
        self.measure(span, Some(between)).await
    }

    async fn measure(&mut self, span: Duration, between: Option<Duration>) -> Sample {
        let before = self.server.cpu(self.postmaster);
        let began = Instant::now();
        let count = u32::try_from(self.players.len()).unwrap_or(u32::MAX);
        let how = (self.after_refusal, self.from_due);
        let playing = self.players.iter_mut().zip(0..).map(|(player, index)| {
            let pace = between.map(|between| (between, between * index / count));
            play(player, (began, began + span), pace, how)
        });
        let mut sample = Sample::default();
        for (operations, reasons) in join_all(playing).await {
            sample.operations += operations;
            for (reason, times) in reasons {
                sample.failures += times;
                *sample.reasons.entry(reason.clone()).or_default() += times;
                sample.failure = Some(reason);
            }
        }
        sample.span = began.elapsed();
        sample.cpu = self.server.cpu(self.postmaster) - before;
        for player in &mut self.players {
            sample.times.append(&mut player.times);
        }
        sample
    }
}

/// Plays until the end, every `pace` beginning at an offset, or as fast as possible.
async fn play(
    player: &mut Player,
    (began, end): (Instant, Instant),
    pace: Option<(Duration, Duration)>,
    (after_refusal, from_due): (Duration, bool),
) -> (u64, BTreeMap<String, u64>) {
    let (mut operations, mut reasons) = (0, BTreeMap::new());
    let mut due = pace.map_or(began, |(_, offset)| began + offset);
    loop {
        if pace.is_none() {
            due = Instant::now();
        }
        if due >= end {
            return (operations, reasons);
        }
        // The timer works in whole milliseconds: it wakes up to one too late, which is its own fault
        // and not the server's.
        let began = match due.checked_duration_since(Instant::now()) {
            Some(early) if !early.is_zero() => {
                tokio::time::sleep(early).await;
                if from_due { due } else { Instant::now() }
            }
            _ => due,
        };
        match player.play(began).await {
            Ok(()) => operations += 1,
            Err(error) => {
                *reasons.entry(format!("{error:#}")).or_default() += 1;
                tokio::time::sleep(after_refusal).await;
            }
        }
        due += pace.map_or(Duration::ZERO, |(between, _)| between);
    }
}
