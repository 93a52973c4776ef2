//! Which keys are taken, and what they believe.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("../../tests/api/cek/data/", $name))
    };
}

/// LINE's own key, a request it signed, and the signature.
fn really_signed() -> (CekKey, Vec<u8>, Vec<u8>) {
    let key = CekKey::read(data!("line-public-key.pem")).unwrap();
    let body = data!("line-signed-intent.json").as_bytes().to_vec();
    (key, body, signature(data!("line-signed-intent.signature")))
}

fn signature(text: &str) -> Vec<u8> {
    STANDARD.decode(text.trim_end()).unwrap()
}

#[test]
fn cek_01_a_request_that_line_signed_is_believed() {
    let (key, body, signature) = really_signed();
    assert!(key.signed(&body, &signature));
    assert!(!key.signed(data!("line-altered-intent.json").as_bytes(), &signature));
}

#[test]
fn cek_03_not_one_bit_of_it_may_be_another() {
    let (key, body, signature) = really_signed();
    for at in 0..body.len() {
        for bit in 0..8 {
            let mut altered = body.clone();
            altered[at] ^= 1 << bit;
            assert!(!key.signed(&altered, &signature), "bit {bit} of byte {at}");
        }
    }
    for at in 0..signature.len() {
        let mut altered = signature.clone();
        altered[at] ^= 1;
        assert!(!key.signed(&body, &altered), "byte {at} of the signature");
    }
    for altered in [
        &body[1..],
        &body[..body.len() - 1],
        &[&body[..], b"\n"].concat(),
    ] {
        assert!(!key.signed(altered, &signature));
    }
}

#[test]
fn cek_04_a_signature_with_forged_padding_is_not_believed_where_the_exponent_is_3() {
    let key = CekKey::read(data!("exponent-3-public-key.pem")).unwrap();
    let body = data!("line-launch.json").as_bytes();
    let forged = signature(data!("exponent-3-forged.signature"));
    assert!(!key.signed(body, &forged));
}

#[test]
fn cek_04_a_key_of_1024_bits_or_of_another_kind_is_not_taken() {
    let short = CekKey::read(data!("rsa-1024-public-key.pem"));
    assert_eq!(short.err(), Some(NotAKey::Size));
    let elliptic = CekKey::read(data!("ec-public-key.pem"));
    assert_eq!(elliptic.err(), Some(NotAKey::NotRsa));
}

#[test]
fn what_is_no_public_key_is_refused_by_what_it_is() {
    let pem = |label: &str, inside: &str| {
        format!("-----BEGIN {label}-----\n{inside}\n-----END {label}-----\n")
    };
    for (text, reason) in [
        (String::new(), NotAKey::NoPem),
        ("secret".to_owned(), NotAKey::NoPem),
        ("x".repeat(MAX_PEM + 1), NotAKey::NoPem),
        (pem("PUBLIC KEY", "AAAA"), NotAKey::NotRsa),
        (pem("RSA PRIVATE KEY", "AAAA"), NotAKey::Private),
        (pem("ENCRYPTED PRIVATE KEY", "AAAA"), NotAKey::Private),
        (pem("CERTIFICATE", "AAAA"), NotAKey::Certificate),
    ] {
        assert_eq!(CekKey::read(&text).err(), Some(reason), "{text}");
    }
    let windows = data!("line-public-key.pem").replace('\n', "\r\n");
    assert!(CekKey::read(&windows).is_ok());
}
