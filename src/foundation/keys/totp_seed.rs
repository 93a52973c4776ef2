//! Seeds of authenticator apps, as rows keep them.

use sqlx::PgConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Keys, KeysError, SealedSecret, SecretKeys, row_secret};
use crate::foundation::random::Random;

fn purpose(totp: Uuid) -> Vec<u8> {
    format!("totp.sealed_seed:{totp}").into_bytes()
}

impl Keys {
    /// Seals a seed for its row, in the transaction that stores it and before any row is locked there.
    pub async fn seal_totp_seed(
        &self,
        db: &mut PgConnection,
        totp: Uuid,
        seed: &[u8],
        random: &dyn Random,
    ) -> Result<SealedSecret, KeysError> {
        self.seal_for_row(db, seed, &purpose(totp), random).await
    }

    /// Opens one; `None` where the secret keys of this node don't.
    pub fn open_totp_seed(&self, totp: Uuid, sealed: &SealedSecret) -> Option<Zeroizing<Vec<u8>>> {
        self.sealed_by.open(sealed.as_bytes(), &purpose(totp))
    }
}

/// One sealed anew with the current secret key.
pub(super) fn resealed(
    totp: Uuid,
    sealed: &[u8],
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<Vec<u8>, KeysError> {
    let sealed = row_secret::resealed(sealed, &purpose(totp), secret_keys, random)?;
    sealed.ok_or(KeysError::DamagedTotpSeed(totp))
}
