//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what all
//! apps understand.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use url::form_urlencoded;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::foundation::random::Random;

/// How many digits a code has.
pub const DIGITS: usize = 6;
const STEP: i64 = 30;
/// RFC 4226 §4 recommends 160 bits.
const SEED_BYTES: usize = 20;

/// What the codes are made from, known here and in the app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; SEED_BYTES]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// A new one.
    pub fn random(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// One that was stored.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// To be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// To be typed into an app: base32 in groups of four.
    pub fn text(&self) -> String {
        let text = BASE32_NOPAD.encode(&self.0);
        let groups: Vec<_> = text
            .as_bytes()
            .chunks(4)
            .map(String::from_utf8_lossy)
            .collect();
        groups.join(" ")
    }

    /// What the QR code says: the Key URI that apps read.
    pub fn uri(&self, service: &str, email: &str) -> String {
        let (service, email) = (encoded(service), encoded(email));
        let secret = BASE32_NOPAD.encode(&self.0);
        format!(
            "otpauth://totp/{service}:{email}?secret={secret}&issuer={service}&algorithm=SHA1&digits=6&period={STEP}"
        )
    }

    /// The step whose code was typed: this one, or, because clocks and thumbs are slow, one beside it.
    pub fn step_of(&self, typed: &str, now: DateTime<Utc>) -> Option<i64> {
        let current = now.timestamp().div_euclid(STEP);
        let mut found = -1_i64;
        for step in [current - 1, current, current + 1] {
            let right = self.code(step).as_bytes().ct_eq(typed.as_bytes());
            found.conditional_assign(&step, right);
        }
        (found >= 0).then_some(found)
    }

    /// The code of a step (RFC 4226 §5.3).
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = tag.last().map_or(0, |last| usize::from(last & 0x0f));
        let word = tag.get(offset..).and_then(<[u8]>::first_chunk);
        let number = u32::from_be_bytes(word.copied().unwrap_or_default()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// A space is %20 in such a URI, never a plus.
fn encoded(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn seed() -> Seed {
        Seed::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(seed().step_of(code, now), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_one_step_before_and_after_its_own() {
        let code = seed().code(1000);
        for (step, counts) in [
            (998, false),
            (999, true),
            (1000, true),
            (1001, true),
            (1002, false),
        ] {
            let now = DateTime::from_timestamp(step * 30, 0).unwrap();
            assert_eq!(seed().step_of(&code, now), counts.then_some(1000), "{step}");
        }
        let now = DateTime::from_timestamp(30_000, 0).unwrap();
        for other in ["", "0", "00000", &format!("{code}0"), "абвгде"] {
            assert_eq!(seed().step_of(other, now), None);
        }
    }

    #[test]
    fn an_app_reads_the_uri_whatever_the_service_is_called() {
        let uri = seed().uri("하늘 카페: A&B", "a+b@example.com");
        assert!(uri.starts_with("otpauth://totp/%ED%95%98%EB%8A%98%20%EC%B9%B4%ED%8E%98%3A%20A%26B:a%2Bb%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%ED"), "{uri}");
        assert_eq!(seed().text(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
