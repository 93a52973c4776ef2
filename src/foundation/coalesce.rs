//! Concurrent calls share one statement.
//!
//! While one batch is on its way to the database, the calls that arrive queue up, and the next batch
//! takes them all. There is no timer: a lone call goes at once. Each call is answered from a batch
//! that began after it arrived, and a batch that writes has committed before any of its answers.
//!
//! The dataloader crates batch by waiting for the executor to turn, cache, and know neither a failed
//! batch, nor a bound, nor several batches at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

/// How many calls may wait; more are refused at once.
const QUEUE: usize = 1024;
/// The most calls of one batch.
const BATCH: usize = 64;
/// How long a call waits for its batch to begin.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a lane without work keeps what it holds.
const RESTLESS: Duration = Duration::from_secs(1);

/// What a batch does to the database, which decides what may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads: a lost connection is tried once more.
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
pub struct Coalesced<L: Lane>(mpsc::Sender<Waiting<L>>);

struct Waiting<L: Lane> {
    item: L::Item,
    answer: oneshot::Sender<sqlx::Result<L::Answer>>,
    /// Taken by the lane that runs it or by the caller who gave up, whoever is first.
    taken: Arc<AtomicBool>,
}

impl<L: Lane> Coalesced<L> {
    /// Starts the lanes, which run batches side by side until this is dropped and all calls are
    /// answered.
    pub fn start(lanes: impl IntoIterator<Item = L>) -> (Self, Vec<JoinHandle<()>>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(receiver));
        let lanes = lanes
            .into_iter()
            .map(|lane| tokio::spawn(work(queue.clone(), lane)))
            .collect();
        (Self(sender), lanes)
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
            answer,
            taken,
        };
        if self.0.try_send(waiting).is_err() {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let answer = match tokio::time::timeout(PATIENCE, &mut answered).await {
            Ok(answer) => answer,
            Err(_) if mine.give_up() => return Err(sqlx::Error::PoolTimedOut),
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

async fn work<L: Lane>(queue: Arc<Mutex<mpsc::Receiver<Waiting<L>>>>, mut lane: L) {
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
        let (items, answers): (Vec<_>, Vec<_>) = waiting
            .drain(..)
            .filter(|waiting| !waiting.taken.swap(true, Ordering::AcqRel))
            .map(|waiting| (waiting.item, waiting.answer))
            .unzip();
        if items.is_empty() {
            continue;
        }
        for (answer, result) in answers.into_iter().zip(results(&mut lane, &items).await) {
            // A caller who went away meanwhile needs none.
            drop(answer.send(result));
        }
    }
}

/// One for each item.
async fn results<L: Lane>(lane: &mut L, items: &[L::Item]) -> Vec<sqlx::Result<L::Answer>> {
    let mut answered = run(lane, items).await;
    if L::EFFECT == Effect::Reads && matches!(&answered, Err(error) if !is_refusal(error)) {
        answered = run(lane, items).await;
    }
    match answered {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if items.len() == 1 => vec![Err(error)],
        // PostgreSQL refused the statement and undid it: one bad item must not fail its neighbours.
        Err(error) if is_refusal(&error) => {
            let mut results = Vec::with_capacity(items.len());
            for item in items {
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
    let answers = lane.run(items).await?;
    if answers.len() == items.len() {
        return Ok(answers);
    }
    let wrong = format!("{} answers to {} items", answers.len(), items.len());
    Err(sqlx::Error::Protocol(wrong))
}

/// Whether PostgreSQL itself said no, so that nothing of the statement happened.
fn is_refusal(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(_))
}

#[cfg(test)]
#[path = "coalesce_tests.rs"]
mod tests;
