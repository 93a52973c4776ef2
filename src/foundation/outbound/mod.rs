//! Calls to addresses that an admin typed: over TLS, and into the public internet alone, however the
//! address is written and whatever its name resolves to.

pub mod address;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

/// The longest address, in bytes.
const MAX_BYTES: usize = 2000;

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outbound {
    private: bool,
    plain_on_loopback: bool,
}

/// Why no call goes to an address; the text is for the admin who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// Not a whole URL, or of another scheme.
    #[error("must be an https URL, without a user name or a fragment")]
    NotHttps,
    /// Inside.
    #[error(
        "must not lead to a private, local or reserved address, unless LINKGATE_OUTBOUND_PRIVATE is `allow`"
    )]
    Private,
}

impl Outbound {
    /// With `private`, calls may go to addresses that are not public; and where the server itself is
    /// `on_loopback`, for trying it out, then to loopback without TLS, too.
    pub fn new(private: bool, on_loopback: bool) -> Self {
        Self {
            private,
            plain_on_loopback: private && on_loopback,
        }
    }

    /// The address, if a call may go there as far as it says itself. Names are looked at when they are
    /// resolved.
    pub fn check(self, text: &str) -> Result<Url, NotAllowed> {
        let plain = text.len() <= MAX_BYTES && text.chars().all(|c| c.is_ascii_graphic());
        let url = Url::parse(text).ok().filter(|_| plain);
        let url = url.ok_or(NotAllowed::NotHttps)?;
        let bare = url.username().is_empty() && url.password().is_none();
        let host = url.host().filter(|_| bare && url.fragment().is_none());
        let host = host.ok_or(NotAllowed::NotHttps)?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_on_loopback && is_loopback(&host) => {}
            _ => return Err(NotAllowed::NotHttps),
        }
        let inside = match host {
            Host::Ipv4(address) => !self.admits(address.into()),
            Host::Ipv6(address) => !self.admits(address.into()),
            Host::Domain(name) => !self.private && is_local_name(name),
        };
        if inside {
            Err(NotAllowed::Private)
        } else {
            Ok(url)
        }
    }

    /// Whether a call may go to that address.
    pub fn admits(self, address: IpAddr) -> bool {
        self.private || address::is_public(address)
    }

    /// What calls: it follows no redirect, and connects to no address that isn't admitted. No proxy, which
    /// would resolve names in its own way.
    pub fn client(self, patience: Duration) -> reqwest::Result<Client> {
        Client::builder()
            .https_only(!self.plain_on_loopback)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Admitted(self))
            .timeout(patience)
            .build()
    }
}

/// Resolves a name when a connection is made, so that what was looked at is what is connected to.
struct Admitted(Outbound);

impl Resolve for Admitted {
    fn resolve(&self, name: Name) -> Resolving {
        let outbound = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One that leads inside is enough: such a name is nobody's honest one.
            if found.iter().all(|address| outbound.admits(address.ip())) {
                Ok(Box::new(found.into_iter()) as reqwest::dns::Addrs)
            } else {
                Err(NotAllowed::Private.into())
            }
        })
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => is_local_name(name),
    }
}

/// RFC 6761 §6.3.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_to_be_https_and_outside() {
        let strict = Outbound::new(false, true);
        for good in [
            "https://chatbot.example.com/api/chatbot/v1/1234",
            "https://chatbot.example.com:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(strict.check(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", NotAllowed::NotHttps),
            ("chatbot.example.com", NotAllowed::NotHttps),
            ("http://chatbot.example.com/", NotAllowed::NotHttps),
            ("http://127.0.0.1/", NotAllowed::NotHttps),
            ("ftp://chatbot.example.com/", NotAllowed::NotHttps),
            ("https://user@chatbot.example.com/", NotAllowed::NotHttps),
            ("https://:p@chatbot.example.com/", NotAllowed::NotHttps),
            ("https://chatbot.example.com/#x", NotAllowed::NotHttps),
            ("https://chatbot.example.com/ x", NotAllowed::NotHttps),
            ("https://chatbot.example.com/한", NotAllowed::NotHttps),
            ("https://127.0.0.1/", NotAllowed::Private),
            ("https://0x7f000001/", NotAllowed::Private),
            ("https://2130706433/", NotAllowed::Private),
            ("https://0177.0.0.1/", NotAllowed::Private),
            ("https://127.1/", NotAllowed::Private),
            ("https://169.254.169.254/latest/", NotAllowed::Private),
            ("https://[::1]/", NotAllowed::Private),
            ("https://[::ffff:10.0.0.1]/", NotAllowed::Private),
            ("https://localhost/", NotAllowed::Private),
            ("https://LOCALHOST./", NotAllowed::Private),
            ("https://a.localhost/", NotAllowed::Private),
        ] {
            assert_eq!(strict.check(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn the_inside_is_allowed_by_the_setting_and_without_tls_only_to_try_it_out() {
        let (trying, serving) = (Outbound::new(true, true), Outbound::new(true, false));
        for inside in [
            "https://127.0.0.1/",
            "https://10.0.0.7/",
            "https://localhost/",
        ] {
            assert!(
                trying.check(inside).is_ok() && serving.check(inside).is_ok(),
                "{inside}"
            );
        }
        for plain in ["http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"] {
            assert!(trying.check(plain).is_ok(), "{plain}");
            assert_eq!(serving.check(plain), Err(NotAllowed::NotHttps), "{plain}");
        }
        for plain in ["http://10.0.0.7/", "http://chatbot.example.com/"] {
            assert_eq!(trying.check(plain), Err(NotAllowed::NotHttps), "{plain}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_inside_is_not_connected_to() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let strict = Outbound::new(false, true);
        let patience = Duration::from_secs(5);
        // Past the first check, as a name is that resolves to the inside.
        let called = strict.client(patience).unwrap();
        let error = called
            .get(format!("https://localhost:{port}/"))
            .send()
            .await;
        assert!(format!("{:?}", error.unwrap_err()).contains("Private"));
        let visitor = listener.accept().map_err(|error| error.kind());
        assert_eq!(visitor.unwrap_err(), std::io::ErrorKind::WouldBlock);
    }
}
