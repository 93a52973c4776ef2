//! The public keys of a client that signs: a JWK Set (RFC 7517), checked when it is registered.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The most keys of a client: one in use, one to come, and some for machines of their own.
pub const MAX_KEYS: usize = 5;
/// The longest JWK Set that is read.
pub const MAX_SET: usize = 16 * 1024;
/// The longest `kid`, in characters.
const MAX_KID: usize = 200;
/// Shorter RSA keys are too weak; longer ones cost too much to verify with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// What only a private key has (RFC 7518 §6.2.2, §6.3.2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
/// 65537, the exponent of practically every RSA key.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Why a text is no set of keys to register. Keys are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPublicKeys {
    /// Something else, or too long.
    #[error("the keys must be a JWK Set, {{\"keys\": […]}}, of at most {MAX_SET} characters")]
    NotASet,
    /// None, or more than anybody needs.
    #[error("a JWK Set must have 1 to {MAX_KEYS} keys")]
    Count,
    /// It should never have been shown to anybody.
    #[error(
        "key {0} has a private part ({1}): register public keys alone, and make a new key, because \
         this one has been shown"
    )]
    Private(usize, &'static str),
    /// Both sides would know it.
    #[error("key {0} is a shared secret (oct): only public keys can be registered")]
    Shared(usize),
    /// Of another type or curve.
    #[error("key {0} must be an EC key on P-256, an Ed25519 key or an RSA key")]
    Type(usize),
    /// Its numbers are no key.
    #[error("key {0} is not a valid {1} public key")]
    Malformed(usize, &'static str),
    /// Weak, or a burden.
    #[error("key {0} is an RSA key of {1} bits; it must have 2048 to 8192")]
    RsaLength(usize, usize),
    /// Known, but not for such a key.
    #[error("key {0} has the alg {1}, which such a key must not sign with here; possible: {2}")]
    Algorithm(usize, String, String),
    /// For encryption, or for signing only.
    #[error("key {0} is not for verifying signatures (use, key_ops)")]
    Use(usize),
    /// Empty, too long, or no text.
    #[error("the kid of key {0} must be a text of 1 to {MAX_KID} printable characters")]
    KeyId(usize),
    /// It must say which key is meant.
    #[error("two keys have the same kid, {0}")]
    SameKeyId(String),
}

/// The public keys of a client.
#[derive(Debug, Clone)]
pub struct PublicKeys(Vec<PublicKey>);

/// One of them.
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// What assertions may call it.
    pub kid: Option<String>,
    /// What it may sign with: the key decides, not the assertion (RFC 8725 §3.1).
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
    members: Map<String, Value>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Map<String, Value>>,
}

/// One JWK on its way to be a key.
struct Draft<'a> {
    /// Which one it is, counted from 1.
    number: usize,
    jwk: &'a Map<String, Value>,
}

