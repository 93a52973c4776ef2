//! The one source of randomness.

use uuid::Uuid;
use zeroize::Zeroizing;

/// Letters that are told apart at a glance; 32, so that each is worth five bits.
pub const LETTERS: [u8; 32] = *b"abcdefghijkmnpqrstuvwxyz23456789";

/// Gives unpredictable bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random {
    /// An array of random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// So many of [`LETTERS`].
    pub fn letters<const N: usize>(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(self.bytes::<N>());
        let letters = bytes
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
        let mut text = Zeroizing::new(String::with_capacity(N));
        text.extend(letters.map(|letter| char::from(*letter)));
        text
    }

    /// A random (version 4) UUID.
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source the others are given"
    )]
    #[expect(
        clippy::panic,
        reason = "a server without randomness must not issue anything"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no random bytes: {error}");
        }
    }
}
