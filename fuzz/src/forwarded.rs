//! `X-Forwarded-For` headers, one a line. Nobody but a trusted proxy moves the address a request is
//! taken to come from: what stands to the left of the first untrusted hop changes nothing.

use std::net::SocketAddr;

use actix_web::{
    http::header::{FORWARDED, HeaderName, HeaderValue},
    test::TestRequest,
};
use ipnet::IpNet;
use linkgate::web::caller::Caller;

use super::fixtures;

const HEADER: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROXY: &str = "10.0.0.1:9";
const STRANGER: &str = "203.0.113.7:9";

pub fn hold(bytes: &[u8]) {
    let headers = fixtures::lines(bytes);
    let proxies: Vec<IpNet> = ["10.0.0.0/8", "fd00::/16"]
        .map(|network| network.parse().unwrap())
        .to_vec();
    let Some(caller) = caller(PROXY, &headers, &proxies) else {
        return;
    };
    // From a stranger, or without proxies, headers say nothing.
    let direct = self::caller(STRANGER, &[], &proxies).unwrap();
    assert!(self::caller(STRANGER, &headers, &proxies) == Some(direct));
    let peer = self::caller(PROXY, &[], &proxies).unwrap();
    assert!(self::caller(PROXY, &headers, &[]) == Some(peer));
    // Whatever a client adds on the left changes nothing once an untrusted hop was found.
    let network = caller.network();
    let is_proxy = proxies.iter().any(|proxy| proxy.contains(&network));
    if !is_proxy {
        for forged in ["6.6.6.6", "10.6.6.6", "junk", "::ffff:6.6.6.6"] {
            let longer = [&[forged.as_bytes()], &headers[..]].concat();
            assert!(self::caller(PROXY, &longer, &proxies) == Some(caller));
            let mut first = forged.as_bytes().to_vec();
            first.extend(b", ");
            first.extend(headers.first().copied().unwrap_or_default());
            let mut same = headers.clone();
            same[0] = &first;
            assert!(self::caller(PROXY, &same, &proxies) == Some(caller));
        }
        // It stands there, and is not made up.
        let hops = headers
            .iter()
            .flat_map(|header| header.split(|byte| *byte == b','));
        assert!(hops.count() > 0);
    }
    assert!(caller.neighbourhood().contains(&network));
}

/// `None`: HTTP itself does not let such a header through.
fn caller(peer: &str, headers: &[&[u8]], proxies: &[IpNet]) -> Option<Caller> {
    let peer: SocketAddr = peer.parse().unwrap();
    // Nothing that this header says is ever believed.
    let mut request = TestRequest::default()
        .peer_addr(peer)
        .append_header((FORWARDED, "for=6.6.6.6"));
    for header in headers {
        let value = HeaderValue::from_bytes(header).ok()?;
        request = request.append_header((HEADER, value));
    }
    Some(Caller::of(&request.to_http_request(), proxies))
}
