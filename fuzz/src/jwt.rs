//! JWT access tokens. The bytes are a whole token, or a header and claims in two lines: those are
//! signed with our own key first, so that hostile ones get past the signature. What is accepted says
//! plainly that it is ours, and is what we would print.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto};
use linkgate::{
    foundation::keys::KeyKind,
    token::{access::AccessToken, jwt},
};
use serde_json::Value;

use super::fixtures::{ISSUER, KEY_ID, Known, altered, key};

pub fn hold(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        presented(text);
    }
    let lines: Vec<_> = bytes.splitn(2, |byte| *byte == b'\n').collect();
    let [header, claims] = lines[..] else {
        return;
    };
    let key = key(KeyKind::SigningEddsa);
    let signing = key.signing().unwrap();
    // So that a corpus need not know how a key's name is made.
    let header = String::from_utf8_lossy(header).replace("KID", &signing.kid);
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = crypto::sign(message.as_bytes(), &signing.encoding, Algorithm::EdDSA);
    presented(&format!("{message}.{}", signature.unwrap()));
}

fn accepted(text: &str) -> Option<AccessToken> {
    let claimed = jwt::Claimed::read(text).filter(|_| jwt::looks_like_one(text))?;
    let key = key(KeyKind::SigningEddsa);
    let token = claimed.proven_by(&key, ISSUER)?;
    assert_eq!(
        (claimed.kind, claimed.key_id),
        (KeyKind::SigningEddsa, KEY_ID)
    );
    Some(token)
}

fn presented(text: &str) {
    let Some(token) = accepted(text) else {
        return;
    };
    let key = key(KeyKind::SigningEddsa);
    let parts: Vec<_> = text.split('.').collect();
    let [header, claims, _] = parts[..] else {
        panic!("accepted with {} parts", parts.len());
    };
    let json = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (json(header), json(claims));
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["alg"], "EdDSA");
    assert_eq!(header["kid"], key.signing().unwrap().kid.as_str());
    assert!(header.get("crit").is_none_or(Value::is_null));
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["exp"], token.expires_at);
    assert!(claims["aud"].is_string() && claims["lg_link"].is_string());
    let named = token.named.clone().unwrap();
    assert_eq!(claims["sub"], named.account_id.0.to_string());
    assert_eq!(claims["client_id"], named.client_id.to_string());
    assert!(KeyKind::signing_with(Algorithm::HS256).is_none());

    // Printed and read again it is the same; altered anywhere it is none.
    let printed = token.encode(&key, ISSUER, &Known(Vec::new()));
    if let Ok(printed) = printed {
        assert_eq!(accepted(&printed), Some(token));
        for (at, by) in [(3, 0), (printed.len() / 2, 1), (printed.len() - 1, 2)] {
            assert_eq!(accepted(&altered(&printed, at, by)), None);
        }
    }
}
