//! Authenticates clients, with what has to be remembered of it: that an assertion was used, and when
//! a secret was.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::{
    assertion,
    authenticate::{self, Credentials, Proof},
    secret::uses::SecretUses,
};
use crate::{
    protocol::{OAuthError, client_auth::Presented},
    web::state::PublicUrl,
};

/// What the endpoints ask where clients authenticate.
pub struct Authenticator {
    db: PgPool,
    ours: PublicUrl,
    uses: SecretUses,
}

impl Authenticator {
    /// One for a server.
    pub fn new(db: PgPool, ours: PublicUrl) -> Self {
        Self {
            db,
            ours,
            uses: SecretUses::default(),
        }
    }

    /// Authenticates a client. That uses its assertion up, so ask once for each request, and
    /// [`Self::check_again`] after that.
    pub async fn authenticate(
        &self,
        presented: &Presented,
        known: Option<&Credentials>,
        now: DateTime<Utc>,
    ) -> Result<(), OAuthError> {
        let proof = authenticate::check(presented, known, &self.ours, now)?;
        let client_id = presented.client_id().unwrap_or_default();
        match proof {
            Proof::Nothing => {}
            Proof::Secret(hash) => self.uses.note(client_id, hash, now),
            // Only now: whoever can't sign can't use up what the client signed, nor fill the table.
            Proof::Assertion(proven) => {
                if !assertion::store::use_up(&self.db, client_id, &proven).await? {
                    return Err(OAuthError::invalid_client(
                        "the client_assertion was used before: make a new one, with a new jti, for each request",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether what proved the client still does, for a request that reads its client again.
    pub fn check_again(
        &self,
        presented: &Presented,
        known: Option<&Credentials>,
        now: DateTime<Utc>,
    ) -> Result<(), OAuthError> {
        authenticate::check(presented, known, &self.ours, now).map(drop)
    }

    /// Writes when secrets were last used, over `behind`.
    pub async fn write_uses(&self, behind: &PgPool) {
        self.uses.flush(behind).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::secret::{ClientSecretKind, Hashed};

    #[tokio::test]
    async fn what_proved_a_client_is_looked_at_as_the_client_is_by_then() {
        let nowhere = PgPool::connect_lazy("postgres://localhost/nowhere").unwrap();
        let ours = PublicUrl::new(&"https://link.example".parse().unwrap());
        let authenticator = Authenticator::new(nowhere, ours);
        let presented = Presented::Basic {
            client_id: "a".to_owned(),
            secret: "x".into(),
        };
        let as_it_was = Credentials {
            confidential: true,
            disabled: false,
            secret_hashes: vec![Hashed::<ClientSecretKind>::of("x").as_bytes().to_vec()],
            jwks: None,
        };
        let disabled = Credentials {
            disabled: true,
            ..as_it_was.clone()
        };
        let without_that_secret = Credentials {
            secret_hashes: Vec::new(),
            ..as_it_was.clone()
        };
        let again = |known| authenticator.check_again(&presented, known, DateTime::UNIX_EPOCH);
        assert!(again(Some(&as_it_was)).is_ok());
        for changed in [Some(&disabled), Some(&without_that_secret), None] {
            assert!(again(changed).is_err(), "{changed:?}");
        }
    }
}
