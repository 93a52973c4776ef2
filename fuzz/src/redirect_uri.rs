//! Redirect URIs, as an admin registers them and as a request names them. What is accepted means the
//! same to a browser as to us, and an answer added to it leads nowhere else.

use linkgate::protocol::redirect_uri::{
    LoopbackHttp, RedirectUri,
    difference::{Difference, without_values},
};
use url::{Host, Url};

use super::fixtures::REDIRECT_URI;

pub fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    // What an admin is told of a URI that a request named.
    let registered = [REDIRECT_URI.to_owned()];
    let nearest = Difference::nearest(text, &registered);
    assert_eq!(nearest.map(|(_, uri)| uri), Some(REDIRECT_URI));
    assert!(without_values(text).len() <= text.len() * 4 + 64);

    let strict = RedirectUri::register(text, LoopbackHttp::Refused).ok();
    if let Some(uri) = &strict {
        means_the_same_to_a_browser(uri, text, "https");
        assert!(RedirectUri::register(text, LoopbackHttp::Allowed).is_ok());
    } else if let Ok(uri) = RedirectUri::register(text, LoopbackHttp::Allowed) {
        means_the_same_to_a_browser(&uri, text, "http");
        let host = Url::parse(text).unwrap();
        let address = match host.host().unwrap() {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(name) => panic!("http leads to {name}"),
        };
        assert!(address);
    }
}

fn means_the_same_to_a_browser(uri: &RedirectUri, text: &str, scheme: &str) {
    assert_eq!(uri.as_str(), text);
    assert!(uri.matches(text) && !uri.matches(&format!("{text}x")));
    let seen = Url::parse(text).unwrap();
    assert_eq!(seen.scheme(), scheme);
    assert!(seen.username().is_empty() && seen.password().is_none());
    assert_eq!(seen.fragment(), None);
    // Written as a browser would write it, but for the port and the slash that go without saying.
    let rest = text.strip_prefix(scheme).unwrap();
    let rest = rest.strip_prefix("://").unwrap();
    let host = seen.host_str().unwrap();
    let after_host = rest.strip_prefix(host).unwrap();
    let before_query = after_host.split('?').next().unwrap();
    let path = before_query.find('/').map_or("/", |at| &before_query[at..]);
    assert_eq!(seen.path(), path);
    let origin = Url::parse(uri.origin()).unwrap();
    assert_eq!(seen.origin(), origin.origin());
    assert!(text.starts_with(uri.origin()));

    let added = [("code", "a+b &%=c"), ("state", "한\u{0}?#/\\")];
    let answer = uri.append_query(&added);
    assert!(answer.starts_with(text));
    let answer = Url::parse(&answer).unwrap();
    assert_eq!(answer.origin(), seen.origin());
    assert_eq!(
        (answer.path(), answer.fragment()),
        (seen.path(), None::<&str>)
    );
    let own: Vec<_> = seen.query_pairs().into_owned().collect();
    let all: Vec<_> = answer.query_pairs().into_owned().collect();
    let (kept, new) = all.split_at(own.len());
    assert_eq!(kept, own);
    let added = added.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(new, added);
    // Neither of the answer's parameters is there twice.
    let doubled = kept
        .iter()
        .any(|(name, _)| name == "code" || name == "state");
    assert!(!doubled);
}
