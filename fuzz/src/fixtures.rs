//! What the rules are tried with: always the same, so that a corpus keeps its meaning.

use std::sync::{Arc, LazyLock};

use chrono::DateTime;
use linkgate::{
    client::{
        Client,
        preset::Preset,
        registration::{self, Draft, Rules},
    },
    config::Lifetimes,
    foundation::{
        ids::ClientId,
        keys::{Key, KeyId, KeyKind},
        random::{Random, SystemRandom},
    },
    web::state::PublicUrl,
};

/// The issuer.
pub const ISSUER: &str = "https://link.example.com";
/// The only redirect URI of [`client`]; it has a query of its own.
pub const REDIRECT_URI: &str = "https://platform.test/callback?vendorId=x";
/// The id of every key here.
pub const KEY_ID: KeyId = 7;

/// Where the server is reached.
pub fn public_url() -> PublicUrl {
    PublicUrl::new(&ISSUER.parse().unwrap())
}

/// A client that is registered for [`REDIRECT_URI`] and all built-in scopes.
pub fn client() -> Arc<Client> {
    static CLIENT: LazyLock<Arc<Client>> = LazyLock::new(|| {
        let draft = Draft {
            name: "Speaker".to_owned(),
            preset: Preset::find("custom").unwrap(),
            preset_values: std::collections::BTreeMap::new(),
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            scopes: Vec::new(),
            public: false,
        };
        let rules = Rules {
            lifetimes: &Lifetimes::default(),
            on_loopback: false,
            defined_scopes: &[],
            outbound: linkgate::foundation::outbound::Outbound::new(false, false),
        };
        let client = registration::register(draft, rules, &SystemRandom, DateTime::UNIX_EPOCH);
        let id = ClientId("speaker".to_owned());
        let client = Client {
            id,
            ..client.unwrap()
        };
        Arc::new(client)
    });
    CLIENT.clone()
}

/// A key of that kind, made from a secret that everybody can read here.
pub fn key(kind: KeyKind) -> Key {
    /// What stands before the secret in a PKCS#8 document of Ed25519 (RFC 8410 §7).
    const ED25519: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let secret = [7; 32];
    let stored = match kind {
        KeyKind::SigningEddsa => [&ED25519[..], &secret].concat(),
        _ => secret.to_vec(),
    };
    let time = DateTime::UNIX_EPOCH;
    Key::new(KEY_ID, kind, &stored, time, time).unwrap()
}

/// "Random" bytes that are known beforehand.
pub struct Known(pub Vec<u8>);

impl Random for Known {
    fn fill(&self, bytes: &mut [u8]) {
        let known = self.0.iter().copied().chain(std::iter::repeat(0));
        for (to, from) in bytes.iter_mut().zip(known) {
            *to = from;
        }
    }
}

/// The first `N` bytes, as if zeros followed, and what is left.
pub fn take<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let mut taken = [0; N];
    for (to, from) in taken.iter_mut().zip(bytes) {
        *to = *from;
    }
    (taken, bytes.get(N..).unwrap_or_default())
}

/// The text with another character at that place, in the letters that tokens are written with.
pub fn altered(text: &str, at: usize, by: u8) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    let letter = LETTERS[usize::from(by) % LETTERS.len()];
    bytes[at] = if bytes[at] == letter { b'~' } else { letter };
    String::from_utf8(bytes).unwrap()
}

/// Lines, of which none is empty.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.is_empty()).collect()
}
