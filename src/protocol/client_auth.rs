//! How a client shows who it is at the token endpoint (RFC 6749 §2.3.1): read here, checked later.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::client_assertion::{self, ClientAssertion};
use super::error::OAuthError;
use super::parameters::{self, Parameters};

/// The `WWW-Authenticate` value of every `invalid_client` response (RFC 6749 §5.2, RFC 7617 §2.1).
pub const CHALLENGE: &str = r#"Basic realm="linkgate", charset="UTF-8""#;

/// What the request shows; nothing in it is verified yet.
#[derive(Debug)]
pub enum Presented {
    /// `Authorization: Basic`.
    Basic {
        /// The client's id, decoded.
        client_id: String,
        /// The client's secret, decoded.
        secret: SecretString,
    },
    /// `client_id` and `client_secret` in the form.
    Body {
        /// The client's id.
        client_id: String,
        /// The client's secret.
        secret: SecretString,
    },
    /// A signed assertion in the form (RFC 7523 §2.2).
    Assertion(ClientAssertion),
    /// `client_id` alone: enough for a public client only.
    Public {
        /// The client's id.
        client_id: String,
    },
    /// No client is named.
    None,
}

impl Presented {
    /// The client's id, where one is named.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Basic { client_id, .. }
            | Self::Body { client_id, .. }
            | Self::Public { client_id }
            | Self::Assertion(ClientAssertion { client_id, .. }) => Some(client_id),
            Self::None => None,
        }
    }

    /// The method's name in the metadata (RFC 8414 §2), for logs and the attempt's record.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "client_secret_basic",
            Self::Body { .. } => "client_secret_post",
            Self::Assertion(_) => "private_key_jwt",
            Self::Public { .. } | Self::None => "none",
        }
    }
}

/// Reads the credentials out of *all* values of the `Authorization` header and the form body.
pub fn presented(
    authorization: &[&[u8]],
    parameters: &Parameters,
) -> Result<Presented, OAuthError> {
    let client_id = parameters.single("client_id")?;
    let secret = parameters.single("client_secret")?;
    // RFC 6749 §2.3: one method per request. Also an empty one is one too many.
    let names_assertion = client_assertion::NAMES
        .iter()
        .any(|name| parameters.contains(name));
    if names_assertion && (!authorization.is_empty() || parameters.contains("client_secret")) {
        return Err(OAuthError::invalid_request(
            "the client must authenticate in one way, not in several",
        ));
    }
    if let Some(assertion) = client_assertion::presented(parameters)? {
        if client_id.is_some_and(|client_id| client_id != assertion.client_id) {
            return Err(OAuthError::invalid_client(
                "client_id is not the sub of the client_assertion",
            ));
        }
        return Ok(Presented::Assertion(assertion));
    }
    match authorization {
        [] => in_body(client_id, secret),
        [value] => {
            let (basic_id, basic_secret) = basic(value)?;
            if parameters.contains("client_secret") {
                return Err(OAuthError::invalid_request(
                    "send the client secret by Basic or in the body, not both",
                ));
            }
            if client_id.is_some_and(|client_id| client_id != basic_id) {
                return Err(OAuthError::invalid_client(
                    "client_id is not the client of the Authorization header",
                ));
            }
            Ok(Presented::Basic {
                client_id: basic_id,
                secret: basic_secret.into(),
            })
        }
        _ => Err(OAuthError::invalid_client(
            "there is more than one Authorization header",
        )),
    }
}

fn in_body(client_id: Option<&str>, secret: Option<&str>) -> Result<Presented, OAuthError> {
    match (client_id, secret) {
        (Some(client_id), Some(secret)) => Ok(Presented::Body {
            client_id: client_id.to_owned(),
            secret: secret.into(),
        }),
        (Some(client_id), None) => Ok(Presented::Public {
            client_id: client_id.to_owned(),
        }),
        (None, Some(_)) => Err(OAuthError::invalid_client("client_id is missing")),
        (None, None) => Ok(Presented::None),
    }
}

/// Takes a Basic value apart; id and secret are form-encoded inside it (RFC 6749 appendix B).
fn basic(value: &[u8]) -> Result<(String, String), OAuthError> {
    let mut words = value.splitn(2, |byte| *byte == b' ');
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(OAuthError::invalid_client(
            "the Authorization scheme must be Basic",
        ));
    }
    let pair = STANDARD
        .decode(words.next().unwrap_or_default())
        .map_err(|error| OAuthError::invalid_client(NOT_BASE64).caused_by(error))?;
    let mut halves = pair.splitn(2, |byte| *byte == b':');
    let (Some(id), Some(secret)) = (halves.next(), halves.next()) else {
        return Err(OAuthError::invalid_client(
            "the Basic credentials have no colon",
        ));
    };
    let (Some(id), Some(secret)) = (form_decoded(id), form_decoded(secret)) else {
        return Err(OAuthError::invalid_client(
            "client id and secret must be form-encoded inside Basic (RFC 6749 appendix B)",
        ));
    };
    if id.is_empty() || secret.is_empty() {
        return Err(OAuthError::invalid_client(
            "the Basic credentials lack an id or a secret",
        ));
    }
    Ok((id, secret))
}

