use std::{
    borrow::Cow,
    error::Error,
    fmt,
    sync::{Mutex, PoisonError},
};

use futures_util::{FutureExt, future::join_all};
use sqlx::error::{DatabaseError, ErrorKind};
use tokio::sync::Semaphore;

use super::*;

/// What PostgreSQL says to item 13.
#[derive(Debug)]
struct Unlucky;

impl fmt::Display for Unlucky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unlucky")
    }
}

impl Error for Unlucky {}

impl DatabaseError for Unlucky {
    fn message(&self) -> &'static str {
        "unlucky"
    }
    fn code(&self) -> Option<Cow<'_, str>> {
        Some("23503".into())
    }
    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }
    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }
    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }
    fn kind(&self) -> ErrorKind {
        ErrorKind::ForeignKeyViolation
    }
}

/// A database that doubles numbers: notes its batches, and begins one for each permit.
#[derive(Clone)]
struct Doubling<const WRITES: bool> {
    batches: Arc<Mutex<Vec<Vec<u32>>>>,
    permits: Arc<Semaphore>,
    breaks: Arc<AtomicBool>,
}

type Reading = Doubling<false>;
type Writing = Doubling<true>;

impl<const WRITES: bool> Doubling<WRITES> {
    fn start(permits: usize) -> (Self, Arc<Coalesced<Self>>) {
        let database = Self {
            batches: Arc::default(),
            permits: Arc::new(Semaphore::new(permits)),
            breaks: Arc::default(),
        };
        let lanes = [database.clone(), database.clone()];
        let doubles = Coalesced::start("double", lanes, &mut Lanes::default());
        (database, Arc::new(doubles))
    }

    /// Sorted: which lane goes on first is nobody's business.
    fn batches(&self) -> Vec<Vec<u32>> {
        let mut batches = self.batches.lock().unwrap().clone();
        batches.sort();
        batches
    }
}

impl<const WRITES: bool> Lane for Doubling<WRITES> {
    type Item = u32;
    type Answer = u32;
    const EFFECT: Effect = if WRITES {
        Effect::Writes
    } else {
        Effect::Reads
    };

    async fn run(&mut self, items: &[u32]) -> sqlx::Result<Vec<u32>> {
        self.permits.acquire().await.unwrap().forget();
        self.batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(items.to_vec());
        if self.breaks.swap(false, Ordering::AcqRel) {
            return Err(sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into()));
        }
        if items.contains(&13) {
            return Err(sqlx::Error::Database(Box::new(Unlucky)));
        }
        Ok(items.iter().map(|item| item * 2).collect())
    }
}

/// Lets everything that can go on do so.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Keeps both lanes busy with an item each.
async fn occupy<const WRITES: bool>(doubles: &Arc<Coalesced<Doubling<WRITES>>>) {
    for item in [1, 2] {
        let doubles = doubles.clone();
        tokio::spawn(async move { doubles.call(item).await });
        settle().await;
    }
}

#[tokio::test]
async fn a_lone_call_goes_at_once_and_alone() {
    let (database, doubles) = Reading::start(1);
    assert_eq!(doubles.call(21).await.unwrap(), 42);
    assert_eq!(database.batches(), [[21]]);
}

#[tokio::test]
async fn calls_that_arrive_while_the_lanes_are_busy_share_the_next_batch() {
    let (database, doubles) = Writing::start(0);
    occupy(&doubles).await;
    let calls = join_all((3..=9).map(|item| doubles.call(item)));
    let release = async {
        settle().await;
        database.permits.add_permits(3);
    };
    let (answers, ()) = tokio::join!(calls, release);
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [6, 8, 10, 12, 14, 16, 18]);
    let batches = database.batches();
    assert_eq!(batches.len(), 3);
    assert_eq!(batches[2], [3, 4, 5, 6, 7, 8, 9]);
}

#[tokio::test]
async fn an_item_that_the_database_refuses_fails_alone() {
    let (database, doubles) = Writing::start(0);
    occupy(&doubles).await;
    let calls = join_all([12, 13, 14].map(|item| doubles.call(item)));
    let release = async {
        settle().await;
        database.permits.add_permits(9);
    };
    let (answers, ()) = tokio::join!(calls, release);
    assert!(matches!(
        answers.as_slice(),
        [Ok(24), Err(sqlx::Error::Database(_)), Ok(28)]
    ));
}

#[tokio::test]
async fn a_read_whose_connection_was_lost_is_tried_once_more() {
    let (database, doubles) = Reading::start(9);
    database.breaks.store(true, Ordering::Release);
    assert_eq!(doubles.call(4).await.unwrap(), 8);
    assert_eq!(database.batches(), [[4], [4]]);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_never_tried_again() {
    let (database, doubles) = Writing::start(0);
    occupy(&doubles).await;
    let calls = join_all([4, 5].map(|item| doubles.call(item)));
    let release = async {
        settle().await;
        database.permits.add_permits(2);
        settle().await;
        database.breaks.store(true, Ordering::Release);
        database.permits.add_permits(9);
    };
    let (answers, ()) = tokio::join!(calls, release);
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert_eq!(database.batches().len(), 3);
}

#[tokio::test]
async fn a_caller_who_goes_away_while_waiting_takes_the_item_along_and_harms_nobody() {
    let (database, doubles) = Writing::start(0);
    occupy(&doubles).await;
    let mut leaving = Box::pin(doubles.call(3));
    assert!(leaving.as_mut().now_or_never().is_none());
    let staying = doubles.call(4);
    let release = async {
        settle().await;
        drop(leaving);
        database.permits.add_permits(9);
    };
    let (answer, ()) = tokio::join!(staying, release);
    assert_eq!(answer.unwrap(), 8);
    assert_eq!(database.batches(), [[1], [2], [4]]);
}

#[tokio::test]
async fn a_call_whose_batch_does_not_begin_in_time_is_refused_and_never_run() {
    let (database, doubles) = Writing::start(0);
    occupy(&doubles).await;
    let refused = doubles.call(3).await;
    assert!(matches!(refused, Err(sqlx::Error::PoolTimedOut)));
    let told = meter::prometheus([&*doubles.meter].into_iter()).unwrap();
    assert!(
        told.contains("turned_away_total{statement=\"double\"} 1\n"),
        "{told}"
    );
    database.permits.add_permits(9);
    settle().await;
    assert_eq!(database.batches(), [[1], [2]]);
}

#[tokio::test]
async fn more_calls_than_the_queue_holds_are_refused_at_once() {
    let (_database, doubles) = Reading::start(0);
    occupy(&doubles).await;
    let mut waiting: Vec<_> = (0..QUEUE).map(|_| Box::pin(doubles.call(3))).collect();
    for call in &mut waiting {
        assert!(call.as_mut().now_or_never().is_none());
    }
    let refused = doubles.call(4).now_or_never();
    assert!(matches!(refused, Some(Err(sqlx::Error::PoolTimedOut))));
}
