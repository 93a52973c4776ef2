//! Chatbots' Secret keys: a client's row keeps each sealed by `LINKGATE_SECRET_KEY`, as keys are.

use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::{Keys, KeysError, SecretKeys, store};
use crate::foundation::{ids::ClientId, random::Random, seal};

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
        store::lock_for_change(&mut *db).await?;
        let mark = store::mark(db).await?;
        let opens = |mark: &Vec<u8>| store::opens_mark(&self.sealed_by, mark);
        if !mark.as_ref().is_none_or(opens) {
            return Err(KeysError::WrongSecretKey);
        }
        let by_previous = mark.is_some_and(|mark| !store::is_current_mark(&self.sealed_by, &mark));
        let key = self.sealed_by.in_force(by_previous).seal_key();
        let sealed = key.seal(secret.as_bytes(), &purpose(client), random);
        Ok(SealedSecret(sealed.map_err(|_| KeysError::Sealing)?))
    }

    /// Opens one; `None` where the secret keys of this node don't.
    pub fn open_chatbot_secret(
        &self,
        client: &ClientId,
        sealed: &SealedSecret,
    ) -> Option<Zeroizing<Vec<u8>>> {
        self.sealed_by.open(&sealed.0, &purpose(client))
    }
}

/// One sealed anew with the current secret key.
pub(super) fn resealed(
    client: ClientId,
    sealed: &[u8],
    secret_keys: &SecretKeys,
    random: &dyn Random,
) -> Result<Vec<u8>, KeysError> {
    let purpose = purpose(&client);
    let Some(secret) = secret_keys.open(sealed, &purpose) else {
        return Err(KeysError::DamagedChatbotSecret(client));
    };
    let key = secret_keys.current.seal_key();
    let sealed = key.seal(&secret, &purpose, random);
    sealed.map_err(|_| KeysError::Sealing)
}
