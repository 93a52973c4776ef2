//! A call to the token endpoint: lines of `Authorization` headers, an empty line, and the form. However
//! it is written, one request never shows two credentials that both might count.

use linkgate::protocol::{
    Parameters, bearer,
    client_auth::{self, Presented},
};
use secrecy::ExposeSecret;

use super::fixtures;

pub fn hold(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (&[][..], bytes),
    };
    let headers = fixtures::lines(head);
    let Ok(parameters) = Parameters::parse(body) else {
        return;
    };
    let all = |name: &str| -> Vec<&str> {
        let same = parameters.iter().filter(|(given, _)| *given == name);
        same.map(|(_, value)| value).collect()
    };
    let (ids, secrets) = (all("client_id"), all("client_secret"));
    let Ok(presented) = client_auth::presented(&headers, &parameters) else {
        return;
    };
    assert!(ids.len() < 2 && secrets.len() < 2);
    match &presented {
        Presented::Basic { client_id, secret } => {
            assert_eq!(headers.len(), 1);
            assert!(secrets.is_empty(), "a secret in the body beside Basic");
            let named = ids.iter().filter(|id| !id.is_empty());
            assert!(named.eq([client_id].into_iter().take(ids.concat().len().min(1))));
            assert!(!client_id.is_empty() && !secret.expose_secret().is_empty());
            // RFC 6749 §2.3: what authenticates a client is never a token as well.
            assert!(!matches!(bearer::token(&headers), Ok(Some(_))));
        }
        Presented::Body { client_id, secret } => {
            assert!(headers.is_empty());
            assert_eq!(
                (ids, secrets),
                (vec![client_id.as_str()], vec![secret.expose_secret()])
            );
        }
        Presented::Assertion(assertion) => {
            assert!(headers.is_empty() && secrets.is_empty());
            assert_eq!(all("client_assertion"), [assertion.text.expose_secret()]);
            assert_eq!(all("client_assertion_type").len(), 1);
            assert!([String::new(), assertion.client_id.clone()].contains(&ids.concat()));
        }
        Presented::Public { client_id } => {
            assert!(headers.is_empty());
            assert_eq!(
                (ids, secrets.concat()),
                (vec![client_id.as_str()], String::new())
            );
        }
        Presented::None => {
            assert!(headers.is_empty());
            assert_eq!(ids.concat() + &secrets.concat(), "");
        }
    }
    let shown = format!("{presented:?}");
    if let Presented::Basic { secret, .. } | Presented::Body { secret, .. } = &presented {
        let secret = secret.expose_secret();
        let told = secret.len() > 20 && shown.contains(secret);
        let id = presented.client_id().unwrap_or_default();
        assert!(!told || id.contains(secret), "the secret is shown");
    }
}
