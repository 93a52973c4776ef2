//! The errors a platform may see: one code of an RFC and one sentence written for the integrator.
//!
//! Causes (SQL, JWT, I/O) travel as `source` and are logged once, where the response is built.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// An error code of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1 or RFC 9101 §7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// Client authentication failed, or the client is unknown or disabled.
    InvalidClient,
    /// The code or refresh token is unknown, spent, expired, or another client's.
    InvalidGrant,
    /// This client may not use this grant or response type.
    UnauthorizedClient,
    /// The token endpoint does not know the `grant_type`.
    UnsupportedGrantType,
    /// The scope is malformed, unknown, or wider than allowed.
    InvalidScope,
    /// The person said no.
    AccessDenied,
    /// Only `response_type=code` is spoken here.
    UnsupportedResponseType,
    /// A fault of this server that a retry will not cure.
    ServerError,
    /// A fault or overload of this server that passes.
    TemporarilyUnavailable,
    /// The access token is unknown, expired, or its link has ended.
    InvalidToken,
    /// The access token lacks a scope.
    InsufficientScope,
    /// The revocation endpoint can't revoke this type of token.
    UnsupportedTokenType,
    /// Request objects (`request`) are not supported.
    RequestNotSupported,
    /// Request objects by reference (`request_uri`) are not supported, and never fetched.
    RequestUriNotSupported,
}

impl ErrorCode {
    /// The value of `error` on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
        }
    }

    /// The HTTP status of a response (not a redirect) that carries this code.
    pub const fn status(self) -> u16 {
        match self {
            // 401 also when the credentials came in the body: then a client that tries Basic next
            // is told how (RFC 6749 §5.2, RFC 9110 §15.5.2).
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            // Never `invalid_grant`: a platform that reads that forgets the link for good.
            Self::TemporarilyUnavailable => 503,
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::AccessDenied
            | Self::UnsupportedResponseType
            | Self::UnsupportedTokenType
            | Self::RequestNotSupported
            | Self::RequestUriNotSupported => 400,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a platform is told when it is refused; serializes as RFC 6749 §5.2's JSON object.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    code: ErrorCode,
    description: &'static str,
    status: u16,
    retry_after: Option<u32>,
    #[source]
    source: Option<anyhow::Error>,
}

macro_rules! constructors {
    ($($name:ident => $code:ident),* $(,)?) => {
        $(
            #[doc = concat!("`", stringify!($name), "` with a sentence for the integrator.")]
            pub const fn $name(description: &'static str) -> Self {
                Self::new(ErrorCode::$code, description)
            }
        )*
    };
}

impl OAuthError {
    /// An error of any code; a description outside RFC 6749's characters is left out.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        debug_assert!(
            is_permitted(description),
            "RFC 6749 §5.2 forbids this description"
        );
        let description = if is_permitted(description) {
            description
        } else {
            ""
        };
        Self {
            code,
            description,
            status: code.status(),
            retry_after: None,
            source: None,
        }
    }

    constructors! {
        invalid_request => InvalidRequest,
        invalid_client => InvalidClient,
        invalid_grant => InvalidGrant,
        unauthorized_client => UnauthorizedClient,
        unsupported_grant_type => UnsupportedGrantType,
        invalid_scope => InvalidScope,
        access_denied => AccessDenied,
        unsupported_response_type => UnsupportedResponseType,
        temporarily_unavailable => TemporarilyUnavailable,
        invalid_token => InvalidToken,
        insufficient_scope => InsufficientScope,
        unsupported_token_type => UnsupportedTokenType,
        request_not_supported => RequestNotSupported,
        request_uri_not_supported => RequestUriNotSupported,
    }

    /// `server_error`: the platform learns no more, the log gets the cause.
    pub fn server_error(source: impl Into<anyhow::Error>) -> Self {
        Self::new(
            ErrorCode::ServerError,
            "the server met an unexpected condition",
        )
        .caused_by(source)
    }

    /// Adds the cause, which goes to the log and never to the platform.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// With another status than the code's own, where HTTP has a more telling one.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Says when to come again; seconds.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// When to come again, where that is known; seconds.
    pub const fn retry_seconds(&self) -> Option<u32> {
        self.retry_after
    }

    /// The RFC's code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for the integrator, safe in JSON, in a redirect and in a header.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The cause, for the log only.
    pub const fn cause(&self) -> Option<&anyhow::Error> {
        self.source.as_ref()
    }

    /// Takes the cause out.
    pub fn into_cause(self) -> Option<anyhow::Error> {
        self.source
    }

    /// The HTTP status of a response (not a redirect) with this error.
    pub const fn status(&self) -> u16 {
        self.status
    }
}

impl Serialize for OAuthError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_struct("OAuthError", 2)?;
        body.serialize_field("error", self.code.as_str())?;
        if self.description.is_empty() {
            body.skip_field("error_description")?;
        } else {
            body.serialize_field("error_description", self.description)?;
        }
        body.end()
    }
}

impl From<sqlx::Error> for OAuthError {
    fn from(error: sqlx::Error) -> Self {
        if passes_by_itself(&error) {
            return Self::temporarily_unavailable("the server is busy or restarting, try again")
                .caused_by(error);
        }
        if is_unstorable_text(&error) {
            return Self::invalid_request(
                "the request contains a character that can not be stored",
            )
            .caused_by(error);
        }
        Self::server_error(error)
    }
}

impl From<anyhow::Error> for OAuthError {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<sqlx::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::server_error(error),
        }
    }
}

/// Whether the same request may succeed a moment later: the database is away, full or failing over.
fn passes_by_itself(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|state| passing_sqlstate(&state)),
        _ => false,
    }
}

/// PostgreSQL's SQLSTATE classes for connection loss (08), rollback by conflict (40), exhausted
/// resources (53), operator intervention and timeouts (57), system errors (58), a lock not had in
/// time (55P03), a standby that was asked to write (25006), a transaction that took too long (25P03,
/// 25P04), and a server that lets nobody in while its passwords (28) or databases (3D) are changed.
fn passing_sqlstate(state: &str) -> bool {
    [
        "08", "28", "3D", "40", "53", "57", "58", "55P03", "25006", "25P03", "25P04",
    ]
    .iter()
    .any(|class| state.starts_with(class))
}

/// PostgreSQL's text holds no NUL (22021), nor does its JSON (22P05): what brings one is the
/// caller's fault, wherever it slipped in.
fn is_unstorable_text(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|state| state == "22021" || state == "22P05"),
        _ => false,
    }
}

/// RFC 6749 §5.2: `%x20-21 / %x23-5B / %x5D-7E`, so no quote, backslash, control or non-ASCII.
const fn is_permitted(description: &str) -> bool {
    let mut rest = description.as_bytes();
    while let [first, tail @ ..] = rest {
        if !matches!(first, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E) {
            return false;
        }
        rest = tail;
    }
    true
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
