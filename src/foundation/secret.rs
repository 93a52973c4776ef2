//! Random secrets in two forms: plain, to be handed out once, and hashed, to be stored.

use std::{fmt, marker::PhantomData};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::random::Random;

/// A kind of secret; its prefix keeps one kind from being taken for another.
pub trait Kind {
    /// What the plain form begins with.
    const PREFIX: &'static str;
}

/// A client secret (RFC 6749 §2.3.1), URL-safe so that no platform can mis-encode it.
#[derive(Debug)]
pub enum ClientSecretKind {}
impl Kind for ClientSecretKind {
    const PREFIX: &'static str = "lg_cs_";
}

/// What a chatbot builder asks by a chat user with, in the URL it is given.
#[derive(Debug)]
pub enum CallSecretKind {}
impl Kind for CallSecretKind {
    const PREFIX: &'static str = "lg_ck_";
}

/// The id of a person's session, as their cookie carries it.
#[derive(Debug)]
pub enum SessionKind {}
impl Kind for SessionKind {
    const PREFIX: &'static str = "lg_se_";
}

/// The id of an admin's session.
#[derive(Debug)]
pub enum AdminSessionKind {}
impl Kind for AdminSessionKind {
    const PREFIX: &'static str = "lg_as_";
}

/// What ties pages to the browser they were opened in.
#[derive(Debug)]
pub enum BrowserKind {}
impl Kind for BrowserKind {
    const PREFIX: &'static str = "lg_br_";
}

/// A secret of 256 random bits, in the clear. It can't be stored: only [`Hashed`] goes to SQL.
pub struct Plain<K>(String, PhantomData<K>);

/// The SHA-256 of a [`Plain`] secret: enough for 256 random bits (ASVS 6.5.2).
pub struct Hashed<K>([u8; 32], PhantomData<K>);

impl<K: Kind> Plain<K> {
    /// A new secret.
    pub fn random(random: &dyn Random) -> Self {
        let bytes: [u8; 32] = random.bytes();
        Self(
            format!("{}{}", K::PREFIX, URL_SAFE_NO_PAD.encode(bytes)),
            PhantomData,
        )
    }

    /// What somebody presented, if it has the shape of this kind.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(K::PREFIX)?;
        (rest.len() == 43).then(|| Self(text.to_owned(), PhantomData))
    }

    /// The text to hand out: a header, a cookie, a page that shows it once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form that is stored.
    pub fn hash(&self) -> Hashed<K> {
        Hashed::of(&self.0)
    }
}

impl<K> Clone for Hashed<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Hashed<K> {}

impl<K> Hashed<K> {
    /// The hash of whatever text was presented, of the right shape or not.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into(), PhantomData)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time with a stored hash.
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.0.ct_eq(stored).into()
    }
}

impl<K: Kind> fmt::Debug for Plain<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", K::PREFIX)
    }
}

impl<K> fmt::Debug for Hashed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed(…)")
    }
}

impl<K> Drop for Plain<K> {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}
