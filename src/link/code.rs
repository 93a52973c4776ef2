//! Authorization codes (RFC 6749 §4.1.2): a function of the flow they end, so that approving twice
//! gives the same one. The link's row holds only the code's hash.

use sha2::{Digest, Sha256};

use crate::foundation::{
    ids::FlowId,
    keys::{Key, KeyKind},
    seal,
};

/// What a code begins with.
pub const PREFIX: &str = "lg_ac_";
const LENGTH: usize = PREFIX.len() + 43;

/// A code in the clear, to be handed to the platform through the browser.
pub struct AuthorizationCode(String);

/// What a code is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeHash(pub [u8; 32]);

impl AuthorizationCode {
    /// The code of a flow, under the code key the flow began with.
    pub fn of_flow(flow: FlowId, key: &Key) -> Self {
        debug_assert_eq!(key.kind, KeyKind::Code);
        let tag = key.mac(&[PREFIX.as_bytes(), flow.0.as_bytes()]);
        Self(format!("{PREFIX}{}", seal::to_text(&tag)))
    }

    /// What a platform presented, if it has the shape of a code; anything else is refused without a
    /// look into the database.
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == LENGTH && text.starts_with(PREFIX);
        shaped.then(|| Self(text.to_owned()))
    }

    /// The code's text, for the redirect.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the row holds.
    pub fn hash(&self) -> CodeHash {
        CodeHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl std::fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("lg_ac_…")
    }
}
