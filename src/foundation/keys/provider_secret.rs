//! Client secrets that providers gave us: each provider's row keeps its own sealed.

use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::{Keys, KeysError, SealedSecret, SecretKeys, row_secret};
use crate::foundation::{ids::ProviderId, random::Random};

/// Names table, column and row, so that it opens nowhere else.
fn purpose(provider: &ProviderId) -> Vec<u8> {
    format!("provider.client_secret:{provider}").into_bytes()
}

impl Keys {
    /// Seals a client secret for its provider's row, in the transaction that stores it and before any
    /// row is locked there: resealing waits for it, and the other way round.
    pub async fn seal_provider_secret(
        &self,
        db: &mut PgConnection,
        provider: &ProviderId,
        secret: &str,
        random: &dyn Random,
    ) -> Result<SealedSecret, KeysError> {
        self.seal_for_row(db, secret.as_bytes(), &purpose(provider), random)
            .await
    }

    /// Opens one; `None` where the secret keys of this node don't.
    pub fn open_provider_secret(
        &self,
        provider: &ProviderId,
        sealed: &SealedSecret,
    ) -> Option<Zeroizing<String>> {
        let secret = self.sealed_by.open(sealed.as_bytes(), &purpose(provider))?;
        String::from_utf8(secret.to_vec()).ok().map(Zeroizing::new)
    }
}

/// One sealed anew with the current secret key.
pub(super) fn resealed(
    provider: ProviderId,
    sealed: &[u8],
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<Vec<u8>, KeysError> {
    let sealed = row_secret::resealed(sealed, &purpose(&provider), secret_keys, random)?;
    sealed.ok_or(KeysError::DamagedProviderSecret(provider))
}
