//! Parameters of an authorization request or a token form, read strictly and decoded exactly once.

use std::fmt;

use super::error::OAuthError;

/// The most parameters a request may carry.
pub const MAX_PARAMETERS: usize = 100;

/// The decoded `application/x-www-form-urlencoded` parameters of one request, in their order.
///
/// A parameter without a value counts as absent (RFC 6749 §3.1). `Debug` shows names only: the
/// values include secrets and codes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

/// Why a query or form body could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// More than [`MAX_PARAMETERS`].
    #[error("there are more than {MAX_PARAMETERS} parameters")]
    TooMany,
    /// Name or value is not UTF-8.
    #[error("the parameter {name:?} is not UTF-8")]
    NotUtf8 {
        /// The name as far as it can be shown.
        name: String,
    },
    /// A NUL byte, which PostgreSQL can't store.
    #[error("the parameter {name:?} contains a NUL character")]
    Nul {
        /// The name.
        name: String,
    },
    /// A `%` without two hexadecimal digits.
    #[error("the parameter {name:?} contains a % that escapes nothing")]
    Escape {
        /// The name as far as it can be shown.
        name: String,
    },
}

impl From<ParameterError> for OAuthError {
    fn from(error: ParameterError) -> Self {
        let description = match &error {
            ParameterError::TooMany => "there are too many parameters",
            ParameterError::NotUtf8 { .. } => "a parameter is not UTF-8",
            ParameterError::Nul { .. } => "a parameter contains a NUL character",
            ParameterError::Escape { .. } => "a parameter is not percent-encoded properly",
        };
        Self::invalid_request(description).caused_by(error)
    }
}

impl Parameters {
    /// Reads the raw query (without `?`) or form body. How many bytes may come is the caller's rule.
    pub fn parse(raw: &[u8]) -> Result<Self, ParameterError> {
        let mut parameters = Vec::new();
        for pair in raw
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            if parameters.len() == MAX_PARAMETERS {
                return Err(ParameterError::TooMany);
            }
            parameters.push(decode_pair(pair)?);
        }
        Ok(Self(parameters))
    }

    /// The value, or `None` where it is absent or empty. Of a repeated parameter this is the first
    /// value, so ask [`Self::single`] or [`Self::duplicate`] for those that may come only once.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values(name).find(|value| !value.is_empty())
    }

    /// The value of a parameter that must not be repeated (RFC 6749 §3.1, §3.2).
    pub fn single(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        if self.duplicate(name) {
            return Err(OAuthError::invalid_request(repeated(name)));
        }
        Ok(self.get(name))
    }

    /// Whether a parameter stands in the request more than once, with whatever values.
    pub fn duplicate(&self, name: &str) -> bool {
        self.values(name).nth(1).is_some()
    }

    /// The first of these names that stands in the request more than once.
    pub fn first_duplicate<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| self.duplicate(name))
    }

    /// Whether a parameter was sent at all, be it empty.
    pub fn contains(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// All parameters in their order, repeated and empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(given, _)| *given == name)
            .map(|(_, value)| value)
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

fn decode_pair(pair: &[u8]) -> Result<(String, String), ParameterError> {
    let mut halves = pair.splitn(2, |byte| *byte == b'=');
    let raw_name = halves.next().unwrap_or_default();
    let raw_value = halves.next().unwrap_or_default();

    let text = |raw: &[u8]| {
        let bytes = decode(raw).ok_or_else(|| ParameterError::Escape {
            name: printable(raw_name),
        })?;
        String::from_utf8(bytes).map_err(|_| ParameterError::NotUtf8 {
            name: printable(raw_name),
        })
    };
    let (name, value) = (text(raw_name)?, text(raw_value)?);
    // `state` is the platform's own, sealed and given back, never stored: any character may pass.
    if name.contains('\0') || (value.contains('\0') && name != "state") {
        return Err(ParameterError::Nul {
            name: printable(raw_name),
        });
    }
    Ok((name, value))
}

/// Undoes `application/x-www-form-urlencoded` once; `None` for a `%` that escapes nothing.
pub(super) fn decode(raw: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'+', _) => {
                decoded.push(b' ');
                tail
            }
            (b'%', [high, low, after @ ..]) => {
                decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                after
            }
            (b'%', _) => return None,
            (byte, _) => {
                decoded.push(*byte);
                tail
            }
        };
    }
    Some(decoded)
}

pub(super) fn hex_digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

/// A name for a log line: what a stranger sent, cut short.
fn printable(raw_name: &[u8]) -> String {
    String::from_utf8_lossy(raw_name).chars().take(64).collect()
}

