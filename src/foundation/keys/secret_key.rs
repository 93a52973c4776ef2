//! `LINKGATE_SECRET_KEY`: the one secret that is not in the database, sealing all that are.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::foundation::{random::Random, seal::SealKey};

/// 32 secret bytes, written as base64.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

/// The text is not a secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be 32 bytes in base64 (for example from `openssl rand -base64 32`)")]
pub struct NotASecretKey;

impl SecretKey {
    /// Reads the base64 text; surrounding white space is forgiven.
    pub fn parse(text: &str) -> Result<Self, NotASecretKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| NotASecretKey)?);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| NotASecretKey)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// A new one.
    pub fn random(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random.bytes()))
    }

    /// The base64 text, for the file that keeps it.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    pub(super) fn seal_key(&self) -> SealKey {
        SealKey::new(&self.0)
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The key in use and, while it is being changed, the one before it.
#[derive(Debug, Clone)]
pub struct SecretKeys {
    /// Seals and opens.
    pub current: SecretKey,
    /// Opens only.
    pub previous: Option<SecretKey>,
}

impl SecretKeys {
    pub(super) fn open(&self, sealed: &[u8], purpose: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let keys = std::iter::once(&self.current).chain(&self.previous);
        keys.into_iter()
            .find_map(|key| key.seal_key().open(sealed, purpose).ok())
    }

    pub(super) fn is_current(&self, sealed: &[u8], purpose: &[u8]) -> bool {
        self.current.seal_key().open(sealed, purpose).is_ok()
    }

    /// What new keys are sealed with: until everything is resealed the previous one, so that nodes
    /// that don't know the current one yet can read them.
    pub(super) fn in_force(&self, sealed_by_previous: bool) -> &SecretKey {
        match &self.previous {
            Some(previous) if sealed_by_previous => previous,
            _ => &self.current,
        }
    }
}
