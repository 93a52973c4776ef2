//! Threads for work that takes all of a core for milliseconds, and gives way to everything else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use tokio::sync::oneshot;

/// How far these threads stand back (`setpriority(2)`). Whoever answers a request and wakes beside one of
/// them gets the core at once, where an equal would wait for its turn of some milliseconds; alone, they
/// have all of it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

type Work = Box<dyn FnOnce() + Send>;

/// Some threads, which end with this.
pub(super) struct Threads(Sender<Work>);

impl Threads {
    /// So many of them.
    pub(super) fn start(count: usize) -> anyhow::Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..count {
            let receiver = receiver.clone();
            let thread = thread::Builder::new().name("password".to_owned());
            thread.spawn(move || work_off(&receiver))?;
        }
        Ok(Self(sender))
    }

    /// Does work on the next thread that is free. `None` where it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let work = move || {
            if let Ok(done) = catch_unwind(AssertUnwindSafe(work)) {
                // Nobody may be waiting for it any more.
                drop(answer.send(done));
            }
        };
        self.0.send(Box::new(work)).ok()?;
        answered.await.ok()
    }
}

fn work_off(queue: &Mutex<Receiver<Work>>) {
    stand_back();
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else {
            return;
        };
        work();
    }
}

#[cfg(target_os = "linux")]
fn stand_back() {
    // On Linux this is about the calling thread alone.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "passwords are hashed at the priority of all else");
    }
}

/// Elsewhere the priority is the whole process's.
#[cfg(not(target_os = "linux"))]
fn stand_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_leaves_its_thread_to_the_next() {
        let threads = Threads::start(1).unwrap();
        let panicked: Option<()> = threads.run(|| panic!("a bug")).await;
        assert_eq!(panicked, None);
        assert_eq!(threads.run(|| 7).await, Some(7));
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn the_work_gives_way_to_what_answers_requests() {
        let of_this_thread = || rustix::process::getpriority_process(None).unwrap();
        let threads = Threads::start(1).unwrap();
        let theirs = threads.run(of_this_thread).await.unwrap();
        assert!(theirs > of_this_thread(), "{theirs}");
    }
}
