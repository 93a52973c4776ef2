//! Concurrent calls share one statement.
//!
//! While one batch is on its way to the database, the calls that arrive queue up, and the next batch
//! takes them all. There is no timer: a lone call goes at once. Each call is answered from a batch
//! that began after it arrived, and a batch that writes has committed before any of its answers.
//!
//! The dataloader crates batch by waiting for the executor to turn, cache, and know neither a failed
//! batch, nor a bound, nor several batches at once.

pub mod meter;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::postgres::{PgDatabaseError, PgSeverity};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};

use self::meter::Meter;

/// How many calls may wait; more are refused at once.
const QUEUE: usize = 1024;
/// The most calls of one batch.
const BATCH: usize = 64;
/// How long a call waits for its batch to begin.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a batch may take: longer than PostgreSQL lets a statement of ours run. A server that is
/// silent for so long is gone.
const LONGEST: Duration = Duration::from_secs(12);
/// How long a lane without work keeps what it holds.
const RESTLESS: Duration = Duration::from_secs(1);

/// What a batch does to the database, which decides what may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads: a connection that broke is replaced once.
    Reads,
    /// It is one statement that writes, committed by itself. Where its answer was lost nobody knows
    /// whether it happened, so it is never tried again.
    Writes,
}

/// What runs batches, one after the other.
pub trait Lane: Send + 'static {
    /// What is asked for.
    type Item: Clone + Send + Sync + 'static;
    /// What it gets.
    type Answer: Send + 'static;
    /// What a batch does.
    const EFFECT: Effect;

    /// As many answers as items, in their order.
    fn run(
        &mut self,
        items: &[Self::Item],
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send;

    /// There was no work for a while: lets go of what others may need.
    fn rest(&mut self) {}
}

/// A function over batches, called with one item at a time.
pub struct Coalesced<L: Lane> {
    queue: mpsc::Sender<Waiting<L>>,
    meter: Arc<Meter>,
}

/// All lanes of a server.
#[derive(Default)]
pub struct Lanes {
    cores: usize,
    /// They end once nobody can call any more and all calls are answered.
    pub tasks: Vec<JoinHandle<()>>,
    /// What each kind of statement counts.
    pub meters: Vec<Arc<Meter>>,
}

struct Waiting<L: Lane> {
    item: L::Item,
    since: Instant,
    answer: oneshot::Sender<sqlx::Result<L::Answer>>,
    /// Taken by the lane that runs it or by the caller who gave up, whoever is first.
    taken: Arc<AtomicBool>,
}

impl Lanes {
    /// None yet, on a machine of so many cores.
    pub fn for_cores(cores: usize) -> Self {
        Self {
            cores,
            ..Self::default()
        }
    }

    /// As many lanes as a busy kind of statement has: one for each core and two at least, so that one is
    /// on its way while the answers of another are read. More would split the calls among smaller
    /// statements; over eight, PostgreSQL has other uses for its connections.
    pub fn many<L>(&self, lane: impl Fn() -> L) -> Vec<L> {
        let count = self.cores.clamp(2, 8);
        (0..count).map(|_| lane()).collect()
    }
}

