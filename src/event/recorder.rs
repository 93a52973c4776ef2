//! What takes events and steps from handlers without making them wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::{sync::mpsc, task::JoinHandle};
use tracing::warn;

use super::{
    Event,
    attempt::{self, Step, StepKind, allowance::Allowance},
    milestone::{self, Mark, Milestone, Noted, Reached},
};
use crate::foundation::ids::ClientId;

/// How much may wait to be stored.
const QUEUE: usize = 4096;
/// The most that goes into one statement.
const BATCH: usize = 512;
/// How long a lone event waits for company: long enough for the last steps of an attempt, from the yes
/// to the tokens, to be one change of its row.
const LINGER: u32 = 20;
/// How often, meanwhile, is looked whether a batch is full, or the server stops.
const LOOK: Duration = Duration::from_millis(50);

/// Takes what happened into a bounded queue, whose other end is stored in batches.
pub struct Recorder {
    queue: mpsc::Sender<Happened>,
    allowance: Allowance,
    noted: Arc<Noted>,
    lost: Arc<Lost>,
}

enum Happened {
    Event(Event),
    Step(Step),
    Reached(Reached),
}

/// What is missing from the history.
#[derive(Default)]
struct Lost {
    events: AtomicU64,
    steps: AtomicU64,
    skipped: AtomicU64,
}

impl Recorder {
    /// A recorder, and the task that stores what it takes; the task ends when the recorder is gone
    /// and everything is stored.
    pub fn start(db: PgPool) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let lost = Arc::new(Lost::default());
        let noted = Arc::new(Noted::default());
        let storing = tokio::spawn(store_in_batches(db, waiting, noted.clone(), lost.clone()));
        let recorder = Self {
            queue,
            allowance: Allowance::default(),
            noted,
            lost,
        };
        (recorder, storing)
    }

    /// Takes an event, or counts it as dropped where the queue is full.
    pub fn record(&self, event: Event) {
        if self.queue.try_send(Happened::Event(event)).is_err() {
            self.lost.events.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes a step of an attempt, or counts it. Steps that cost their cause nothing leave half of the
    /// queue to the others, and fill no more of the table than an hour's allowance.
    pub fn record_step(&self, step: Step) {
        let crowded = self.queue.capacity() < QUEUE / 2;
        if step.kind.is_free() && crowded {
            self.lost.steps.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if begins_for_nothing(step.kind)
            && let Some(client) = &step.client
            && !self.allowance.take(client, step.at)
        {
            self.lost.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if self.queue.try_send(Happened::Step(step)).is_err() {
            self.lost.steps.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes a step of the attempt that the request is part of, with what `about` adds to it; nothing
    /// where it is part of none.
    pub fn record_step_of(
        &self,
        request: &HttpRequest,
        kind: StepKind,
        now: DateTime<Utc>,
        about: impl FnOnce(Step) -> Step,
    ) {
        if let Some(step) = Step::of_request(request, kind, now) {
            self.record_step(about(step));
        }
    }

    /// Notes that the platform of `client` reached a milestone with this request. It costs a look into
    /// memory, and once an hour a row.
    pub fn reached(
        &self,
        client: &ClientId,
        milestone: Milestone,
        request: &HttpRequest,
        now: DateTime<Utc>,
    ) {
        let mark = Mark {
            milestone,
            simulated: milestone::is_simulated(request),
            at: now,
        };
        if !self.noted.take(client, mark) {
            return;
        }
        let reached = (client.clone(), mark);
        if self
            .queue
            .try_send(Happened::Reached(reached.clone()))
            .is_err()
        {
            self.noted.forget(&reached);
        }
    }

    /// How many events were lost since the start: they found no place in the queue, or could not be
    /// stored.
    pub fn dropped(&self) -> u64 {
        self.lost.events.load(Ordering::Relaxed)
    }

    /// The same of steps.
    pub fn dropped_steps(&self) -> u64 {
        self.lost.steps.load(Ordering::Relaxed)
    }

    /// How many steps were left out because their client's allowance for the hour was used up.
    pub fn skipped_steps(&self) -> u64 {
        self.lost.skipped.load(Ordering::Relaxed)
    }
}

/// Whether a stranger can make new attempts with it without end. Refusals share theirs.
const fn begins_for_nothing(kind: StepKind) -> bool {
    kind.is_free() && !matches!(kind, StepKind::RequestRefused | StepKind::TokenRefused)
}

async fn store_in_batches(
    db: PgPool,
    mut waiting: mpsc::Receiver<Happened>,
    noted: Arc<Noted>,
    lost: Arc<Lost>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        linger(&waiting, batch.len()).await;
        while batch.len() < BATCH {
            match waiting.try_recv() {
                Ok(happened) => batch.push(happened),
                Err(_) => break,
            }
        }
        let (mut events, mut steps, mut reached) = (Vec::new(), Vec::new(), Vec::new());
        for happened in batch.drain(..) {
            match happened {
                Happened::Event(event) => events.push(event),
                Happened::Step(step) => steps.push(step),
                Happened::Reached(one) => reached.push(one),
            }
        }
        store_events(&db, &events, &lost).await;
        store_steps(&db, &steps, &lost).await;
        store_reached(&db, &reached, &noted).await;
    }
}

async fn linger(waiting: &mpsc::Receiver<Happened>, taken: usize) {
    for _ in 0..LINGER {
        if waiting.is_closed() || taken + waiting.len() >= BATCH {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn store_events(db: &PgPool, events: &[Event], lost: &Lost) {
    if events.is_empty() {
        return;
    }
    if let Err(error) = super::keep(db, events).await {
        warn!(%error, events = events.len(), "events could not be stored");
        lost.events
            .fetch_add(events.len() as u64, Ordering::Relaxed);
    }
}

async fn store_steps(db: &PgPool, steps: &[Step], lost: &Lost) {
    if steps.is_empty() {
        return;
    }
    if let Err(error) = attempt::keep(db, steps).await {
        warn!(%error, steps = steps.len(), "steps of attempts could not be stored");
        lost.steps.fetch_add(steps.len() as u64, Ordering::Relaxed);
    }
}

/// What can't be stored is noted again when it happens again.
async fn store_reached(db: &PgPool, reached: &[Reached], noted: &Noted) {
    if reached.is_empty() {
        return;
    }
    if let Err(error) = super::keep_reached(db, reached).await {
        warn!(%error, milestones = reached.len(), "milestones could not be stored");
        for one in reached {
            noted.forget(one);
        }
    }
}
