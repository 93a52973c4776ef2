//! Proof that a form was posted from a page of ours: a token bound to the browser (and to the
//! session, where there is one), and the browser's own word on where the request comes from.

use actix_web::{HttpRequest, http::header};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{
    browser::{Browser, BrowserMark},
    cookies::CookieName,
    page_error::PageError,
    state::AppState,
};
use crate::foundation::{keys::KeyKind, seal};

/// What a form's token is bound to, beside the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundTo {
    /// Nothing more: pages before a login, and consent, whose flow and account are sealed anyway.
    Browser,
    /// The person's session.
    Session,
    /// The admin's session.
    AdminSession,
}

/// Why a post is refused. Which check failed is for the log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// The browser says the request comes from another site.
    #[error("the request comes from another origin")]
    Origin,
    /// The token is missing, or another browser's or session's.
    #[error("the form's token is missing or not this browser's")]
    Token,
}

/// The token for a form of this browser.
pub fn token(
    mark: BrowserMark,
    bound_to: BoundTo,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> String {
    let key = state.keys.current(KeyKind::Csrf, now);
    let tag = key.mac(&[&mark.0, &binding(bound_to, request, state)]);
    format!("{}.{}", key.id, seal::to_text(&tag))
}

/// Checks a post's origin and token: [`PageError::Forged`] where they are not ours.
pub async fn check(
    presented: Option<&str>,
    bound_to: BoundTo,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<BrowserMark, PageError> {
    check_origin(request, state)?;
    let mark = Browser::known(request, state).ok_or(Forged::Token)?;
    let (id, tag) = presented
        .and_then(|token| token.split_once('.'))
        .ok_or(Forged::Token)?;
    let id = id.parse().map_err(|_| Forged::Token)?;
    let tag = seal::from_text(tag).ok_or(Forged::Token)?;
    let key = state.keys.find(KeyKind::Csrf, id, now).await?;
    let key = key.ok_or(Forged::Token)?;
    let genuine = key.verifies(&[&mark.0, &binding(bound_to, request, state)], &tag);
    if genuine {
        Ok(mark)
    } else {
        Err(Forged::Token.into())
    }
}

/// Browsers that say nothing of the origin (old web views) are left to the token. `Origin: null` is
/// what our own pages' posts carry, because they send no referrer (Fetch §3.2); it is believed only
/// beside the browser's word that the request is of the same origin.
fn check_origin(request: &HttpRequest, state: &AppState) -> Result<(), Forged> {
    let said = |name: &str| {
        let value = request.headers().get(name);
        value.map(|value| value.to_str().unwrap_or("?"))
    };
    let site = said("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(Forged::Origin);
    }
    let ours = state.public_url.issuer();
    if let Some(origin) = said(header::ORIGIN.as_str()) {
        let same = origin == ours || (origin == "null" && site == Some("same-origin"));
        return if same { Ok(()) } else { Err(Forged::Origin) };
    }
    let foreign = |referer: &str| {
        let rest = referer.strip_prefix(ours);
        rest.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
    };
    if said(header::REFERER.as_str()).is_some_and(foreign) {
        return Err(Forged::Origin);
    }
    Ok(())
}

fn binding(bound_to: BoundTo, request: &HttpRequest, state: &AppState) -> [u8; 32] {
    let (name, cookie) = match bound_to {
        BoundTo::Browser => ("browser", None),
        BoundTo::Session => (
            "session",
            CookieName::Session.read(request, &state.public_url),
        ),
        BoundTo::AdminSession => (
            "admin",
            CookieName::AdminSession.read(request, &state.public_url),
        ),
    };
    let mut hash = Sha256::new_with_prefix(name);
    hash.update([0]);
    hash.update(cookie.unwrap_or_default());
    hash.finalize().into()
}