impl<L: Lane> Coalesced<L> {
    /// Starts lanes, which run batches side by side until this is dropped and all calls are
    /// answered. Operators know the statement by that name.
    pub fn start(
        statement: &'static str,
        lanes: impl IntoIterator<Item = L>,
        all: &mut Lanes,
    ) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let meter = Arc::new(Meter::of(statement));
        let lanes = lanes.into_iter();
        all.tasks
            .extend(lanes.map(|lane| tokio::spawn(work(receiver.clone(), meter.clone(), lane))));
        all.meters.push(meter.clone());
        Self { queue, meter }
    }

    /// Answers one item. A caller who goes away while waiting takes the item along; once its batch
    /// has begun, it is carried out.
    ///
    /// # Errors
    ///
    /// What the database said of this item, or [`sqlx::Error::PoolTimedOut`]: nothing was done, or
    /// for a write whose connection was lost, nobody knows.
    pub async fn call(&self, item: L::Item) -> sqlx::Result<L::Answer> {
        let (answer, mut answered) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let mine = GiveUp(taken.clone());
        let waiting = Waiting {
            item,
            since: now(),
            answer,
            taken,
        };
        if self.queue.try_send(waiting).is_err() {
            self.meter.turned_away();
            return Err(sqlx::Error::PoolTimedOut);
        }
        let answer = match tokio::time::timeout(PATIENCE, &mut answered).await {
            Ok(answer) => answer,
            Err(_) if mine.give_up() => {
                self.meter.turned_away();
                return Err(sqlx::Error::PoolTimedOut);
            }
            Err(_) => answered.await,
        };
        answer.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

/// The caller's half of [`Waiting::taken`]: dropped with a cancelled call.
struct GiveUp(Arc<AtomicBool>);

impl GiveUp {
    /// Whether no lane had it yet.
    fn give_up(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.give_up();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long calls wait is told to operators and decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

async fn work<L: Lane>(
    queue: Arc<Mutex<mpsc::Receiver<Waiting<L>>>>,
    meter: Arc<Meter>,
    mut lane: L,
) {
    let mut waiting = Vec::new();
    loop {
        let next = async { queue.lock().await.recv_many(&mut waiting, BATCH).await };
        match tokio::time::timeout(RESTLESS, next).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(_) => {
                lane.rest();
                continue;
            }
        }
        let begins = now();
        let (items, answers): (Vec<_>, Vec<_>) = waiting
            .drain(..)
            .filter(|waiting| !waiting.taken.swap(true, Ordering::AcqRel))
            .inspect(|waiting| meter.waited(begins.duration_since(waiting.since)))
            .map(|waiting| (waiting.item, waiting.answer))
            .unzip();
        if items.is_empty() {
            continue;
        }
        meter.begun(items.len());
        for (answer, result) in answers.into_iter().zip(results(&mut lane, &items).await) {
            // A caller who went away meanwhile needs none.
            drop(answer.send(result));
        }
    }
}

/// One for each item.
async fn results<L: Lane>(lane: &mut L, items: &[L::Item]) -> Vec<sqlx::Result<L::Answer>> {
    let mut answered = run(lane, items).await;
    if L::EFFECT == Effect::Reads && matches!(&answered, Err(error) if is_broken(error)) {
        answered = run(lane, items).await;
    }
    match answered {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if items.len() == 1 => vec![Err(error)],
        // Nothing of it happened: one bad item must not fail its neighbours.
        Err(error) if L::EFFECT.is_undone(&error) => {
            let mut results = Vec::with_capacity(items.len());
            let begun = now();
            for item in items {
                if begun.elapsed() > PATIENCE {
                    results.push(Err(sqlx::Error::PoolTimedOut));
                    continue;
                }
                let single = run(lane, std::slice::from_ref(item)).await;
                results.extend(match single {
                    Ok(answers) => answers.into_iter().map(Ok).collect(),
                    Err(error) => vec![Err(error)],
                });
            }
            results
        }
        Err(error) => {
            tracing::warn!(%error, items = items.len(), "a batch failed");
            let failed = items.iter().map(|_| Err(sqlx::Error::PoolTimedOut));
            failed.collect()
        }
    }
}

async fn run<L: Lane>(lane: &mut L, items: &[L::Item]) -> sqlx::Result<Vec<L::Answer>> {
    let answers = tokio::time::timeout(LONGEST, lane.run(items)).await;
    let answers = answers.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
    if answers.len() == items.len() {
        return Ok(answers);
    }
    let wrong = format!("{} answers to {} items", answers.len(), items.len());
    Err(sqlx::Error::Protocol(wrong))
}

impl Effect {
    /// Whether a batch that failed like this left nothing behind, so that its items may go singly. A
    /// database that is away is not asked for each of them.
    fn is_undone(self, error: &sqlx::Error) -> bool {
        match self {
            Self::Reads => !is_broken(error) && !matches!(error, sqlx::Error::PoolTimedOut),
            // PostgreSQL itself said no.
            Self::Writes => matches!(error, sqlx::Error::Database(_)) && !is_broken(error),
        }
    }
}

/// Whether the connection is gone. PostgreSQL says so itself where it was told to end it, be it in the
/// middle of a statement or before.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(said) => said
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|said| matches!(said.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        _ => false,
    }
}

#[cfg(test)]
#[path = "coalesce/tests.rs"]
mod tests;
