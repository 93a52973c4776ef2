//! Keys that sign: what makes a JWT, what checks it, and what the world is told of it.

use aws_lc_rs::{
    encoding::AsDer,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use zeroize::Zeroizing;

use super::{KeyId, KeyKind};

/// How much of the thumbprint a `kid` shows: enough that no two keys share one.
const KID_THUMBPRINT: usize = 16;

/// A key can't be made or read. No input of ours can cause it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no signing key")]
pub struct NotASigningKey;

/// A private key with its public half, ready for use.
pub struct SigningKey {
    /// The one algorithm this key is for (RFC 8725 §3.1).
    pub algorithm: Algorithm,
    /// What a token's header names: the key's id, and a part of its thumbprint (RFC 7638), so that
    /// another database never publishes another key under the same name.
    pub kid: String,
    /// Makes signatures.
    pub encoding: EncodingKey,
    /// Checks them.
    pub decoding: DecodingKey,
    /// The public half, to be published (RFC 7517).
    pub jwk: Jwk,
}

impl KeyKind {
    /// What keys of this kind sign with; `None` for kinds that don't sign.
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::SigningEs256 => Some(Algorithm::ES256),
            Self::SigningEddsa => Some(Algorithm::EdDSA),
            Self::SigningRs256 => Some(Algorithm::RS256),
            Self::Seal | Self::Code | Self::Access | Self::Refresh | Self::Csrf | Self::Device => {
                None
            }
        }
    }

    /// The kind whose keys sign with that algorithm.
    pub fn signing_with(algorithm: Algorithm) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.algorithm() == Some(algorithm))
    }

    /// The id in a `kid` of ours; what it names must still be compared with the whole.
    pub fn id_in_kid(kid: &str) -> Option<KeyId> {
        kid.split_once('-')?.0.parse().ok()
    }
}

/// A new private key in PKCS#8. An RSA key takes a good part of a second to make.
///
/// Its randomness is the library's own, which takes no other.
pub(super) fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, NotASigningKey> {
    let failed = |_| NotASigningKey;
    let bytes = match algorithm {
        Algorithm::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(failed)?
            .as_ref()
            .to_vec(),
        Algorithm::EdDSA => Ed25519KeyPair::generate()
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(failed)?
            .as_ref()
            .to_vec(),
        Algorithm::RS256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
            let document = pair.as_der().map_err(failed)?;
            document.as_ref().to_vec()
        }
        _ => return Err(NotASigningKey),
    };
    Ok(Zeroizing::new(bytes))
}

impl SigningKey {
    /// The key in some PKCS#8.
    pub(super) fn read(
        id: KeyId,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Self, NotASigningKey> {
        let encoding = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_der(pkcs8),
            Algorithm::EdDSA => EncodingKey::from_ed_der(pkcs8),
            Algorithm::RS256 => EncodingKey::from_rsa_der(rsa_private_key(pkcs8)?),
            _ => return Err(NotASigningKey),
        };
        let failed = |_| NotASigningKey;
        let mut jwk = Jwk::from_encoding_key(&encoding, algorithm).map_err(failed)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(failed)?;
        let thumbprint = thumbprint.get(..KID_THUMBPRINT).ok_or(NotASigningKey)?;
        let kid = format!("{id}-{thumbprint}");
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            algorithm,
            kid,
            encoding,
            decoding: DecodingKey::from_jwk(&jwk).map_err(failed)?,
            jwk,
        })
    }
}

/// The `RSAPrivateKey` (RFC 8017 §A.1.2) inside a PKCS#8 of a long RSA key, which is what
/// `jsonwebtoken` takes: a sequence of the version, the algorithm, and an octet string to the end.
fn rsa_private_key(pkcs8: &[u8]) -> Result<&[u8], NotASigningKey> {
    const VERSION_AND_RSA: [u8; 18] = [
        0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
        0x01, 0x05, 0x00,
    ];
    content_of(0x30, pkcs8)
        .and_then(|sequence| sequence.strip_prefix(&VERSION_AND_RSA))
        .and_then(|rest| content_of(0x04, rest))
        .ok_or(NotASigningKey)
}

/// What is in the one DER value that fills `bytes`, if it is of that type and its length takes two
/// bytes, as in every RSA key long enough to use.
fn content_of(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let [first, 0x82, high, low, content @ ..] = bytes else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    (*first == tag && content.len() == length).then_some(content)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Header, Validation, decode, encode};
    use serde_json::{Value, json};

    use super::*;

    fn signed(algorithm: Algorithm, key: &SigningKey) -> String {
        let claims = json!({ "exp": 4_102_444_800_u64 });
        encode(&Header::new(algorithm), &claims, &key.encoding).unwrap()
    }

    #[test]
    fn what_a_key_signs_only_its_own_public_half_verifies() {
        for kind in KeyKind::ALL {
            let Some(algorithm) = kind.algorithm() else {
                continue;
            };
            let [ours, others] = [7, 8].map(|id| {
                let pkcs8 = generate(algorithm).unwrap();
                SigningKey::read(id, algorithm, &pkcs8).unwrap()
            });
            let token = signed(algorithm, &ours);
            let rules = Validation::new(algorithm);
            assert!(decode::<Value>(&token, &ours.decoding, &rules).is_ok());
            assert!(decode::<Value>(&token, &others.decoding, &rules).is_err());
            assert_eq!(KeyKind::signing_with(algorithm), Some(kind));
            assert_eq!(KeyKind::id_in_kid(&ours.kid), Some(7));
            assert_ne!(ours.kid.split_once('-'), others.kid.split_once('-'));
        }
    }

    #[test]
    fn only_the_public_half_is_published() {
        for (algorithm, members) in [
            (
                Algorithm::ES256,
                vec!["alg", "crv", "kid", "kty", "use", "x", "y"],
            ),
            (
                Algorithm::EdDSA,
                vec!["alg", "crv", "kid", "kty", "use", "x"],
            ),
            (Algorithm::RS256, vec!["alg", "e", "kid", "kty", "n", "use"]),
        ] {
            let pkcs8 = generate(algorithm).unwrap();
            let key = SigningKey::read(1, algorithm, &pkcs8).unwrap();
            let published = serde_json::to_value(&key.jwk).unwrap();
            let names: Vec<_> = published.as_object().unwrap().keys().collect();
            assert_eq!(names, members, "{published}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        let rsa = generate(Algorithm::RS256).unwrap();
        for (algorithm, bytes) in [
            (Algorithm::ES256, &rsa[..]),
            (Algorithm::EdDSA, &rsa[..]),
            (Algorithm::RS256, &rsa[..rsa.len() - 1]),
            (Algorithm::RS256, &[0; 32]),
            (Algorithm::HS256, &[0; 32]),
            (Algorithm::ES256, &[]),
        ] {
            assert!(SigningKey::read(1, algorithm, bytes).is_err());
        }
    }
}
