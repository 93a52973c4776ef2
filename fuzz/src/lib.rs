//! What must hold for every parser of bytes that come from outside, whatever the bytes are. Each module
//! is one fuzz target; its `hold` panics where its rule is broken.
//!
//! `tests/api` takes this file in as a module and replays the corpora with it, so it uses nothing that
//! the main crate does not depend on.

pub mod authorization_header;
pub mod authorization_request;
pub mod cek_request;
pub mod client_assertion;
pub mod cookies;
mod fixtures;
pub mod forwarded;
pub mod jwt;
pub mod public_keys;
pub mod redirect_uri;
pub mod sealed;
pub mod token_form;
pub mod tokens;

/// A fuzz target: its name, which is its corpus's folder, and its rule.
pub type Target = (&'static str, fn(&[u8]));

/// Every fuzz target.
pub const TARGETS: [Target; 12] = [
    ("authorization_header", authorization_header::hold),
    ("authorization_request", authorization_request::hold),
    ("cek_request", cek_request::hold),
    ("client_assertion", client_assertion::hold),
    ("cookies", cookies::hold),
    ("forwarded", forwarded::hold),
    ("jwt", jwt::hold),
    ("public_keys", public_keys::hold),
    ("redirect_uri", redirect_uri::hold),
    ("sealed", sealed::hold),
    ("token_form", token_form::hold),
    ("tokens", tokens::hold),
];
