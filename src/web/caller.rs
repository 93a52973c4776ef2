//! Where a request comes from, behind the operator's own proxies. Only what a trusted proxy wrote is
//! believed, and of that only the address it saw itself: the right-most one that is not a proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderValue},
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The one header that is read. `Forwarded`, `X-Real-IP` and the like are not: a proxy that sets one
/// of them passes a client's own version of the others on.
const HEADER: &str = "x-forwarded-for";

/// The address a request comes from. It has no `Display`: logs show [`Caller::neighbourhood`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Caller(IpAddr);

impl Caller {
    /// Who sent the request, if these are the proxies in front of the server.
    pub fn of(request: &HttpRequest, proxies: &[IpNet]) -> Self {
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = request.peer_addr().map_or(unknown, |peer| peer.ip());
        Self(behind(peer.to_canonical(), request.headers(), &|address| {
            proxies.iter().any(|proxy| proxy.contains(&address))
        }))
    }

    /// Whom limits count together: an IPv4 address, or the IPv6 network that one household or one
    /// server gets.
    pub fn network(self) -> IpNet {
        self.cut(32, 64)
    }

    /// Too many households to be one person: what a log may say.
    pub fn neighbourhood(self) -> IpNet {
        self.cut(24, 48)
    }

    fn cut(self, of_v4: u8, of_v6: u8) -> IpNet {
        let network = match self.0 {
            IpAddr::V4(address) => Ipv4Net::new(address, of_v4).map(IpNet::V4),
            IpAddr::V6(address) => Ipv6Net::new(address, of_v6).map(IpNet::V6),
        };
        network.map_or(IpNet::from(self.0), |network| network.trunc())
    }
}

/// Walks from the peer to the left, as long as each hop is a proxy that can be believed about the
/// one before it. What is no address ends the walk at the proxy that passed it on.
fn behind(peer: IpAddr, headers: &HeaderMap, is_proxy: &dyn Fn(IpAddr) -> bool) -> IpAddr {
    let values: Vec<&[u8]> = headers.get_all(HEADER).map(HeaderValue::as_bytes).collect();
    let mut hops = values
        .into_iter()
        .rev()
        .flat_map(|value| value.rsplit(|byte| *byte == b','));
    let mut caller = peer;
    while is_proxy(caller) {
        match hops.next().and_then(address) {
            Some(hop) => caller = hop,
            None => break,
        }
    }
    caller
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop).ok()?.trim();
    let bare = hop
        .strip_prefix('[')
        .and_then(|hop| hop.strip_suffix(']'))
        .unwrap_or(hop);
    let bare = bare.parse::<IpAddr>().ok();
    let address = bare.or_else(|| hop.parse::<SocketAddr>().ok().map(|hop| hop.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};

    use super::*;

    fn caller(peer: &str, forwarded: &[&[u8]], proxies: &[&str]) -> String {
        let mut request =
            TestRequest::default().peer_addr(SocketAddr::new(peer.parse().unwrap(), 9));
        for value in forwarded {
            request = request.append_header((HEADER, HeaderValue::from_bytes(value).unwrap()));
        }
        for other in ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip"] {
            request = request.append_header((other, "6.6.6.6"));
        }
        let proxies: Vec<IpNet> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        Caller::of(&request.to_http_request(), &proxies)
            .0
            .to_string()
    }

    #[test]
    fn without_trusted_proxies_it_is_the_peer_whatever_headers_say() {
        assert_eq!(caller("203.0.113.7", &[b"6.6.6.6"], &[]), "203.0.113.7");
        assert_eq!(caller("127.0.0.1", &[b"6.6.6.6"], &[]), "127.0.0.1");
        let others = &["10.0.0.0/8"];
        assert_eq!(caller("203.0.113.7", &[b"6.6.6.6"], others), "203.0.113.7");
    }

    #[test]
    fn behind_proxies_it_is_the_right_most_address_that_is_none_of_them() {
        let proxies = &["10.0.0.0/8", "2001:db8:1::/48"];
        for (forwarded, expected) in [
            (&[&b"6.6.6.6, 203.0.113.7"[..]][..], "203.0.113.7"),
            (&[b"6.6.6.6,203.0.113.7 , 10.1.1.1"], "203.0.113.7"),
            (
                &[b"6.6.6.6", b"203.0.113.7", b"10.1.1.1,10.2.2.2"],
                "203.0.113.7",
            ),
            (&[b"6.6.6.6, 203.0.113.7:4711"], "203.0.113.7"),
            (&[b"6.6.6.6, [2001:db8:2::7]"], "2001:db8:2::7"),
            (&[b"6.6.6.6, [2001:db8:2::7]:4711"], "2001:db8:2::7"),
            (&[b"203.0.113.7, 2001:db8:1::9"], "203.0.113.7"),
            (&[b"6.6.6.6, ::ffff:203.0.113.7"], "203.0.113.7"),
            (&[b"10.3.3.3, 10.4.4.4"], "10.3.3.3"),
        ] {
            assert_eq!(caller("10.0.0.1", forwarded, proxies), expected);
            assert_eq!(caller("::ffff:10.0.0.1", forwarded, proxies), expected);
        }
    }

    #[test]
    fn what_is_no_address_ends_at_the_proxy_that_passed_it_on() {
        let proxies = &["10.0.0.0/8"];
        for garbage in [
            &b""[..],
            b",",
            b"unknown",
            b"_hidden",
            b"6.6.6.6, nonsense",
            b"6.6.6.6,",
            b"6.6.6.6, 203.0.113.7.1",
            b"6.6.6.6, 203.0.113.7/32",
            b"6.6.6.6, \xff\xfe",
            b"6.6.6.6, [203.0.113.7",
            b"6.6.6.6, 0x7f000001",
        ] {
            assert_eq!(caller("10.0.0.1", &[garbage], proxies), "10.0.0.1");
        }
        assert_eq!(
            caller("10.0.0.1", &[b"junk, 10.1.1.1"], proxies),
            "10.1.1.1"
        );
        assert_eq!(caller("10.0.0.1", &[], proxies), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_household_counts_as_one() {
        let network = |text: &str| Caller(text.parse().unwrap()).network().to_string();
        assert_eq!(network("203.0.113.7"), "203.0.113.7/32");
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        let neighbourhood = |text: &str| Caller(text.parse().unwrap()).neighbourhood().to_string();
        assert_eq!(neighbourhood("203.0.113.7"), "203.0.113.0/24");
        assert_eq!(neighbourhood("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    }
}
