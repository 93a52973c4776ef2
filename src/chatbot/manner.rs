//! How an action answers: in which format, and how it says no.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::HttpResponse;

use crate::{client::RefusalAnswer, foundation::ids::ClientId};

/// The most actions whose manner is remembered.
const CAPACITY: usize = 10_000;

/// How one action answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// Whether answers are JSON strings instead of plain text.
    pub json_string: bool,
    /// Instead of statuses.
    pub sentences: Option<Sentences>,
}

/// What is spoken in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentences {
    /// For a definite no: linking again would help.
    pub relink: String,
    /// For a passing weakness: trying again would help.
    pub busy: String,
}

impl Sentences {
    /// The sentences of a client that wants them.
    pub fn of(answer: RefusalAnswer, relink: String, busy: String) -> Option<Self> {
        (answer == RefusalAnswer::Sentence).then_some(Self { relink, busy })
    }
}

impl Manner {
    /// An answer in the action's format.
    pub fn say(&self, text: String) -> HttpResponse {
        if self.json_string {
            return HttpResponse::Ok().json(text);
        }
        HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(text)
    }
}

/// The manners of the actions called so far: when the database doesn't answer, the sentence that
/// says so must be known without it.
pub struct Manners {
    deadline: Duration,
    known: RwLock<HashMap<String, Arc<Manner>>>,
    busy: AtomicU64,
}

impl Manners {
    /// Knows none yet. After `deadline` a call is answered as busy.
    pub fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            known: RwLock::default(),
            busy: AtomicU64::new(0),
        }
    }

    /// How long a call may take in all.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Remembers how an action answers.
    pub fn learn(&self, client: &ClientId, action: &str, manner: &Arc<Manner>) {
        let key = key(client, action);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key) == Some(manner) {
            return;
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < CAPACITY || known.contains_key(&key) {
            known.insert(key, manner.clone());
        }
    }

    /// How the action answered last time.
    pub fn last(&self, client: &ClientId, action: &str) -> Option<Arc<Manner>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&key(client, action)).cloned()
    }

    /// Counts an answer that could not be given.
    pub fn count_busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls could not be answered since the start.
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }
}

/// Neither half can hold a space.
fn key(client: &ClientId, action: &str) -> String {
    format!("{client} {action}")
}
