//! Keys that sign CEK's requests: RSA, as CLOVA publishes them.

use aws_lc_rs::{
    rsa::{PublicEncryptingKey, PublicKey},
    signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};

/// The longest PEM that is read, in bytes.
pub const MAX_PEM: usize = 8192;

/// A key that was read; verifying with it is arithmetic alone.
#[derive(Debug, Clone)]
pub struct CekKey(ParsedPublicKey);

/// Why a text is no such key; the text is for the person who pasted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Something else altogether.
    #[error(
        "the CEK public key must be a PEM of an RSA public key, which begins with -----BEGIN PUBLIC KEY-----"
    )]
    NoPem,
    /// Nobody but the platform should have it.
    #[error("this is a private key: the CEK public key must be a PEM of the public one")]
    Private,
    /// Its key may be meant; it is not guessed.
    #[error(
        "this is a certificate: the CEK public key must be a PEM that begins with -----BEGIN PUBLIC KEY-----"
    )]
    Certificate,
    /// A PEM of another kind of key, or a damaged one.
    #[error("the CEK public key must be a PEM of an RSA public key, and whole")]
    NotRsa,
    /// A key of that size can be broken.
    #[error("the CEK public key must have 2048 to 8192 bits")]
    Size,
}

impl CekKey {
    /// Reads the PEM of a public key.
    pub fn read(pem: &str) -> Result<Self, NotAKey> {
        if pem.contains("PRIVATE KEY-----") {
            return Err(NotAKey::Private);
        }
        if pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(NotAKey::Certificate);
        }
        if pem.len() > MAX_PEM {
            return Err(NotAKey::NoPem);
        }
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes());
        let der = der.map_err(|_| NotAKey::NoPem)?;
        PublicKey::from_der(&der).map_err(|_| NotAKey::NotRsa)?;
        PublicEncryptingKey::from_der(&der).map_err(|_| NotAKey::Size)?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &*der);
        key.map(Self).map_err(|_| NotAKey::NotRsa)
    }

    /// Whether this key signed exactly these bytes (RSA PKCS#1 v1.5, SHA-256).
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

#[cfg(test)]
#[path = "cek_key_tests.rs"]
mod tests;
