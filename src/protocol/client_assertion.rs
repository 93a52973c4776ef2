//! A signed assertion in the place of a secret (RFC 7521 §4.2, RFC 7523 §2.2): read here, verified
//! later.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::Deserialize;

use super::{error::OAuthError, parameters::Parameters};

/// The one `client_assertion_type` there is for JWTs (RFC 7523 §2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest assertion that is decoded; one with the longest signature needs a quarter of it.
pub const MAX_LENGTH: usize = 4096;

/// The parameters' names.
pub const NAMES: [&str; 2] = ["client_assertion_type", "client_assertion"];

/// An assertion as it came; nothing in it is verified yet.
#[derive(Debug)]
pub struct ClientAssertion {
    /// Whom it is about, by its own word.
    pub client_id: String,
    /// The JWT.
    pub text: SecretString,
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

/// Reads the assertion of a form, if one was sent.
pub fn presented(parameters: &Parameters) -> Result<Option<ClientAssertion>, OAuthError> {
    let [kind, text] = NAMES.map(|name| parameters.single(name));
    let text = match (kind?, text?) {
        (None, None) => return Ok(None),
        (Some(JWT_BEARER), Some(text)) => text,
        (Some(JWT_BEARER), None) => {
            return Err(OAuthError::invalid_request("client_assertion is missing"));
        }
        (Some(_), _) => {
            return Err(OAuthError::invalid_request(
                "the client_assertion_type must be that of RFC 7523",
            ));
        }
        (None, Some(_)) => {
            return Err(OAuthError::invalid_request(
                "client_assertion_type is missing",
            ));
        }
    };
    let client_id = subject(text).ok_or(OAuthError::invalid_client(
        "the client_assertion is not a JWT that names a client as its sub",
    ))?;
    Ok(Some(ClientAssertion {
        client_id,
        text: text.into(),
    }))
}

fn subject(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut parts = text.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    // An array would be read by its order; claims are an object (RFC 7519 §7.2).
    if !claims.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let Subject { sub } = serde_json::from_slice(&claims).ok()?;
    // PostgreSQL stores no NUL, so no client is called so.
    (!sub.is_empty() && !sub.contains('\0')).then_some(sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode::{InvalidClient, InvalidRequest};

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    fn read(fields: &[(&str, &str)]) -> Result<Option<ClientAssertion>, OAuthError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        presented(&Parameters::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn an_assertion_names_its_client() {
        let assertion = jwt(r#"{"sub":"custom-a","iss":"x"}"#);
        let read = read(&[
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion),
        ]);
        assert_eq!(read.unwrap().unwrap().client_id, "custom-a");
    }

    #[test]
    fn an_assertion_of_the_greatest_length_is_read_and_none_beyond_it() {
        let start = format!("e30.{}.", URL_SAFE_NO_PAD.encode(r#"{"sub":"a"}"#));
        for (length, names) in [(MAX_LENGTH, Some("a")), (MAX_LENGTH + 1, None)] {
            let text = format!("{start:s<length$}");
            assert_eq!(subject(&text).as_deref(), names);
        }
    }

    #[test]
    fn half_an_assertion_is_an_invalid_request() {
        let assertion = jwt(r#"{"sub":"a"}"#);
        let kind = ("client_assertion_type", JWT_BEARER);
        let assertion = ("client_assertion", assertion.as_str());
        let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
        for fields in [
            &[kind][..],
            &[assertion],
            &[kind, ("client_assertion", "")],
            &[("client_assertion_type", saml), assertion],
            &[kind, assertion, assertion],
            &[kind, kind, assertion],
        ] {
            assert_eq!(read(fields).unwrap_err().code(), InvalidRequest);
        }
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("client_assertion", "")]).unwrap().is_none());
    }

    #[test]
    fn what_names_nobody_is_an_invalid_client() {
        let long = jwt(&format!(
            r#"{{"sub":"a","x":"{}"}}"#,
            "x".repeat(MAX_LENGTH)
        ));
        for text in [
            "junk",
            "a.b",
            "e30.e30.c2ln.c2ln",
            &jwt("{}"),
            &jwt(r#"{"sub":""}"#),
            &jwt(r#"{"sub":1}"#),
            &jwt(r#"{"sub":"a","sub":"b"}"#),
            &jwt("{\"sub\":\"a\\u0000\"}"),
            &jwt("[]"),
            &jwt(r#"["a"]"#),
            &format!("{}=", jwt(r#"{"sub":"a"}"#).replace(".c2ln", "=.c2ln")),
            &long,
        ] {
            let read = read(&[
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", text),
            ]);
            assert_eq!(read.unwrap_err().code(), InvalidClient, "{text}");
        }
    }
}
