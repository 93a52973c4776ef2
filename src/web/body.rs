//! Reading a request's body: bounded in size and time, whatever the client does.

use std::time::Duration;

use actix_web::web::{Bytes, Payload};

use crate::protocol::OAuthError;

/// The most bytes of a token request or another call of a machine.
pub const MAX_CALL_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// More bytes than the limit.
    #[error("the request body is too large")]
    TooLarge,
    /// It did not arrive in time.
    #[error("the request body came too slowly")]
    Late,
    /// It broke off, or is not framed as HTTP demands.
    #[error("the request body broke off")]
    Broken,
}

/// The whole body, if it has at most `limit` bytes and arrives in time.
pub async fn read(payload: Payload, limit: usize) -> Result<Bytes, Unread> {
    match tokio::time::timeout(PATIENCE, payload.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Err(_too_large)) => Err(Unread::TooLarge),
        Ok(Ok(Err(_))) => Err(Unread::Broken),
        Err(_) => Err(Unread::Late),
    }
}

impl From<Unread> for OAuthError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => {
                Self::invalid_request("the request body is too large").with_status(413)
            }
            Unread::Late => {
                Self::invalid_request("the request body came too slowly").with_status(408)
            }
            Unread::Broken => Self::invalid_request("the request body broke off"),
        }
    }
}
