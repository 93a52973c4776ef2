//! Opaque tokens, codes and secrets as they are presented. A text is one kind at most; what is accepted
//! is what we print; and whatever is altered is refused.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use linkgate::{
    foundation::{
        ids::{FlowId, LinkId},
        keys::KeyKind,
        secret::{AdminSessionKind, BrowserKind, ClientSecretKind, Plain, SessionKind},
    },
    link::code::AuthorizationCode,
    token::{
        access::{AccessToken, CarriedScope, looks_like_one},
        opaque,
        refresh::{self, RefreshToken},
    },
};
use uuid::Uuid;

use super::fixtures::{ISSUER, Known, altered, key, take};

pub fn hold(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        presented(text);
    }
    minted(bytes);
}

fn presented(text: &str) {
    let kinds = [
        refresh::Claimed::read(text).is_some(),
        opaque::Claimed::read(text).is_some(),
        AuthorizationCode::parse(text).is_some(),
        Plain::<ClientSecretKind>::parse(text).is_some(),
        Plain::<SessionKind>::parse(text).is_some(),
        Plain::<AdminSessionKind>::parse(text).is_some(),
        Plain::<BrowserKind>::parse(text).is_some(),
    ];
    let count = kinds.iter().filter(|is| **is).count();
    assert!(count < 2, "{text} is of {count} kinds");
    if let Some(claimed) = refresh::Claimed::read(text) {
        let key = key(KeyKind::Refresh);
        if let Some(token) = claimed.proven_by(&key) {
            assert_eq!(token.encode(&key), text);
        }
    }
    if let Some(claimed) = opaque::Claimed::read(text) {
        assert!(looks_like_one(text));
        let key = key(KeyKind::Access);
        if let Some(token) = claimed.proven_by(&key) {
            let decoded = URL_SAFE_NO_PAD.decode(&text["lg_at_".len()..]).unwrap();
            let salt = Known(decoded[39..47].to_vec());
            assert_eq!(token.encode(&key, ISSUER, &salt).unwrap(), text);
        }
    }
}

/// Makes tokens that state what the bytes say, and alters one place of each.
fn minted(bytes: &[u8]) {
    let (link_id, rest) = take(bytes);
    let (number, rest) = take(rest);
    let (issued_at, rest) = take(rest);
    let (lifetime, rest) = take(rest);
    let (bits, rest) = take(rest);
    let (salt, rest) = take::<8>(rest);
    let ([at, by], _) = take(rest);
    let link_id = LinkId(Uuid::from_bytes(link_id));
    let number = i32::from_be_bytes(number);

    let refresh_key = key(KeyKind::Refresh);
    let token = RefreshToken {
        link_id,
        generation: number,
    };
    let text = token.encode(&refresh_key);
    let read =
        |text: &str| refresh::Claimed::read(text).and_then(|read| read.proven_by(&refresh_key));
    assert_eq!(read(&text), Some(token));
    assert_eq!(read(&altered(&text, at.into(), by)), None);
    assert!(opaque::Claimed::read(&text.replacen("lg_rt_", "lg_at_", 1)).is_none());

    // Times beyond what a clock can tell don't come out of `now`.
    let issued_at = i64::from_be_bytes(issued_at) >> 8;
    let access_key = key(KeyKind::Access);
    let token = AccessToken {
        link_id,
        access_epoch: number,
        issued_at,
        expires_at: issued_at + i64::from(u32::from_be_bytes(lifetime)),
        scope: CarriedScope::Bits(u32::from_be_bytes(bits)),
        named: None,
    };
    let salt = Known(salt.to_vec());
    let text = token.encode(&access_key, ISSUER, &salt).unwrap();
    assert!(text.len() < 160);
    let read =
        |text: &str| opaque::Claimed::read(text).and_then(|read| read.proven_by(&access_key));
    assert_eq!(read(&text), Some(token));
    assert_eq!(read(&altered(&text, at.into(), by)), None);

    let code = AuthorizationCode::of_flow(FlowId(link_id.0), &key(KeyKind::Code));
    let parsed = AuthorizationCode::parse(code.expose()).unwrap();
    assert_eq!(parsed.hash(), code.hash());
    let altered = altered(code.expose(), at.into(), by);
    let other = AuthorizationCode::parse(&altered).map(|code| code.hash());
    assert_ne!(other, Some(code.hash()));
}
