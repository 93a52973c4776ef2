//! From a platform's authorization request to the redirect back to it (RFC 6749 §4.1.1, §4.1.2).

pub mod consent;
pub mod lookup;
pub mod metadata;
pub mod pages;
pub mod request;
pub mod return_to;
pub mod start;
pub mod unproven;

use self::return_to::ReturnTo;
use crate::{protocol::OAuthError, web::page_error::PageError};

/// Why a request does not go on: before its redirect URI is proven the person gets a page, after it
/// the platform gets a redirect.
#[derive(Debug)]
pub enum Refusal {
    /// A page.
    Page(PageError),
    /// A redirect.
    Redirect(ReturnTo, OAuthError),
}

impl<E: Into<PageError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Page(error.into())
    }
}
