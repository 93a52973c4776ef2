//! Whether a client is who it says (RFC 6749 §2.3).

use secrecy::ExposeSecret;

use crate::{
    event::attempt::Reason,
    foundation::secret::{ClientSecretKind, Hashed},
    protocol::{OAuthError, client_auth::Presented},
};

/// What authentication needs to know of a client.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whether it has a secret at all.
    pub confidential: bool,
    /// Whether an admin switched it off.
    pub disabled: bool,
    /// SHA-256 of each secret that is live now.
    pub secret_hashes: Vec<Vec<u8>>,
}

const REFUSED: OAuthError =
    OAuthError::invalid_client("the client is unknown or its authentication failed");

/// Checks what a client presented. An unknown client, a wrong secret and a disabled client get the
/// same answer; every live secret is compared, in constant time.
pub fn authenticate(presented: &Presented, known: Option<&Credentials>) -> Result<(), OAuthError> {
    let secret = match presented {
        Presented::Basic { secret, .. } | Presented::Body { secret, .. } => Some(secret),
        Presented::Public { .. } | Presented::None => None,
    };
    // Hashed even for an unknown client, so that both take the same time.
    let hash = secret.map(|secret| Hashed::<ClientSecretKind>::of(secret.expose_secret()));
    let Some(known) = known else {
        return Err(REFUSED);
    };
    let genuine = match hash {
        Some(hash) => {
            let matching = known
                .secret_hashes
                .iter()
                .filter(|stored| hash.matches(stored))
                .count();
            known.confidential && matching > 0
        }
        None => !known.confidential,
    };
    if genuine && !known.disabled {
        Ok(())
    } else {
        Err(REFUSED)
    }
}

/// What an admin is told about a client that could not be authenticated, which the client itself is
/// not told.
pub fn reason(presented: &Presented, known: Option<&Credentials>) -> Reason {
    let sent_secret = matches!(presented, Presented::Basic { .. } | Presented::Body { .. });
    match known {
        None => Reason::ClientUnknown,
        Some(known) if known.disabled => Reason::ClientDisabled,
        Some(known) if known.confidential && sent_secret => Reason::SecretWrong,
        Some(known) if known.confidential => Reason::SecretMissing,
        Some(_) => Reason::SecretUnexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    fn basic(secret: &str) -> Presented {
        Presented::Basic {
            client_id: "a".to_owned(),
            secret: secret.into(),
        }
    }

    fn known(secrets: &[&str]) -> Credentials {
        let secret_hashes = secrets
            .iter()
            .map(|secret| Hashed::<ClientSecretKind>::of(secret).as_bytes().to_vec());
        Credentials {
            confidential: !secrets.is_empty(),
            disabled: false,
            secret_hashes: secret_hashes.collect(),
        }
    }

    #[test]
    fn any_live_secret_opens_and_nothing_near_it_does() {
        let two = known(&["first", "second"]);
        assert!(authenticate(&basic("first"), Some(&two)).is_ok());
        assert!(authenticate(&basic("second"), Some(&two)).is_ok());
        for wrong in ["", "firs", "first ", "first\n", "First", "first\0"] {
            let error = authenticate(&basic(wrong), Some(&two)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidClient, "{wrong:?}");
        }
    }

    #[test]
    fn a_confidential_client_needs_its_secret_and_a_public_one_must_not_send_any() {
        let public = Presented::Public {
            client_id: "a".to_owned(),
        };
        assert!(authenticate(&public, Some(&known(&["x"]))).is_err());
        assert!(authenticate(&public, Some(&known(&[]))).is_ok());
        assert!(authenticate(&basic("x"), Some(&known(&[]))).is_err());
        assert!(authenticate(&Presented::None, Some(&known(&["x"]))).is_err());
    }

    #[test]
    fn disabled_and_unknown_clients_look_like_a_wrong_secret() {
        let disabled = Credentials {
            disabled: true,
            ..known(&["x"])
        };
        let answers = [
            authenticate(&basic("x"), Some(&disabled)),
            authenticate(&basic("x"), None),
            authenticate(&basic("y"), Some(&known(&["x"]))),
        ];
        for answer in answers {
            assert_eq!(answer.unwrap_err().description(), REFUSED.description());
        }
    }
}
