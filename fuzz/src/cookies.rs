//! `Cookie` headers, one a line. A cookie of ours is read only where it stands once under its full
//! name, whatever else other sites of the domain have set.

use actix_web::{
    http::header::{COOKIE, HeaderValue},
    test::TestRequest,
};
use linkgate::{
    foundation::secret::{Plain, SessionKind},
    web::{cookies::CookieName, state::PublicUrl},
};

use super::fixtures;

const NAMES: [(CookieName, &str); 6] = [
    (CookieName::Session, "sid"),
    (CookieName::AdminSession, "adm"),
    (CookieName::Browser, "txn"),
    (CookieName::Device, "dev"),
    (CookieName::AdminDevice, "admdev"),
    (CookieName::Language, "lang"),
];

pub fn hold(bytes: &[u8]) {
    let headers = fixtures::lines(bytes);
    let Some(values) = values(&headers) else {
        return;
    };
    let loopback = PublicUrl::new(&"http://127.0.0.1:8080".parse().unwrap());
    for (cookie, short) in NAMES {
        one(cookie, short, &values, &loopback);
        let full = format!("__Host-{short}");
        one(cookie, &full, &values, &fixtures::public_url());
    }
}

/// `None`: HTTP itself does not let such headers through.
fn values(headers: &[&[u8]]) -> Option<Vec<HeaderValue>> {
    let values = headers.iter().map(|header| HeaderValue::from_bytes(header));
    values.collect::<Result<_, _>>().ok()
}

fn one(cookie: CookieName, name: &str, headers: &[HeaderValue], url: &PublicUrl) {
    let Some(value) = read(cookie, headers, url) else {
        return;
    };
    let pairs = headers
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    let ours: Vec<_> = pairs
        .filter_map(|pair| {
            let pair = pair.trim_ascii();
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            (pair[..equals] == *name.as_bytes()).then(|| &pair[equals + 1..])
        })
        .collect();
    assert_eq!(ours, [value.as_bytes()]);
    // A second one, set by whomever, is worse than none.
    let again = HeaderValue::from_str(&format!("{name}={value}")).unwrap();
    let twice = [headers, std::slice::from_ref(&again)].concat();
    assert_eq!(read(cookie, &twice, url), None);
    assert_eq!(read(cookie, &[again], url).as_ref(), Some(&value));
    if let Some(session) = Plain::<SessionKind>::parse(&value) {
        assert_eq!(session.expose(), value);
        assert!(!format!("{session:?}").contains(&value));
    }
}

fn read(cookie: CookieName, headers: &[HeaderValue], url: &PublicUrl) -> Option<String> {
    let mut request = TestRequest::default();
    for header in headers {
        request = request.append_header((COOKIE, header));
    }
    cookie.read(&request.to_http_request(), url)
}
