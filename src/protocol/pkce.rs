//! Proof Key for Code Exchange (RFC 7636): S256 and nothing else.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::OAuthError;

/// An S256 challenge: the base64url form, 43 characters, of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

/// The text is not what base64url gives for 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code challenge has 43 base64url characters")]
pub struct MalformedChallenge;

impl FromStr for CodeChallenge {
    type Err = MalformedChallenge;

    fn from_str(text: &str) -> Result<Self, MalformedChallenge> {
        let mut hash = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut hash) {
            Ok(32) => Ok(Self(text.to_owned())),
            _ => Err(MalformedChallenge),
        }
    }
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` of an authorization request; `None`
    /// where the request uses no PKCE (a public client is then refused by the caller).
    pub fn of_request(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, OAuthError> {
        let Some(challenge) = challenge else {
            return match method {
                None => Ok(None),
                Some(_) => Err(OAuthError::invalid_request(
                    "code_challenge_method was sent without code_challenge",
                )),
            };
        };
        // RFC 7636 §4.3 reads a missing method as `plain`, which RFC 9700 §2.1.1 rules out.
        if method != Some("S256") {
            return Err(OAuthError::invalid_request(
                "code_challenge_method must be S256",
            ));
        }
        challenge
            .parse()
            .map(Some)
            .map_err(|error: MalformedChallenge| {
                OAuthError::invalid_request("code_challenge must have 43 base64url characters")
                    .caused_by(error)
            })
    }

    /// The challenge as it was sent and is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this verifier gave this challenge; compares in constant time.
    pub fn verify(&self, verifier: &str) -> bool {
        let computed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        is_verifier(verifier) && bool::from(computed.as_bytes().ct_eq(self.0.as_bytes()))
    }
}

/// The rule of the token endpoint (RFC 7636 §4.6, RFC 9700 §4.8.2): a verifier exactly where there
/// was a challenge, and the right one. Every failure is `invalid_grant`.
pub fn check(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), OAuthError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge.verify(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(OAuthError::invalid_grant(
            "code_verifier does not match code_challenge",
        )),
        (Some(_), None) => Err(OAuthError::invalid_grant("code_verifier is missing")),
        // Else an attacker could strip the challenge from the request and keep the flow working.
        (None, Some(_)) => Err(OAuthError::invalid_grant(
            "code_verifier was sent, but the authorization request had no code_challenge",
        )),
    }
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    // RFC 7636 appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge_of(verifier: &str) -> CodeChallenge {
        URL_SAFE_NO_PAD
            .encode(Sha256::digest(verifier))
            .parse()
            .unwrap()
    }

    #[test]
    fn the_rfcs_own_example_verifies() {
        let challenge: CodeChallenge = CHALLENGE.parse().unwrap();
        assert!(challenge.verify(VERIFIER));
        assert_eq!(challenge.as_str(), CHALLENGE);
    }

    #[test]
    fn only_s256_with_a_proper_challenge_is_taken() {
        let cut = &CHALLENGE[1..];
        let long = format!("{CHALLENGE}A");
        let padded = format!("{cut}=");
        let standard = CHALLENGE.replace('-', "+");
        let loose_end = format!("{}N", &CHALLENGE[..42]);
        for (challenge, method) in [
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some(CHALLENGE), Some("S512")),
            (None, Some("S256")),
            (Some(cut), Some("S256")),
            (Some(&long), Some("S256")),
            (Some(&padded), Some("S256")),
            (Some(&standard), Some("S256")),
            (Some(&loose_end), Some("S256")),
        ] {
            let error = CodeChallenge::of_request(challenge, method).unwrap_err();
            assert_eq!(
                error.code(),
                ErrorCode::InvalidRequest,
                "{challenge:?} {method:?}"
            );
        }
        assert_eq!(CodeChallenge::of_request(None, None).unwrap(), None);
        assert!(
            CodeChallenge::of_request(Some(CHALLENGE), Some("S256"))
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for (verifier, verifies) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("-._~".repeat(32), true),
            ("a".repeat(129), false),
            (format!("{}+", "a".repeat(42)), false),
            (format!("{}é", "a".repeat(42)), false),
            (String::new(), false),
        ] {
            assert_eq!(
                challenge_of(&verifier).verify(&verifier),
                verifies,
                "{verifier}"
            );
        }
    }

    #[test]
    fn challenge_and_verifier_come_together_or_not_at_all() {
        let challenge: CodeChallenge = CHALLENGE.parse().unwrap();
        assert!(check(None, None).is_ok());
        assert!(check(Some(&challenge), Some(VERIFIER)).is_ok());
        let other = "a".repeat(43);
        for (challenge, verifier) in [
            (Some(&challenge), None),
            (Some(&challenge), Some(CHALLENGE)),
            (Some(&challenge), Some(other.as_str())),
            (Some(&challenge), Some("short")),
            (None, Some(VERIFIER)),
        ] {
            let error = check(challenge, verifier).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidGrant, "{verifier:?}");
        }
    }
}
