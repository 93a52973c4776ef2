//! One value of the `Authorization` header: Basic credentials are decoded exactly once (RFC 6749
//! appendix B), a bearer token is taken as it stands, and no value is both.

use base64::{Engine, engine::general_purpose::STANDARD};
use linkgate::protocol::{
    Parameters, bearer,
    client_auth::{self, Presented},
};
use secrecy::ExposeSecret;
use url::form_urlencoded;

pub fn hold(value: &[u8]) {
    let token = bearer::token(&[value]);
    let basic = basic(value);
    if let Ok(Some(token)) = token {
        assert!(basic.is_none(), "both Basic and Bearer");
        let permitted = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        assert!(!token.is_empty() && token.chars().all(permitted), "{token}");
        let again = format!("bEARER {token}");
        assert!(matches!(bearer::token(&[again.as_bytes()]), Ok(Some(same)) if same == token));
        assert!(bearer::token(&[value, value]).is_err());
    }
    let Some((id, secret)) = basic else {
        return;
    };
    assert!(!id.is_empty() && !secret.is_empty());
    assert!(!id.contains('\0') && !secret.contains('\0'));
    // Another decoder: base64, the first colon, then each half as the value of a form.
    let (scheme, encoded) = value.split_at(6);
    assert!(scheme.eq_ignore_ascii_case(b"Basic "));
    let pair = STANDARD.decode(encoded).unwrap();
    let colon = pair.iter().position(|byte| *byte == b':').unwrap();
    let halves = [&pair[..colon], &pair[colon + 1..]];
    assert_eq!(halves.map(value_of_a_form), [id.clone(), secret.clone()]);
    // And what is printed is read as it was.
    let print = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let printed = STANDARD.encode(format!("{}:{}", print(&id), print(&secret)));
    let read = self::basic(format!("basic {printed}").as_bytes());
    assert_eq!(read, Some((id, secret)));
    assert!(client_auth::presented(&[value, value], &Parameters::default()).is_err());
}

fn basic(value: &[u8]) -> Option<(String, String)> {
    match client_auth::presented(&[value], &Parameters::default()) {
        Ok(Presented::Basic { client_id, secret }) => {
            Some((client_id, secret.expose_secret().to_owned()))
        }
        Ok(other) => panic!("a header became {}", other.method()),
        Err(_) => None,
    }
}

fn value_of_a_form(half: &[u8]) -> String {
    // Only what separates fields needs to be kept from doing so.
    let escaped = half.iter().flat_map(|byte| match byte {
        b'&' => b"%26".to_vec(),
        byte => vec![*byte],
    });
    let field: Vec<u8> = b"x=".iter().copied().chain(escaped).collect();
    let mut pairs = form_urlencoded::parse(&field).into_owned();
    let (_, value) = pairs.next().unwrap();
    value
}
