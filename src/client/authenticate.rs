//! Whether a client is who it says (RFC 6749 §2.3).

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    assertion::{self, Proven, Unproven},
    public_keys::PublicKeys,
};
use crate::{
    event::attempt::Reason,
    foundation::secret::{ClientSecretKind, Hashed},
    protocol::{OAuthError, client_assertion::ClientAssertion, client_auth::Presented},
    web::state::PublicUrl,
};

/// What authentication needs to know of a client.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whether it has a secret or keys at all.
    pub confidential: bool,
    /// Whether an admin switched it off.
    pub disabled: bool,
    /// SHA-256 of each secret that is live now.
    pub secret_hashes: Vec<Vec<u8>>,
    /// Its public keys, as they are stored: with them it signs, and has no secret.
    pub jwks: Option<String>,
}

/// What a client proved itself with.
#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// Nothing: it is public.
    Nothing,
    /// A secret of its own.
    Secret(Hashed<ClientSecretKind>),
    /// An assertion of its own, which proves nothing if it was used before.
    Assertion(Proven),
}

const REFUSED: OAuthError =
    OAuthError::invalid_client("the client is unknown or its authentication failed");

/// Checks what a client presented. An unknown client, a wrong secret, a foreign signature, another
/// way than the registered one and a disabled client get the same answer; every live secret is
/// compared, in constant time.
pub fn check(
    presented: &Presented,
    known: Option<&Credentials>,
    ours: &PublicUrl,
    now: DateTime<Utc>,
) -> Result<Proof, OAuthError> {
    // Hashed even for an unknown client, so that both take the same time.
    let hash = secret(presented).map(|secret| Hashed::of(secret.expose_secret()));
    let known = known.filter(|known| !known.disabled).ok_or(REFUSED)?;
    match (presented, hash) {
        (Presented::Assertion(assertion), _) => known.check_assertion(assertion, ours, now),
        (_, Some(hash)) => known.check_secret(hash),
        (_, None) if known.confidential => Err(REFUSED),
        (_, None) => Ok(Proof::Nothing),
    }
}

fn secret(presented: &Presented) -> Option<&SecretString> {
    match presented {
        Presented::Basic { secret, .. } | Presented::Body { secret, .. } => Some(secret),
        Presented::Assertion(_) | Presented::Public { .. } | Presented::None => None,
    }
}

impl Credentials {
    fn check_secret(&self, hash: Hashed<ClientSecretKind>) -> Result<Proof, OAuthError> {
        let stored = self.secret_hashes.iter();
        let matching = stored.filter(|stored| hash.matches(stored)).count();
        if self.confidential && self.jwks.is_none() && matching > 0 {
            Ok(Proof::Secret(hash))
        } else {
            Err(REFUSED)
        }
    }

    fn check_assertion(
        &self,
        assertion: &ClientAssertion,
        ours: &PublicUrl,
        now: DateTime<Utc>,
    ) -> Result<Proof, OAuthError> {
        let stored = self.jwks.as_deref().ok_or(REFUSED)?;
        let keys = PublicKeys::parse(stored).map_err(OAuthError::server_error)?;
        let text = assertion.text.expose_secret();
        match assertion::verify(text, &assertion.client_id, &keys, ours, now) {
            Ok(proven) => Ok(Proof::Assertion(proven)),
            Err(Unproven::NotSigned) => Err(REFUSED),
            Err(Unproven::Wrong(why)) => Err(OAuthError::invalid_client(why)),
        }
    }
}

/// What an admin is told about a client that could not be authenticated, which the client itself is
/// not told.
pub fn reason(presented: &Presented, known: Option<&Credentials>) -> Reason {
    let Some(known) = known else {
        return Reason::ClientUnknown;
    };
    if known.disabled {
        return Reason::ClientDisabled;
    }
    let signs = known.jwks.is_some();
    match presented {
        Presented::Assertion(_) if signs => Reason::AssertionRefused,
        Presented::Assertion(_) => Reason::AssertionUnexpected,
        _ if signs => Reason::AssertionMissing,
        Presented::Basic { .. } | Presented::Body { .. } if known.confidential => {
            Reason::SecretWrong
        }
        _ if known.confidential => Reason::SecretMissing,
        _ => Reason::SecretUnexpected,
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
            jwks: None,
        }
    }

    fn authenticate(
        presented: &Presented,
        known: Option<&Credentials>,
    ) -> Result<Proof, OAuthError> {
        let ours = PublicUrl::new(&"https://link.example".parse().unwrap());
        check(presented, known, &ours, DateTime::UNIX_EPOCH)
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

    #[test]
    fn an_admin_is_told_what_exactly_was_wrong() {
        let signed = Presented::Assertion(ClientAssertion {
            client_id: "a".to_owned(),
            text: "a.b.c".into(),
        });
        let named = Presented::Public {
            client_id: "a".to_owned(),
        };
        let (confidential, public) = (known(&["x"]), known(&[]));
        let signing = Credentials {
            jwks: Some(String::new()),
            ..known(&["x"])
        };
        let disabled = Credentials {
            disabled: true,
            ..known(&["x"])
        };
        for (presented, known, expected) in [
            (&signed, None, Reason::ClientUnknown),
            (&signed, Some(&disabled), Reason::ClientDisabled),
            (&signed, Some(&signing), Reason::AssertionRefused),
            (&signed, Some(&confidential), Reason::AssertionUnexpected),
            (&signed, Some(&public), Reason::AssertionUnexpected),
            (&basic("y"), Some(&signing), Reason::AssertionMissing),
            (&named, Some(&signing), Reason::AssertionMissing),
            (&basic("y"), Some(&confidential), Reason::SecretWrong),
            (&named, Some(&confidential), Reason::SecretMissing),
            (&basic("y"), Some(&public), Reason::SecretUnexpected),
        ] {
            assert_eq!(reason(presented, known), expected);
        }
    }
}