impl PublicKeys {
    /// Reads a JWK Set and checks all of it.
    pub fn parse(text: &str) -> Result<Self, NotPublicKeys> {
        if text.len() > MAX_SET {
            return Err(NotPublicKeys::NotASet);
        }
        let set: Set = serde_json::from_str(text).map_err(|_| NotPublicKeys::NotASet)?;
        if !(1..=MAX_KEYS).contains(&set.keys.len()) {
            return Err(NotPublicKeys::Count);
        }
        let mut keys: Vec<PublicKey> = Vec::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let number = index + 1;
            let key = Draft { number, jwk }.check()?;
            if let Some(kid) = &key.kid
                && keys.iter().any(|known| known.kid.as_ref() == Some(kid))
            {
                return Err(NotPublicKeys::SameKeyId(kid.clone()));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// The set in the one spelling that is stored and shown: what the keys are, and nothing else.
    pub fn to_text(&self) -> String {
        let keys: Vec<_> = self.0.iter().map(|key| &key.members).collect();
        format!("{:#}", json!({ "keys": keys }))
    }

    /// The keys in their order.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter()
    }

    /// The keys that an assertion with that header may be made with. One that names a key means it
    /// and no other; only a key without a name may go by any.
    pub fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &DecodingKey> {
        let named = kid.filter(|kid| self.iter().any(|key| key.kid.as_deref() == Some(kid)));
        let meant = move |key: &&PublicKey| kid.is_none() || key.kid.as_deref() == named;
        self.iter()
            .filter(meant)
            .filter(move |key| key.algorithms.contains(&algorithm))
            .map(|key| &key.decoding)
    }
}

impl PublicKey {
    /// What it may sign with, in words.
    pub fn algorithms(&self) -> String {
        names_of(&self.algorithms)
    }
}

impl Draft<'_> {
    fn check(&self) -> Result<PublicKey, NotPublicKeys> {
        let number = self.number;
        if let Some(private) = PRIVATE
            .into_iter()
            .find(|member| self.jwk.contains_key(*member))
        {
            return Err(NotPublicKeys::Private(number, private));
        }
        let (decoding, possible, members) = match (self.text("kty"), self.text("crv")) {
            (Some("oct"), _) => return Err(NotPublicKeys::Shared(number)),
            _ if self.jwk.contains_key("k") => return Err(NotPublicKeys::Shared(number)),
            (Some("EC"), Some("P-256")) => self.on_p256()?,
            (Some("OKP"), Some("Ed25519")) => self.ed25519()?,
            (Some("RSA"), None) => self.rsa()?,
            _ => return Err(NotPublicKeys::Type(number)),
        };
        self.check_use()?;
        let kid = self.key_id()?;
        let algorithms = self.algorithms(possible)?;
        let told = ["kty", "use", "alg", "kid"].iter().chain(members);
        let members = told.filter_map(|name| {
            let value = self.jwk.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        Ok(PublicKey {
            kid,
            algorithms,
            decoding,
            members: members.collect(),
        })
    }

    fn on_p256(&self) -> Result<Parts, NotPublicKeys> {
        let malformed = NotPublicKeys::Malformed(self.number, "P-256");
        let (Some(x), Some(y)) = (self.bytes("x"), self.bytes("y")) else {
            return Err(malformed);
        };
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        let fits = x.len() == y.len() && is_key(&ECDSA_P256_SHA256_FIXED, &point);
        let (x, y) = (self.text("x"), self.text("y"));
        let decoding = DecodingKey::from_ec_components(x.unwrap_or(""), y.unwrap_or(""));
        match decoding {
            Ok(decoding) if fits => Ok((decoding, &[Algorithm::ES256], &["crv", "x", "y"])),
            _ => Err(malformed),
        }
    }

    fn ed25519(&self) -> Result<Parts, NotPublicKeys> {
        let fits = self.bytes("x").is_some_and(|x| is_key(&ED25519, &x));
        match DecodingKey::from_ed_components(self.text("x").unwrap_or("")) {
            Ok(decoding) if fits => Ok((decoding, &[Algorithm::EdDSA], &["crv", "x"])),
            _ => Err(NotPublicKeys::Malformed(self.number, "Ed25519")),
        }
    }

    fn rsa(&self) -> Result<Parts, NotPublicKeys> {
        let malformed = NotPublicKeys::Malformed(self.number, "RSA");
        let (Some(n), Some(e)) = (self.bytes("n"), self.bytes("e")) else {
            return Err(malformed);
        };
        // RFC 7518 §6.3.1.1: no leading zeros.
        let bits = match n.first() {
            Some(first) if *first > 0 => n.len() * 8 - first.leading_zeros() as usize,
            _ => return Err(malformed),
        };
        if !RSA_BITS.contains(&bits) {
            return Err(NotPublicKeys::RsaLength(self.number, bits));
        }
        let (modulus, exponent) = (self.text("n"), self.text("e"));
        let decoding =
            DecodingKey::from_rsa_components(modulus.unwrap_or(""), exponent.unwrap_or(""));
        let odd = n.last().is_some_and(|last| last % 2 == 1);
        match decoding {
            Ok(decoding) if odd && e == EXPONENT => {
                Ok((decoding, &[Algorithm::RS256, Algorithm::PS256], &["n", "e"]))
            }
            _ => Err(malformed),
        }
    }

    fn check_use(&self) -> Result<(), NotPublicKeys> {
        let signs = match self.jwk.get("use") {
            None => true,
            Some(given) => given == "sig",
        };
        let verifies = match self.jwk.get("key_ops") {
            None => true,
            Some(Value::Array(operations)) => operations.iter().any(|given| given == "verify"),
            Some(_) => false,
        };
        if signs && verifies {
            Ok(())
        } else {
            Err(NotPublicKeys::Use(self.number))
        }
    }

    fn key_id(&self) -> Result<Option<String>, NotPublicKeys> {
        let fits = |kid: &str| {
            (1..=MAX_KID).contains(&kid.chars().count()) && !kid.chars().any(char::is_control)
        };
        match self.jwk.get("kid") {
            None => Ok(None),
            Some(Value::String(kid)) if fits(kid) => Ok(Some(kid.clone())),
            Some(_) => Err(NotPublicKeys::KeyId(self.number)),
        }
    }

    fn algorithms(&self, possible: &[Algorithm]) -> Result<Vec<Algorithm>, NotPublicKeys> {
        let Some(given) = self.jwk.get("alg") else {
            return Ok(possible.to_vec());
        };
        let known = serde_json::from_value::<Algorithm>(given.clone());
        match known {
            Ok(algorithm) if possible.contains(&algorithm) => Ok(vec![algorithm]),
            _ => {
                let given: String = given.to_string().chars().take(40).collect();
                let possible = names_of(possible);
                Err(NotPublicKeys::Algorithm(self.number, given, possible))
            }
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.jwk.get(name)?.as_str()
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.text(name)?).ok()
    }
}

/// What verifies, what it may verify, and the members that make the key.
type Parts = (DecodingKey, &'static [Algorithm], &'static [&'static str]);

fn is_key(algorithm: &'static dyn VerificationAlgorithm, bytes: &[u8]) -> bool {
    ParsedPublicKey::new(algorithm, bytes).is_ok()
}

fn names_of(algorithms: &[Algorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8037 appendix A.2
    const SET: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuaqaLgwo"}]}"#;

    #[test]
    fn a_set_is_read_up_to_its_bound() {
        let padded = |length| PublicKeys::parse(&format!("{SET:length$}"));
        assert!(padded(16 * 1024).is_ok());
        for length in [16 * 1024 + 1, 32 * 1024] {
            assert_eq!(padded(length).err(), Some(NotPublicKeys::NotASet));
        }
    }

    fn refused(jwk: &Value) -> Option<NotPublicKeys> {
        PublicKeys::parse(&json!({ "keys": [jwk] }).to_string()).err()
    }

    #[test]
    fn a_key_is_what_it_says_and_nothing_more() {
        let ed25519 =
            |x: &[u8]| json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x) });
        for length in [0, 31, 33] {
            let malformed = NotPublicKeys::Malformed(1, "Ed25519");
            assert_eq!(refused(&ed25519(&vec![1; length])), Some(malformed));
        }
        assert_eq!(
            refused(&json!({ "kty": "oct" })),
            Some(NotPublicKeys::Shared(1))
        );
        let shared = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuaqaLgwo", "k": "AAAA" });
        assert_eq!(refused(&shared), Some(NotPublicKeys::Shared(1)));
        let rsa = |n: &[u8]| json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB" });
        let short = NotPublicKeys::RsaLength(1, 2047);
        assert_eq!(refused(&rsa(&[0x7F; 256])), Some(short));
        assert_eq!(refused(&rsa(&[0x8F; 256])), None);
    }

    #[test]
    fn a_key_is_named_with_at_most_200_printable_characters() {
        let named = |kid: &str| {
            let mut set: Value = serde_json::from_str(SET).unwrap();
            set["keys"][0]["kid"] = json!(kid);
            PublicKeys::parse(&set.to_string()).err()
        };
        for kid in ["1", "열쇠 1", &"열".repeat(200)] {
            assert_eq!(named(kid), None, "{kid}");
        }
        for kid in ["", "a\nb", "\u{85}", &"열".repeat(201)] {
            assert_eq!(named(kid), Some(NotPublicKeys::KeyId(1)), "{kid:?}");
        }
    }

    #[test]
    fn a_point_is_two_numbers_of_one_length_on_the_curve() {
        // RFC 7517 appendix A.1
        let bytes = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        let x = bytes("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
        let y = bytes("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        let refused = |x: &[u8], y: &[u8]| {
            let [x, y] = [x, y].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
            refused(&json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }))
        };
        assert_eq!(refused(&x, &y), None);
        let both = [x.as_slice(), y.as_slice()].concat();
        let wrong = [
            both.split_at(31),
            both.split_at(33),
            (&x[..], &y[..31]),
            (&x[..31], &y[..]),
            (&y[..], &x[..]),
        ];
        for (x, y) in wrong {
            let malformed = NotPublicKeys::Malformed(1, "P-256");
            assert_eq!(
                refused(x, y),
                Some(malformed),
                "{} and {}",
                x.len(),
                y.len()
            );
        }
    }
}
