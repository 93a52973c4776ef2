//! Redirect URIs: parsed once, when an admin registers them, and from then on compared byte by byte.
//!
//! RFC 9700 §2.1 wants exact matching because every cleverer rule (wildcards, normalising,
//! case-folding) has been an open redirect in somebody's server. So nothing here rewrites a URI.

pub mod difference;
mod host;
mod registration;

use std::fmt;

pub use host::HostError;
pub use registration::{LoopbackHttp, MAX_LENGTH, RegistrationError};

/// A redirect URI that passed [`RedirectUri::register`]; kept exactly as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Checks a URI an admin enters; the error is a sentence that says what to change.
    pub fn register(text: &str, loopback: LoopbackHttp) -> Result<Self, RegistrationError> {
        registration::check(text, loopback)?;
        Ok(Self(text.to_owned()))
    }

    /// A URI read back from where only registered ones are stored.
    pub const fn from_registered(text: String) -> Self {
        Self(text)
    }

    /// The URI byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request names exactly this URI (RFC 3986 §6.2.1: simple string comparison).
    pub fn matches(&self, presented: &str) -> bool {
        self.0 == presented
    }

    /// The URI with these parameters added after its own query, which stays as it is
    /// (RFC 6749 §3.1.2).
    pub fn append_query(&self, parameters: &[(&str, &str)]) -> String {
        let mut location = self.0.clone();
        let mut separator = match self.0.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        for (name, value) in parameters {
            location.push_str(separator);
            push_encoded(&mut location, name);
            location.push('=');
            push_encoded(&mut location, value);
            separator = "&";
        }
        location
    }

    /// Scheme, host and port, for the `form-action` of a page whose form ends in this redirect.
    pub fn origin(&self) -> &str {
        let authority = self.0.find("://").map_or(0, |scheme_end| scheme_end + 3);
        let end = self
            .0
            .char_indices()
            .find(|(at, c)| *at >= authority && matches!(c, '/' | '?'));
        let end = end.map_or(self.0.len(), |(at, _)| at);
        self.0.get(..end).unwrap_or_default()
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Escapes all but RFC 3986's unreserved characters. A space becomes `%20`, which both readers of
/// queries understand; `+` is a space to only one of them.
fn push_encoded(location: &mut String, text: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |half: u8| HEX.get(usize::from(half)).copied().unwrap_or_default();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            location.push(char::from(byte));
        } else {
            location.extend(['%', digit(byte >> 4), digit(byte & 0x0F)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOVA: &str = "https://prod-ni-cic.clova.ai/v1/al/token/";
    const CLOVA_2018: &str = "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=x";

    fn registered(text: &str) -> RedirectUri {
        RedirectUri::register(text, LoopbackHttp::Refused).unwrap()
    }

    #[test]
    fn a_registered_uri_stays_byte_for_byte() {
        for text in [
            CLOVA,
            CLOVA_2018,
            "https://bot.example",
            "https://bot.example:8443/a?b=%2F",
        ] {
            assert_eq!(registered(text).as_str(), text);
            assert_eq!(registered(text).to_string(), text);
        }
    }

    #[test]
    fn only_the_very_same_bytes_match() {
        let uri = registered(CLOVA);
        assert!(uri.matches(CLOVA));
        for other in [
            "",
            "https://prod-ni-cic.clova.ai/v1/al/token",
            "https://prod-ni-cic.clova.ai/v1/al/token/x",
            "https://prod-ni-cic.clova.ai/v1/al/token/?x=1",
            "https://prod-ni-cic.clova.ai/v1/al/token/#x",
            "https://prod-ni-cic.clova.ai/v1/al/token//",
            "https://prod-ni-cic.clova.ai/v1/al/x/../token/",
            "https://prod-ni-cic.clova.ai/v1/al/x/..;/token/",
            "https://prod-ni-cic.clova.ai/v1/al/%74oken/",
            "https://prod-ni-cic.clova.ai:443/v1/al/token/",
            "https://PROD-ni-cic.clova.ai/v1/al/token/",
            "HTTPS://prod-ni-cic.clova.ai/v1/al/token/",
            "http://prod-ni-cic.clova.ai/v1/al/token/",
            "https://prod-ni-cic.clova.ai.evil.test/v1/al/token/",
            "https://prod-ni-cic.clova.ai@evil.test/v1/al/token/",
            "https://prod-ni-cic\u{3002}clova.ai/v1/al/token/",
            "https://prod-ni-cic.clova.ai\\/v1/al/token/",
            " https://prod-ni-cic.clova.ai/v1/al/token/",
            "https://prod-ni-cic.clova.ai/v1/al/token/\n",
        ] {
            assert!(!uri.matches(other), "{other}");
        }
        assert!(!registered(CLOVA_2018).matches(CLOVA));
    }

    #[test]
    fn parameters_follow_the_uris_own_query() {
        for (uri, location) in [
            (
                CLOVA,
                "https://prod-ni-cic.clova.ai/v1/al/token/?code=c&state=s",
            ),
            (
                CLOVA_2018,
                "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=x&code=c&state=s",
            ),
            ("https://bot.example", "https://bot.example?code=c&state=s"),
            (
                "https://bot.example/?",
                "https://bot.example/?code=c&state=s",
            ),
            (
                "https://bot.example/?a=1&",
                "https://bot.example/?a=1&code=c&state=s",
            ),
        ] {
            assert_eq!(
                registered(uri).append_query(&[("code", "c"), ("state", "s")]),
                location
            );
        }
        assert_eq!(registered(CLOVA).append_query(&[]), CLOVA);
    }

    #[test]
    fn any_state_comes_back_as_it_was_after_one_decoding() {
        let uri = registered(CLOVA_2018);
        for state in [
            "a b+c",
            "&code=evil",
            "%2525",
            "상태🍕",
            "\r\nSet-Cookie: x",
            "a\0b",
            "<'\">",
        ] {
            let location = uri.append_query(&[("code", "c"), ("state", state)]);
            assert!(
                location.bytes().all(|byte| byte.is_ascii_graphic()),
                "{location}"
            );
            let (_, query) = location.split_once('?').unwrap();
            let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
            let expected = [("vendorId", "x"), ("code", "c"), ("state", state)];
            assert_eq!(
                read,
                expected.map(|(name, value)| (name.into(), value.into()))
            );
        }
    }

    #[test]
    fn the_origin_has_neither_path_nor_query() {
        for (uri, origin) in [
            (CLOVA_2018, "https://prod-ni-cic.clova.ai"),
            ("https://a.io/b/c", "https://a.io"),
            ("https://bot.example", "https://bot.example"),
            ("https://bot.example?a=/b", "https://bot.example"),
            ("https://bot.example:8443/a", "https://bot.example:8443"),
        ] {
            assert_eq!(registered(uri).origin(), origin);
        }
        let loopback = RedirectUri::register("http://[::1]:9/x", LoopbackHttp::Allowed).unwrap();
        assert_eq!(loopback.origin(), "http://[::1]:9");
    }
}
