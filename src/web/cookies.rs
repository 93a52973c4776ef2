//! Cookies: over https with the `__Host-` prefix, on loopback http under the plain name.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
};
use chrono::TimeDelta;

use super::state::PublicUrl;

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieName {
    /// A person's session.
    Session,
    /// An admin's session.
    AdminSession,
    /// The random value that ties flows and forms to one browser.
    Browser,
    /// Which accounts logged in on this device before; see [`super::device`].
    Device,
    /// The same for the console.
    AdminDevice,
    /// A sign-in with a provider that is nobody's here yet.
    Pending,
    /// The language somebody chose; not a secret.
    Language,
}

impl CookieName {
    fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-sid",
            (Self::Session, false) => "sid",
            (Self::AdminSession, true) => "__Host-adm",
            (Self::AdminSession, false) => "adm",
            (Self::Browser, true) => "__Host-txn",
            (Self::Browser, false) => "txn",
            (Self::Device, true) => "__Host-dev",
            (Self::Device, false) => "dev",
            (Self::AdminDevice, true) => "__Host-admdev",
            (Self::AdminDevice, false) => "admdev",
            (Self::Pending, true) => "__Host-with",
            (Self::Pending, false) => "with",
            (Self::Language, true) => "__Host-lang",
            (Self::Language, false) => "lang",
        }
    }

    /// What the browser sent. Two of the same name count as none: one of them is not ours.
    pub fn read(self, request: &HttpRequest, url: &PublicUrl) -> Option<String> {
        // Byte by byte: another site of the same domain may have set what is no text at all.
        let name = self.name(url.is_https()).as_bytes();
        let headers = request.headers().get_all(header::COOKIE);
        let mut same = headers
            .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| pair.trim_ascii().strip_prefix(name)?.strip_prefix(b"="));
        match (same.next(), same.next()) {
            (Some(value), None) => str::from_utf8(value).ok().map(str::to_owned),
            _ => None,
        }
    }

    /// A cookie to set. `None` for a lifetime means: until the browser closes.
    pub fn cookie(
        self,
        value: String,
        lifetime: Option<TimeDelta>,
        url: &PublicUrl,
    ) -> Cookie<'static> {
        // Lax for people, because the assistant's app opens our pages from its own site.
        let same_site = if matches!(self, Self::AdminSession | Self::AdminDevice) {
            SameSite::Strict
        } else {
            SameSite::Lax
        };
        let mut cookie = Cookie::build(self.name(url.is_https()), value)
            .path("/")
            .http_only(true)
            .secure(url.is_https())
            .same_site(same_site)
            .finish();
        if let Some(lifetime) = lifetime {
            cookie.set_max_age(Duration::seconds(lifetime.num_seconds()));
        }
        cookie
    }

    /// A cookie that removes this one.
    pub fn removal(self, url: &PublicUrl) -> Cookie<'static> {
        self.cookie(String::new(), Some(TimeDelta::zero()), url)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};

    use super::*;

    fn read(cookies: &[&[u8]]) -> Option<String> {
        let mut request = TestRequest::default();
        for cookie in cookies {
            let value = HeaderValue::from_bytes(cookie).unwrap();
            request = request.append_header((header::COOKIE, value));
        }
        let url = PublicUrl::new(&"https://link.example.com".parse().unwrap());
        CookieName::Session.read(&request.to_http_request(), &url)
    }

    #[test]
    fn a_cookie_is_read_whatever_other_sites_of_the_domain_set_beside_it() {
        let ours = Some("lg_se_x".to_owned());
        assert_eq!(read(&[b"__Host-sid=lg_se_x"]), ours);
        assert_eq!(
            read(&[b"name=\xb1\xe8; a=%B1; b; =c;__Host-sid=lg_se_x ; d=1"]),
            ours
        );
        assert_eq!(read(&[b"a=1", b"__Host-sid=lg_se_x"]), ours);
        assert_eq!(read(&[b"sid=lg_se_x; __Host-sid2=y; __host-sid=z"]), None);
    }

    #[test]
    fn two_cookies_of_one_name_count_as_none() {
        assert_eq!(read(&[b"__Host-sid=a; __Host-sid=b"]), None);
        assert_eq!(read(&[b"__Host-sid=a", b"__Host-sid=a"]), None);
    }
}