/// The refusal by name where the name is one of ours; a stranger's name is not repeated to anyone.
fn repeated(name: &str) -> &'static str {
    match name {
        "client_id" => "client_id must not be repeated",
        "client_secret" => "client_secret must not be repeated",
        "code" => "code must not be repeated",
        "code_challenge" => "code_challenge must not be repeated",
        "code_challenge_method" => "code_challenge_method must not be repeated",
        "code_verifier" => "code_verifier must not be repeated",
        "grant_type" => "grant_type must not be repeated",
        "redirect_uri" => "redirect_uri must not be repeated",
        "refresh_token" => "refresh_token must not be repeated",
        "response_mode" => "response_mode must not be repeated",
        "response_type" => "response_type must not be repeated",
        "scope" => "scope must not be repeated",
        "state" => "state must not be repeated",
        "token" => "token must not be repeated",
        _ => "a parameter must not be repeated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    fn parse(raw: &str) -> Parameters {
        Parameters::parse(raw.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_decoded_exactly_once() {
        for (raw, value) in [
            ("state=abc", "abc"),
            ("state=a+b%20c", "a b c"),
            ("state=%2525", "%25"),
            ("state=a%26b%3Dc", "a&b=c"),
            ("state=a=b=", "a=b="),
            ("state=%EC%83%81%ED%83%9C%F0%9F%8D%95", "상태🍕"),
            ("state=%3Cscript%3E%22'", "<script>\"'"),
            ("state=a;b", "a;b"),
            ("state=a%00b", "a\0b"),
            ("%73tate=x", "x"),
            ("&&state=x&", "x"),
        ] {
            assert_eq!(parse(raw).get("state"), Some(value), "{raw}");
        }
        let long = format!("state={}", "s".repeat(4096));
        assert_eq!(parse(&long).get("state").map(str::len), Some(4096));
    }

    #[test]
    fn an_empty_parameter_counts_as_absent() {
        for raw in ["", "scope", "scope=", "scopes=a", "Scope=a"] {
            assert_eq!(parse(raw).get("scope"), None, "{raw}");
        }
        assert!(parse("scope=").contains("scope") && !parse("scopes=").contains("scope"));
    }

    #[test]
    fn a_repeated_parameter_is_noticed_even_if_equal_or_empty() {
        for raw in [
            "scope=a&x=1&scope=b",
            "scope=a&scope=a",
            "scope=&scope=a",
            "scope&scope",
        ] {
            let parameters = parse(raw);
            assert!(parameters.duplicate("scope"), "{raw}");
            assert_eq!(
                parameters.first_duplicate(&["state", "scope"]),
                Some("scope")
            );
            let error = parameters.single("scope").unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRequest);
            assert_eq!(error.description(), "scope must not be repeated");
        }
        assert_eq!(parse("a=1&a=2&scope=b").single("scope").unwrap(), Some("b"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_by_name() {
        let not_utf8 = |name: &str| ParameterError::NotUtf8 { name: name.into() };
        let nul = |name: &str| ParameterError::Nul { name: name.into() };
        let escape = |name: &str| ParameterError::Escape { name: name.into() };
        for (raw, error) in [
            (&b"scope=%ff%fe"[..], not_utf8("scope")),
            (b"scope=\xff", not_utf8("scope")),
            (b"code=%c0%ae", not_utf8("code")),
            (b"code=%ed%a0%80", not_utf8("code")),
            (b"code=a%00", nul("code")),
            (b"code=a\0", nul("code")),
            (b"co%00de=a", nul("co%00de")),
            (b"state=%zz", escape("state")),
            (b"state=%", escape("state")),
            (b"state=%4", escape("state")),
            (b"state=%+1", escape("state")),
        ] {
            assert_eq!(Parameters::parse(raw).unwrap_err(), error);
            assert_eq!(OAuthError::from(error).code(), ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn more_than_a_hundred_parameters_are_refused() {
        let hundred = "a=1&".repeat(MAX_PARAMETERS);
        assert_eq!(parse(&hundred).iter().count(), MAX_PARAMETERS);
        let more = format!("{hundred}b=1");
        assert_eq!(
            Parameters::parse(more.as_bytes()),
            Err(ParameterError::TooMany)
        );
    }

    #[test]
    fn debugging_shows_names_and_never_values() {
        let shown = format!("{:?}", parse("client_secret=hush&code=hush"));
        assert_eq!(shown, r#"["client_secret", "code"]"#);
    }

    #[test]
    fn escapes_are_read_in_either_case() {
        for raw in ["state=%ED%95%9c", "state=%ed%95%9C"] {
            assert_eq!(parse(raw).get("state"), Some("한"));
        }
    }

    #[test]
    fn a_repeated_parameter_of_ours_is_named_and_a_strangers_is_not() {
        for name in [
            "client_id",
            "client_secret",
            "code",
            "code_challenge",
            "code_challenge_method",
            "code_verifier",
            "grant_type",
            "redirect_uri",
            "refresh_token",
            "response_mode",
            "response_type",
            "scope",
            "state",
            "token",
        ] {
            let twice = parse(&format!("{name}=a&{name}=a"));
            let refusal = twice.single(name).unwrap_err();
            assert_eq!(
                refusal.description(),
                format!("{name} must not be repeated")
            );
        }
        let refusal = parse("x=1&x=2").single("x").unwrap_err();
        assert_eq!(refusal.description(), "a parameter must not be repeated");
    }
}
