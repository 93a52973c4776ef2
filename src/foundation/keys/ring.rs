//! Keys in memory: which one to use now, and which one a token names.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::signing::{NotASigningKey, SigningKey};
use crate::foundation::seal::SealKey;

/// What a key is for. One kind never serves for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, clap::ValueEnum)]
#[sqlx(type_name = "key_kind", rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum KeyKind {
    /// Seals flows and form values.
    Seal,
    /// Derives authorization codes from flow ids.
    Code,
    /// Authenticates access tokens.
    Access,
    /// Authenticates refresh tokens. A link keeps the key its current generation was made with.
    Refresh,
    /// Derives CSRF tokens.
    Csrf,
    /// Recognises devices that logged in before, and stands in for whom limits count.
    Device,
    /// Signs JWTs with ECDSA on P-256.
    SigningEs256,
    /// Signs JWTs with Ed25519.
    SigningEddsa,
    /// Signs JWTs with RSA, for verifiers that know nothing newer.
    SigningRs256,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Seal,
        Self::Code,
        Self::Access,
        Self::Refresh,
        Self::Csrf,
        Self::Device,
        Self::SigningEs256,
        Self::SigningEddsa,
        Self::SigningRs256,
    ];

    /// Whether the first key of this kind is made when it is first needed, and not at the start:
    /// most installations sign nothing, and an RSA key takes long to make.
    pub const fn is_made_on_demand(self) -> bool {
        self.algorithm().is_some()
    }

    /// The kind's name, as the database and the command line spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Code => "code",
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Csrf => "csrf",
            Self::Device => "device",
            Self::SigningEs256 => "signing_es256",
            Self::SigningEddsa => "signing_eddsa",
            Self::SigningRs256 => "signing_rs256",
        }
    }
}

/// Names a key; travels in tokens.
pub type KeyId = i16;

/// One key, ready for use.
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub kind: KeyKind,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it makes new things; it verifies at once.
    pub usable_from: DateTime<Utc>,
    // Kept keyed: cloning it saves two of the four SHA-256 blocks of every short MAC.
    mac: Hmac<Sha256>,
    seal: SealKey,
    signing: Option<SigningKey>,
}

impl Key {
    /// From the secret as it is stored: 32 bytes, or the PKCS#8 of a key that signs.
    pub fn new(
        id: KeyId,
        kind: KeyKind,
        secret: &[u8],
        created_at: DateTime<Utc>,
        usable_from: DateTime<Utc>,
    ) -> Result<Self, NotASigningKey> {
        let signing = kind.algorithm();
        let signing = signing.map(|algorithm| SigningKey::read(id, algorithm, secret));
        // A key that signs does nothing else; these two are only there so that every key has them.
        let secret: [u8; 32] = match secret.try_into() {
            Ok(secret) => secret,
            Err(_) => Sha256::digest(secret).into(),
        };
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(secret) {
            *to = from;
        }
        let mac = <Hmac<Sha256> as KeyInit>::new(&block);
        Ok(Self {
            id,
            kind,
            created_at,
            usable_from,
            mac,
            seal: SealKey::new(&secret),
            signing: signing.transpose()?,
        })
    }

    /// HMAC-SHA-256 over the parts, one after the other. Callers keep the parts' lengths fixed, or
    /// put them so that no two inputs run together the same way.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.keyed(parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is the MAC of the parts; in constant time.
    pub fn verifies(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.keyed(parts).verify_slice(tag).is_ok()
    }

    /// The same secret as a sealing key; for keys of kind [`KeyKind::Seal`].
    pub fn seal_key(&self) -> &SealKey {
        &self.seal
    }

    /// What signs and verifies JWTs; `None` for kinds that don't.
    pub fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    fn keyed(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

/// All keys known, in the order they were made.
pub struct KeyRing {
    keys: Vec<Arc<Key>>,
    read_at: DateTime<Utc>,
}

impl KeyRing {
    pub(super) fn new(keys: Vec<Key>, read_at: DateTime<Utc>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().map(Arc::new).collect();
        keys.sort_by_key(|key| (key.usable_from, key.id));
        Self { keys, read_at }
    }

    /// When it was read from the database.
    pub fn read_at(&self) -> DateTime<Utc> {
        self.read_at
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.keys.iter()
    }

    /// The key of that kind and id.
    pub fn find(&self, kind: KeyKind, id: KeyId) -> Option<Arc<Key>> {
        self.keys
            .iter()
            .find(|key| key.kind == kind && key.id == id)
            .cloned()
    }

    /// The newest usable key of a kind that is not made on demand.
    ///
    /// # Panics
    ///
    /// Never for such a kind and a ring that was opened: opening makes a key of each.
    #[expect(
        clippy::expect_used,
        reason = "opening the ring makes a key of every such kind; keys go only when a newer one is usable"
    )]
    pub fn current(&self, kind: KeyKind, now: DateTime<Utc>) -> Arc<Key> {
        self.newest(kind, now).expect("a key of every kind")
    }

    /// The newest usable key of the kind, if any was made.
    pub fn newest(&self, kind: KeyKind, now: DateTime<Utc>) -> Option<Arc<Key>> {
        let of_kind = || self.keys.iter().filter(|key| key.kind == kind);
        let usable = of_kind().rfind(|key| key.usable_from <= now);
        // A clock behind the one that made the first key must not stop the server.
        usable.or_else(|| of_kind().next()).cloned()
    }
}
