//! Sealing (authenticated encryption): statements the server makes to its later self, carried by
//! somebody else. XChaCha20-Poly1305, because its 192-bit nonces may be random without counting.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::random::Random;

const NONCE_BYTES: usize = 24;

/// A key that seals and opens.
#[derive(Clone)]
pub struct SealKey(XChaCha20Poly1305);

/// Why a sealed text did not open. There is no more to say: it is forged, altered, or under a key
/// that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed text can't be opened")]
pub struct Unopened;

impl SealKey {
    /// A key from 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(secret.into()))
    }

    /// Seals `plain`; `purpose` must be the same at opening, so that a sealed text of one kind is
    /// never taken for another.
    pub fn seal(
        &self,
        plain: &[u8],
        purpose: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, Unopened> {
        let nonce: [u8; NONCE_BYTES] = random.bytes();
        let mut sealed = nonce.to_vec();
        let payload = Payload {
            msg: plain,
            aad: purpose,
        };
        sealed.extend(
            self.0
                .encrypt(&XNonce::from(nonce), payload)
                .map_err(|_| Unopened)?,
        );
        Ok(sealed)
    }

    /// Opens what [`SealKey::seal`] made.
    pub fn open(&self, sealed: &[u8], purpose: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose,
        };
        self.0
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| Unopened)
    }
}

/// The URL-safe text of some bytes.
pub fn to_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a URL-safe text, if it is one.
pub fn from_text(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::random::SystemRandom;

    #[test]
    fn a_sealed_text_opens_only_unaltered_and_for_its_purpose() {
        let key = SealKey::new(&[7; 32]);
        let sealed = key.seal(b"words", b"flow", &SystemRandom).unwrap();
        assert_eq!(key.open(&sealed, b"flow").unwrap().as_slice(), b"words");
        assert!(key.open(&sealed, b"other").is_err());
        assert!(SealKey::new(&[8; 32]).open(&sealed, b"flow").is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(&altered, b"flow").is_err());
        }
        assert!(key.open(&sealed[..10], b"flow").is_err());
    }
}
