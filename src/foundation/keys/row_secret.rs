//! Secrets that rows keep, each sealed by `LINKGATE_SECRET_KEY`, as keys are: for its table, its column and
//! its row, so that it opens nowhere else.

use sqlx::PgConnection;

use super::{Keys, KeysError, SecretKeys, store};
use crate::foundation::{random::Random, seal};

/// How much of a sealed text tells it from every other.
const NONCE_BYTES: usize = 24;

/// A secret as a row keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(Vec<u8>);

impl SealedSecret {
    /// What a row has.
    pub fn stored(sealed: Vec<u8>) -> Self {
        Self(sealed)
    }

    /// What a row gets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Another one each time something is sealed.
    pub fn fingerprint(&self) -> String {
        seal::to_text(self.0.get(..NONCE_BYTES).unwrap_or_default())
    }
}

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret(…)")
    }
}

impl Keys {
    /// Seals a secret for a row, in the transaction that stores it and before any row is locked there:
    /// resealing waits for it, and the other way round.
    pub(super) async fn seal_for_row(
        &self,
        db: &mut PgConnection,
        secret: &[u8],
        purpose: &[u8],
        random: &dyn Random,
    ) -> Result<SealedSecret, KeysError> {
        store::lock_for_change(&mut *db).await?;
        let mark = store::mark(db).await?;
        let opens = |mark: &Vec<u8>| store::opens_mark(&self.sealed_by, mark);
        if !mark.as_ref().is_none_or(opens) {
            return Err(KeysError::WrongSecretKey);
        }
        let by_previous = mark.is_some_and(|mark| !store::is_current_mark(&self.sealed_by, &mark));
        let key = self.sealed_by.in_force(by_previous).seal_key();
        let sealed = key.seal(secret, purpose, random);
        Ok(SealedSecret(sealed.map_err(|_| KeysError::Sealing)?))
    }
}

/// One sealed anew with the current secret key; `None` where it does not open.
pub(super) fn resealed(
    sealed: &[u8],
    purpose: &[u8],
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<Option<Vec<u8>>, KeysError> {
    let Some(secret) = secret_keys.open(sealed, purpose) else {
        return Ok(None);
    };
    let sealed = secret_keys
        .current
        .seal_key()
        .seal(&secret, purpose, random);
    sealed.map(Some).map_err(|_| KeysError::Sealing)
}
