//! Flows as they come back in a URL or a form: sealed texts, and what is inside them. Nothing opens
//! that we did not seal, and what we sealed opens unaltered for its own purpose only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use linkgate::{
    authorize::request::AuthorizationRequest,
    foundation::{
        keys::KeyKind,
        seal::{from_text, to_text},
    },
    web::flow::Flow,
};

use super::fixtures::{Known, altered, key, take};

pub fn hold(bytes: &[u8]) {
    let key = key(KeyKind::Seal);
    let key = key.seal_key();
    if let Ok(text) = str::from_utf8(bytes)
        && let Some(sealed) = from_text(text)
    {
        assert_eq!(to_text(&sealed), text, "one text, one meaning");
        if let Ok(plain) = key.open(&sealed, b"flow") {
            let nonce = Known(sealed[..24].to_vec());
            assert_eq!(key.seal(&plain, b"flow", &nonce).unwrap(), sealed);
        }
    }

    let (nonce, rest) = take::<24>(bytes);
    let ([at, by], plain) = take(rest);
    let sealed = key.seal(plain, b"flow", &Known(nonce.to_vec())).unwrap();
    assert_eq!(key.open(&sealed, b"flow").unwrap().as_slice(), plain);
    assert!(key.open(&sealed, b"other").is_err());
    let text = altered(&URL_SAFE_NO_PAD.encode(&sealed), at.into(), by);
    assert!(from_text(&text).is_none_or(|sealed| key.open(&sealed, b"flow").is_err()));

    // What an earlier version sealed may be read by a later one: it must not fall over it.
    if let Ok(request) = postcard::from_bytes::<AuthorizationRequest>(bytes) {
        let printed = postcard::to_allocvec(&request).unwrap();
        let again: AuthorizationRequest = postcard::from_bytes(&printed).unwrap();
        assert_eq!(postcard::to_allocvec(&again).unwrap(), printed);
    }
    if let Ok(flow) = postcard::from_bytes::<Flow>(bytes) {
        let printed = postcard::to_allocvec(&flow).unwrap();
        let again: Flow = postcard::from_bytes(&printed).unwrap();
        assert_eq!(postcard::to_allocvec(&again).unwrap(), printed);
    }
}
