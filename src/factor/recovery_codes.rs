//! Recovery codes: for the day an app or a passkey is lost. Each leads in once.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::foundation::random::Random;

/// How many there are at once.
const MANY: usize = 10;
/// Of 32 letters each: 80 bits, too many for guessing, so a fast hash is enough.
const LETTERS: usize = 16;

/// A set of codes, before only their hashes are kept.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    /// New ones.
    pub fn random(random: &dyn Random) -> Self {
        let codes = (0..MANY).map(|_| random.letters::<LETTERS>().to_string());
        Self(codes.collect())
    }

    /// As they are shown: in groups of four.
    pub fn shown(&self) -> Vec<String> {
        let grouped = |code: &String| {
            let letters: Vec<_> = code.chars().collect();
            let groups = letters.chunks(4).map(|group| group.iter().collect());
            groups.collect::<Vec<String>>().join("-")
        };
        self.0.iter().map(grouped).collect()
    }

    /// As they are stored.
    pub fn hashes(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|code| hash(code).to_vec()).collect()
    }
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodes(…)")
    }
}

/// What a typed code is found by; `None` where it has the length of none. `typed` is
/// [`super::code::plain`] already.
pub fn found_by(typed: &str) -> Option<[u8; 32]> {
    (typed.len() == LETTERS).then(|| hash(typed))
}

fn hash(code: &str) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(b"recovery code\0");
    hash.update(code);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{factor::code::plain, foundation::random::SystemRandom};

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let codes = RecoveryCodes::random(&SystemRandom);
        let (shown, hashes) = (codes.shown(), codes.hashes());
        assert_eq!((shown.len(), hashes.len()), (10, 10));
        for (shown, hash) in shown.iter().zip(&hashes) {
            assert_eq!(shown.len(), 19, "{shown}");
            let spoken = shown.to_uppercase().replace('-', " ");
            for typed in [shown, &spoken, &format!(" {shown} ")] {
                assert_eq!(found_by(&plain(typed)).unwrap().as_slice(), hash);
            }
        }
        assert_eq!(found_by(&plain("123456")), None);
        assert_eq!(found_by(""), None);
    }
}
