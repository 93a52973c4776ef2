//! Chatbots' Secret keys: a client's row keeps each sealed by `LINKGATE_SECRET_KEY`, as keys are.

use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::{Keys, KeysError, SealedSecret, SecretKeys, row_secret};
use crate::foundation::{ids::ClientId, random::Random};

/// Names table, column and row, so that it opens nowhere else.
fn purpose(client: &ClientId) -> Vec<u8> {
    format!("client.chatbot_secret:{client}").into_bytes()
}

impl Keys {
    /// Seals a chatbot's Secret key for its client's row, in the transaction that stores it and before
    /// any row is locked there: resealing waits for it, and the other way round.
    pub async fn seal_chatbot_secret(
        &self,
        db: &mut PgConnection,
        client: &ClientId,
        secret: &str,
        random: &dyn Random,
    ) -> Result<SealedSecret, KeysError> {
        let purpose = purpose(client);
        self.seal_for_row(db, secret.as_bytes(), &purpose, random)
            .await
    }

    /// Opens one; `None` where the secret keys of this node don't.
    pub fn open_chatbot_secret(
        &self,
        client: &ClientId,
        sealed: &SealedSecret,
    ) -> Option<Zeroizing<Vec<u8>>> {
        self.sealed_by.open(sealed.as_bytes(), &purpose(client))
    }
}

/// One sealed anew with the current secret key.
pub(super) fn resealed(
    client: ClientId,
    sealed: &[u8],
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<Vec<u8>, KeysError> {
    let sealed = row_secret::resealed(sealed, &purpose(&client), secret_keys, random)?;
    sealed.ok_or(KeysError::DamagedChatbotSecret(client))
}
