//! Bearer tokens in the `Authorization` header (RFC 6750 §2.1) and the challenge that answers them.

use std::fmt::Write;

use super::error::OAuthError;
use super::scope::ScopeSet;

/// The longest token looked at; ours are shorter than 160, a JWT may come near.
pub const MAX_TOKEN_LENGTH: usize = 4096;

/// Takes the token out of *all* values of the `Authorization` header. `None` where there is none or
/// it has another scheme, so that the caller can look in other places or challenge.
pub fn token<'a>(authorization: &[&'a [u8]]) -> Result<Option<&'a str>, OAuthError> {
    let value = match *authorization {
        [] => return Ok(None),
        [value] => value,
        _ => {
            return Err(OAuthError::invalid_request(
                "there is more than one Authorization header",
            ));
        }
    };
    let mut words = value.splitn(2, |byte| *byte == b' ');
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    let malformed = || OAuthError::invalid_token("the access token is malformed");
    let token = words.next().unwrap_or_default().trim_ascii_start();
    if !is_token68(token) || token.len() > MAX_TOKEN_LENGTH {
        return Err(malformed());
    }
    std::str::from_utf8(token)
        .map(Some)
        .map_err(|_| malformed())
}

/// The `WWW-Authenticate` value for a refusal; without one for a request that brought no token
/// (RFC 6750 §3.1: no error code then). `scope` is what the resource needs.
pub fn challenge(refusal: Option<&OAuthError>, scope: Option<&ScopeSet>) -> String {
    let mut challenge = String::from(r#"Bearer realm="linkgate""#);
    // Neither a code, nor a description, nor a scope can hold a quote or backslash.
    let mut attribute = |name: &str, value: &dyn std::fmt::Display| {
        let _ = write!(challenge, r#", {name}="{value}""#);
    };
    if let Some(refusal) = refusal {
        attribute("error", &refusal.code());
        attribute("error_description", &refusal.description());
    }
    if let Some(scope) = scope {
        attribute("scope", scope);
    }
    challenge
}

/// RFC 6750 §2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_token68(token: &[u8]) -> bool {
    let end = token
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |last| last + 1);
    let (body, _padding) = token.split_at(end);
    let permitted = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    !body.is_empty() && body.iter().all(permitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn the_scheme_is_case_insensitive() {
        for header in [
            "Bearer lg_at_x-Y.9",
            "bearer lg_at_x-Y.9",
            "BEARER  lg_at_x-Y.9",
        ] {
            assert_eq!(
                token(&[header.as_bytes()]).unwrap(),
                Some("lg_at_x-Y.9"),
                "{header}"
            );
        }
        assert_eq!(token(&[b"Bearer abc+/=="]).unwrap(), Some("abc+/=="));
    }

    #[test]
    fn another_scheme_or_no_header_is_no_token() {
        for headers in [
            &[][..],
            &[&b"Basic abc"[..]],
            &[&b""[..]],
            &[&b"lg_at_x"[..]],
        ] {
            assert_eq!(token(headers).unwrap(), None);
        }
    }

    #[test]
    fn a_malformed_token_is_invalid_and_two_headers_are_a_bad_request() {
        let long = format!("Bearer {}", "a".repeat(MAX_TOKEN_LENGTH + 1));
        for header in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Bearer ==",
            b"Bearer a b",
            b"Bearer a\"b",
            b"Bearer a=b",
            b"Bearer a\0",
            b"Bearer \xff\xfe",
            long.as_bytes(),
        ] {
            assert_eq!(
                token(&[header]).unwrap_err().code(),
                ErrorCode::InvalidToken
            );
        }
        let twice = token(&[b"Bearer a", b"Bearer a"]).unwrap_err();
        assert_eq!(twice.code(), ErrorCode::InvalidRequest);
    }

    #[test]
    fn a_challenge_says_what_is_needed_and_why_it_was_refused() {
        assert_eq!(challenge(None, None), r#"Bearer realm="linkgate""#);
        let refusal = OAuthError::insufficient_scope("the link does not grant this");
        let scopes = ScopeSet::parse("account:id account:email").unwrap();
        assert_eq!(
            challenge(Some(&refusal), Some(&scopes)),
            "Bearer realm=\"linkgate\", error=\"insufficient_scope\", \
             error_description=\"the link does not grant this\", scope=\"account:id account:email\""
        );
    }

    #[test]
    fn the_longest_token_is_looked_at_and_a_longer_one_is_not() {
        let longest = format!("Bearer {}", "a".repeat(MAX_TOKEN_LENGTH));
        assert!(matches!(token(&[longest.as_bytes()]), Ok(Some(_))));
        assert!(token(&[format!("{longest}a").as_bytes()]).is_err());
    }
}
