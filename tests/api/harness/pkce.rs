//! A verifier and its challenge (RFC 7636), written out so that tests can get them wrong.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A pair that belongs together.
pub struct Pkce {
    pub verifier: String,
    pub challenge: String,
}

impl Pkce {
    /// The challenge of a verifier, be it a legal one or not.
    pub fn of(verifier: &str) -> Self {
        Self {
            verifier: verifier.to_owned(),
            challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }

    /// What an authorization request says about it.
    pub fn parameters(&self) -> [(&str, &str); 2] {
        [
            ("code_challenge", &self.challenge),
            ("code_challenge_method", "S256"),
        ]
    }
}

impl Default for Pkce {
    fn default() -> Self {
        // RFC 7636 appendix B.
        Self::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }
}