const NOT_BASE64: &str = "the Basic credentials are not base64";

fn form_decoded(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8(parameters::decode(raw)?).ok()?;
    (!text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::protocol::ErrorCode::{self, InvalidClient, InvalidRequest};

    fn basic_header(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    fn read(headers: &[&str], body: &str) -> Result<Presented, OAuthError> {
        let headers: Vec<&[u8]> = headers.iter().map(|value| value.as_bytes()).collect();
        presented(&headers, &Parameters::parse(body.as_bytes()).unwrap())
    }

    fn refusal(headers: &[&str], body: &str) -> ErrorCode {
        read(headers, body).unwrap_err().code()
    }

    #[test]
    fn basic_credentials_are_decoded_exactly_once() {
        for (pair, id, secret) in [
            ("clova:s3cret", "clova", "s3cret"),
            ("clova:a%2525", "clova", "a%25"),
            ("clova:a+b%20c%3Ad%2B", "clova", "a b c:d+"),
            ("clova:a:b", "clova", "a:b"),
            ("a%3Ab:c", "a:b", "c"),
            ("%ED%95%9C:%F0%9F%8D%95", "한", "🍕"),
            ("한:🍕", "한", "🍕"),
            ("clova:s3cret ", "clova", "s3cret "),
        ] {
            let Ok(Presented::Basic {
                client_id,
                secret: given,
            }) = read(&[&basic_header(pair)], "")
            else {
                panic!("{pair} was not read as Basic");
            };
            assert_eq!((client_id.as_str(), given.expose_secret()), (id, secret));
        }
    }

    #[test]
    fn the_scheme_is_case_insensitive() {
        let pair = STANDARD.encode("clova:secret");
        for scheme in ["Basic", "basic", "BASIC"] {
            assert!(
                read(&[&format!("{scheme} {pair}")], "client_id=clova").is_ok(),
                "{scheme}"
            );
        }
    }

    #[test]
    fn malformed_basic_credentials_are_an_invalid_client() {
        let pair = STANDARD.encode("clova:secret");
        for header in [
            String::new(),
            "Basic".into(),
            "Basic ".into(),
            format!("Basic  {pair}"),
            format!("Basic {pair} "),
            format!("Basic {pair}!"),
            format!("Bearer {pair}"),
            pair.clone(),
            basic_header("no-colon"),
            basic_header(":secret"),
            basic_header("clova:"),
            basic_header("clova:%zz"),
            basic_header("clova:%ff"),
            basic_header("clova:%00"),
            basic_header("clova:100%"),
        ] {
            assert_eq!(refusal(&[&header], ""), InvalidClient, "{header}");
        }
        let header = basic_header("clova:secret");
        assert_eq!(refusal(&[&header, &header], ""), InvalidClient);
        assert_eq!(
            presented(&[b"Basic \xff"], &Parameters::default())
                .unwrap_err()
                .status(),
            401
        );
    }

    #[test]
    fn one_request_uses_one_method() {
        let header = basic_header("clova:secret");
        for body in [
            "client_secret=secret",
            "client_secret=other",
            "client_secret=",
        ] {
            assert_eq!(refusal(&[&header], body), InvalidRequest, "{body}");
        }
        assert_eq!(refusal(&[&header], "client_id=alexa"), InvalidClient);
        assert_eq!(refusal(&[], "client_id=a&client_id=a"), InvalidRequest);
        assert_eq!(
            refusal(&[], "client_id=a&client_secret=b&client_secret=b"),
            InvalidRequest
        );
    }

    #[test]
    fn body_credentials_are_read_as_they_are() {
        let read = |body| read(&[], body).unwrap();
        assert!(matches!(read(""), Presented::None));
        assert!(matches!(read("client_id="), Presented::None));
        assert!(
            matches!(read("client_id=tv"), Presented::Public { client_id } if client_id == "tv")
        );
        let body = read("client_id=clova&client_secret=a%2Bb");
        assert_eq!(
            (body.client_id(), body.method()),
            (Some("clova"), "client_secret_post")
        );
        assert!(matches!(body, Presented::Body { secret, .. } if secret.expose_secret() == "a+b"));
        assert_eq!(refusal(&[], "client_secret=x"), InvalidClient);
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let shown = format!("{:?}", read(&[&basic_header("clova:hush")], "").unwrap());
        assert!(
            shown.contains("clova") && !shown.contains("hush"),
            "{shown}"
        );
    }
}
