//! The RFCs' words, pure: text in, typed values or a refusal out; no clock, no network, no database.

pub mod error;
pub mod pkce;
pub mod scope;

pub use error::{ErrorCode, OAuthError};
pub use scope::{Scope, ScopeSet};
