//! The RFCs' words, pure: text in, typed values or a refusal out; no clock, no network, no database.

pub mod bearer;
pub mod client_assertion;
pub mod client_auth;
pub mod error;
pub mod https_url;
pub mod parameters;
pub mod pkce;
pub mod redirect_uri;
pub mod scope;

pub use error::{ErrorCode, OAuthError};
pub use https_url::is_https_url;
pub use parameters::Parameters;
pub use redirect_uri::RedirectUri;
pub use scope::{Scope, ScopeSet};
