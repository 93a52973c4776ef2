//! Which browser a request comes from: a random first-party cookie, kept through login, that flows
//! and forms are bound to.

use actix_web::{HttpRequest, cookie::Cookie};

use super::{cookies::CookieName, state::AppState};
use crate::foundation::secret::{BrowserKind, Plain};

/// The browser's mark, as its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserMark(pub [u8; 32]);

/// A browser, and the cookie to give it if it had none.
pub struct Browser {
    /// What flows and forms are bound to.
    pub mark: BrowserMark,
    /// To be set with the answer.
    pub cookie: Option<Cookie<'static>>,
}

impl Browser {
    /// The mark the browser already carries.
    pub fn known(request: &HttpRequest, state: &AppState) -> Option<BrowserMark> {
        let value = CookieName::Browser.read(request, &state.public_url)?;
        Plain::<BrowserKind>::parse(&value).map(|plain| mark(&plain))
    }

    /// The browser's mark, a new one if it has none yet.
    pub fn known_or_new(request: &HttpRequest, state: &AppState) -> Self {
        if let Some(mark) = Self::known(request, state) {
            return Self { mark, cookie: None };
        }
        let plain = Plain::<BrowserKind>::random(&*state.random);
        let cookie = CookieName::Browser.cookie(plain.expose().to_owned(), None, &state.public_url);
        Self {
            mark: mark(&plain),
            cookie: Some(cookie),
        }
    }
}

fn mark(plain: &Plain<BrowserKind>) -> BrowserMark {
    BrowserMark(*plain.hash().as_bytes())
}
