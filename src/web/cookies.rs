//! Cookies: over https with the `__Host-` prefix, on loopback http under the plain name.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
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
            (Self::Language, true) => "__Host-lang",
            (Self::Language, false) => "lang",
        }
    }

    /// What the browser sent. Two of the same name count as none: one of them is not ours.
    pub fn read(self, request: &HttpRequest, url: &PublicUrl) -> Option<String> {
        let name = self.name(url.is_https());
        let cookies = request.cookies().ok()?;
        let mut same = cookies.iter().filter(|cookie| cookie.name() == name);
        match (same.next(), same.next()) {
            (Some(cookie), None) => Some(cookie.value().to_owned()),
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
        let same_site = if self == Self::AdminSession {
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
