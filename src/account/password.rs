//! Passwords: argon2id on threads of its own, behind a bounded queue, so that a storm of logins slows
//! nothing but itself.

mod argon;
mod threads;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use argon2::{Algorithm, Params, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::{argon::Argon, threads::Threads};
use crate::{foundation::random::Random, web::page_error::PageError};

/// NIST SP 800-63B-4 §3.1.1.2.
pub const MIN_CHARACTERS: usize = 8;
/// Longer ones are refused before hashing.
pub const MAX_CHARACTERS: usize = 128;
/// The same in bytes.
pub const MAX_BYTES: usize = 512;

/// How many may wait for each hasher, and for how long: a queue that can be worked off in time.
const QUEUE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(2);

/// The most memory (KiB) and passes an imported hash may ask of us.
const MAX_IMPORTED_MEMORY: u32 = 256 * 1024;
const MAX_IMPORTED_PASSES: u32 = 16;

/// How hard hashing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 19 MiB, two passes, one lane (OWASP Password Storage).
    fn default() -> Self {
        Self {
            memory: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

/// Hashes and verifies, a bounded number at a time.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    argon: Argon,
    cost: Cost,
    threads: Threads,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
    random: Arc<dyn Random>,
    // Verified for unknown e-mails, so that they take as long as known ones.
    nobody: String,
}

/// Too many passwords at once; the answer is 503 with `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password. The new hash is to be stored: the old one is weaker than today's.
    Right {
        /// Set where the stored hash was weaker.
        rehashed: Option<String>,
    },
    /// It is not, or there is none.
    Wrong,
}

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("the password must have at least 8 characters")]
    Short,
    /// More than [`MAX_CHARACTERS`] or [`MAX_BYTES`].
    #[error("the password must have at most 128 characters")]
    Long,
}

/// Checks the length of a new password.
pub fn check_new(password: &str) -> Result<(), Unsuitable> {
    if is_too_long(password) {
        Err(Unsuitable::Long)
    } else if password.chars().count() < MIN_CHARACTERS {
        Err(Unsuitable::Short)
    } else {
        Ok(())
    }
}

/// Whether a password is longer than any can be; such a one is wrong without hashing.
pub fn is_too_long(password: &str) -> bool {
    password.len() > MAX_BYTES || password.chars().count() > MAX_CHARACTERS
}

/// Whether an imported hash is one we can verify at bearable cost: argon2 or bcrypt.
pub fn is_importable(hash: &str) -> bool {
    if is_bcrypt(hash) {
        let cost = hash
            .split('$')
            .nth(2)
            .and_then(|cost| cost.parse::<u32>().ok());
        return hash.len() == 60 && cost.is_some_and(|cost| (4..=14).contains(&cost));
    }
    let Ok(parsed) = PasswordHash::new(hash) else {
        return false;
    };
    let known = Algorithm::try_from(parsed.algorithm.as_str()).is_ok();
    known
        && parsed.hash.is_some()
        && Params::try_from(&parsed).is_ok_and(|params| {
            params.m_cost() <= MAX_IMPORTED_MEMORY && params.t_cost() <= MAX_IMPORTED_PASSES
        })
}

impl Hasher {
    /// A hasher of that cost for `at_once` passwords at a time.
    pub fn new(cost: Cost, at_once: usize, random: Arc<dyn Random>) -> anyhow::Result<Self> {
        let argon = Argon::new(cost)?;
        let nobody = argon.hash("nobody's password", &*random)?;
        let permits = Arc::new(Semaphore::new(at_once));
        Ok(Self(Arc::new(Inner {
            argon,
            cost,
            threads: Threads::start(at_once)?,
            permits,
            waiting: AtomicUsize::new(0),
            queue: at_once * QUEUE,
            random,
            nobody,
        })))
    }

    /// Hashes a new password (PHC string).
    pub async fn hash(&self, password: SecretString) -> Result<String, HashError> {
        let inner = self.0.clone();
        let work = move || inner.argon.hash(password.expose_secret(), &*inner.random);
        self.run(work).await?.map_err(HashError::Failed)
    }

    /// Verifies a password against the stored hash, or does the same work where there is none.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verdict, HashError> {
        if is_too_long(password.expose_secret()) {
            return Ok(Verdict::Wrong);
        }
        let inner = self.0.clone();
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| inner.nobody.clone());
            let right = verify(&inner.argon, password.expose_secret(), &stored) && known;
            if !right {
                return Verdict::Wrong;
            }
            let rehashed = is_weaker(&stored, inner.cost).then(|| {
                inner
                    .argon
                    .hash(password.expose_secret(), &*inner.random)
                    .ok()
            });
            Verdict::Right {
                rehashed: rehashed.flatten(),
            }
        })
        .await
        .map_err(HashError::from)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let permit = match self.0.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        // The permit stays with the work: whoever hangs up gives up the answer, not the place.
        let done = self.0.threads.run(move || {
            let _until_done = permit;
            work()
        });
        done.await.ok_or(Busy)
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Busy> {
        let _place = Place::take(&self.0.waiting, self.0.queue)?;
        let permit = self.0.permits.clone().acquire_owned();
        match tokio::time::timeout(PATIENCE, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Busy),
        }
    }
}

/// A place in the queue, given back when its holder is served, gives up, or is gone.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, queue: usize) -> Result<Self, Busy> {
        if waiting.fetch_add(1, Ordering::AcqRel) < queue {
            return Ok(Self(waiting));
        }
        waiting.fetch_sub(1, Ordering::AcqRel);
        Err(Busy)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Try again later.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Argon2 itself failed.
    #[error(transparent)]
    Failed(anyhow::Error),
}

impl From<HashError> for PageError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy(_) => Self::busy(),
            HashError::Failed(cause) => Self::Internal(cause),
        }
    }
}

fn verify(argon: &Argon, password: &str, stored: &str) -> bool {
    if is_bcrypt(stored) {
        return bcrypt::verify(password, stored).unwrap_or(false);
    }
    PasswordHash::new(stored).is_ok_and(|stored| argon.verify(password, &stored))
}

fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"]
        .iter()
        .any(|prefix| hash.starts_with(prefix))
}

fn is_weaker(stored: &str, cost: Cost) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else {
        return true;
    };
    let same = Algorithm::try_from(parsed.algorithm.as_str()) == Ok(Algorithm::Argon2id);
    let params = Params::try_from(&parsed);
    !same
        || params.map_or(true, |params| {
            params.m_cost() < cost.memory || params.t_cost() < cost.passes
        })
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
