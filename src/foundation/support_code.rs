//! Support codes: what an error page shows, short enough to be read out over a telephone.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{ids::FlowId, random::Random};

/// Crockford's base 32: no I, L, O or U, so that nothing is mistaken for a digit and no word arises.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

/// Names one attempt to link towards people, such as `7K2M-9QXD`. It opens nothing: whoever knows it
/// can only tell it to an admin.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SupportCode(String);

/// Why a text is no support code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a support code has eight letters and digits, such as 7K2M-9QXD")]
pub struct NotASupportCode;

impl SupportCode {
    /// The code of a flow, the same on every node and at every step of it.
    pub fn of_flow(flow: FlowId) -> Self {
        Self::derived(&[b"flow", flow.0.as_bytes()])
    }

    /// One code for all that share these parts, such as the same mistake of the same client within an
    /// hour: a flood of it stays one attempt.
    pub fn shared(parts: &[&str]) -> Self {
        let bytes: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
        Self::derived(&bytes)
    }

    /// A code for a failure that is no attempt; only the log knows it.
    pub fn random(random: &dyn Random) -> Self {
        Self::of_bytes(random.bytes())
    }

    /// As it is stored: without the dash.
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// A code that was stored.
    pub fn stored(letters: String) -> Self {
        Self(letters)
    }

    fn derived(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new_with_prefix(b"linkgate support code");
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let [first, second, third, fourth, fifth, ..]: [u8; 32] = hash.finalize().into();
        Self::of_bytes([first, second, third, fourth, fifth])
    }

    fn of_bytes(bytes: [u8; 5]) -> Self {
        let number = bytes
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        let letter = |place: usize| {
            let at = usize::try_from((number >> (5 * place)) & 31).unwrap_or_default();
            LETTERS.get(at).copied().map_or('0', char::from)
        };
        Self((0..LENGTH).rev().map(letter).collect())
    }
}

impl fmt::Display for SupportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_at_checked(LENGTH / 2) {
            Some((first, second)) => write!(f, "{first}-{second}"),
            None => f.write_str(&self.0),
        }
    }
}

impl FromStr for SupportCode {
    type Err = NotASupportCode;

    /// As somebody heard and typed it: in any case, with spaces, with O for 0 and I or L for 1.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut letters = String::with_capacity(LENGTH);
        for typed in text
            .chars()
            .filter(|typed| !matches!(typed, ' ' | '-' | '–' | '\u{a0}'))
        {
            let letter = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(letter).is_ok_and(|letter| LETTERS.contains(&letter));
            if !known || letters.len() == LENGTH {
                return Err(NotASupportCode);
            }
            letters.push(letter);
        }
        if letters.len() == LENGTH {
            Ok(Self(letters))
        } else {
            Err(NotASupportCode)
        }
    }
}

impl Serialize for SupportCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_code_is_understood_as_people_say_and_type_it() {
        let code: SupportCode = "7K2M-9QX0".parse().unwrap();
        assert_eq!(code.to_string(), "7K2M-9QX0");
        assert_eq!(code.letters(), "7K2M9QX0");
        for typed in ["7k2m9qxo", " 7K2M 9QX0 ", "7k2m–9qxO", "7-K-2-M-9-Q-X-0"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        assert_eq!(
            "1lIi0000".parse::<SupportCode>().unwrap().letters(),
            "11110000"
        );
        for other in [
            "",
            "7K2M-9QX",
            "7K2M-9QX00",
            "7K2M-9QXU",
            "7K2M_9QX0",
            "한국어로쓴코드임",
        ] {
            assert_eq!(
                other.parse::<SupportCode>(),
                Err(NotASupportCode),
                "{other}"
            );
        }
    }

    #[test]
    fn a_flow_has_one_code_and_it_doesnt_show_the_flow() {
        let flow = FlowId(Uuid::from_u128(0x0123_4567_89ab_cdef));
        assert_eq!(SupportCode::of_flow(flow), SupportCode::of_flow(flow));
        assert_ne!(
            SupportCode::of_flow(flow),
            SupportCode::of_flow(FlowId(Uuid::nil()))
        );
        assert_ne!(
            SupportCode::shared(&["ab", "c"]),
            SupportCode::shared(&["a", "bc"])
        );
        assert_eq!(SupportCode::of_bytes([0; 5]).letters(), "00000000");
        assert_eq!(SupportCode::of_bytes([255; 5]).letters(), "ZZZZZZZZ");
        assert_eq!(
            SupportCode::of_bytes([0, 0, 0, 0, 33]).letters(),
            "00000011"
        );
    }
}
