//! The shapes in which a secret may stand in a text.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use url::form_urlencoded;

/// Shorter ones could stand anywhere by chance.
const FEWEST_BYTES: usize = 12;

/// What is looked for of a long one: its end, because tokens of one kind begin alike.
const MOST_BYTES: usize = 24;

/// Every form of a secret, and what it is called.
pub fn of(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let carried = carried(secret);
    let secret = end(secret);
    let mut forms = vec![("plain", secret.to_vec())];
    let form: String = form_urlencoded::byte_serialize(secret).collect();
    let percent = form.replace('+', "%20");
    forms.push(("as a form", form.into_bytes()));
    forms.push(("percent-encoded", percent.into_bytes()));
    encoded(secret, &mut forms);
    if let Some(bytes) = carried.filter(|bytes| bytes.len() >= FEWEST_BYTES) {
        encoded(end(&bytes), &mut forms);
    }
    forms
}

fn end(bytes: &[u8]) -> &[u8] {
    let from = bytes.len().saturating_sub(MOST_BYTES);
    bytes.get(from..).unwrap_or(bytes)
}

/// The bytes that a token of ours, or a key, carries in base64.
fn carried(secret: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(secret).ok()?;
    let text = match text.strip_prefix("lg_") {
        Some(rest) => rest.split_once('_')?.1,
        None => text,
    };
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE_NO_PAD.decode(text))
        .ok()
}

fn encoded(bytes: &[u8], forms: &mut Vec<(&'static str, Vec<u8>)>) {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    let hex: String = digits.collect();
    forms.push(("hexadecimal", hex.to_uppercase().into_bytes()));
    forms.push(("hexadecimal", hex.into_bytes()));
    let numbers: Vec<_> = bytes.iter().map(ToString::to_string).collect();
    forms.push(("a list of numbers", numbers.join(", ").into_bytes()));
    for offset in 0..3 {
        forms.push((
            "base64",
            inside_base64(bytes, offset, STANDARD.encode(before(bytes, offset))),
        ));
        forms.push((
            "base64url",
            inside_base64(bytes, offset, URL_SAFE.encode(before(bytes, offset))),
        ));
    }
}

/// The secret behind as many other bytes as an encoding may have begun with, as `id:secret` does.
fn before(bytes: &[u8], offset: usize) -> Vec<u8> {
    [&vec![0; offset], bytes].concat()
}

/// The characters that depend on nothing but the secret.
fn inside_base64(bytes: &[u8], offset: usize, text: String) -> Vec<u8> {
    let (first, end) = ((offset * 8).div_ceil(6), (offset + bytes.len()) * 8 / 6);
    text.into_bytes().drain(first..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_in_base64_whatever_stands_around_it() {
        let secret = b"lg_cs_0123456789";
        let forms = of(secret);
        for before in ["", "a", "ab", "abc:", "abcd:"] {
            for after in ["", "!", "??"] {
                let text = format!("{before}{}{after}", "lg_cs_0123456789");
                for text in [STANDARD_NO_PAD.encode(&text), URL_SAFE.encode(&text)] {
                    let known = |form: &Vec<u8>| {
                        text.as_bytes().windows(form.len()).any(|part| part == form)
                    };
                    assert!(forms.iter().any(|(_, form)| known(form)), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_bytes_of_a_token_are_known_too() {
        let token = format!("lg_ac_{}", URL_SAFE_NO_PAD.encode([7; 16]));
        let forms = of(token.as_bytes());
        for form in ["07".repeat(16), ["7"; 16].join(", ")] {
            assert!(
                forms.iter().any(|(_, known)| known == form.as_bytes()),
                "{form}"
            );
        }
    }
}
