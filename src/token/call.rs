//! A call of a platform to one of the endpoints where clients authenticate: a form, read strictly.

use actix_web::{HttpRequest, web::Payload};
use chrono::{DateTime, Utc};

use crate::{
    protocol::{
        ErrorCode, OAuthError, Parameters,
        client_auth::{self, Presented},
    },
    web::{body, json, limits, state::AppState},
};

/// What came with the call.
pub struct ClientCall {
    /// The form.
    pub parameters: Parameters,
    /// What the client showed; not verified yet.
    pub presented: Presented,
}

impl ClientCall {
    /// Reads the call. `known` are the parameters that may come once (RFC 6749 §3.2), and never in
    /// the URL, where they end up in logs.
    pub async fn read(
        request: &HttpRequest,
        payload: Payload,
        known: &[&str],
    ) -> Result<Self, OAuthError> {
        if !json::is_form(request) {
            return Err(OAuthError::invalid_request(
                "the body must be application/x-www-form-urlencoded in UTF-8",
            ));
        }
        let query = Parameters::parse(request.query_string().as_bytes())?;
        if known.iter().any(|name| query.contains(name)) {
            return Err(OAuthError::invalid_request(
                "parameters belong in the body, not in the URL",
            ));
        }
        let parameters = Parameters::parse(&body::read(payload, body::MAX_CALL_BYTES).await?)?;
        if parameters.first_duplicate(known).is_some() {
            return Err(OAuthError::invalid_request("a parameter is repeated"));
        }
        let presented = client_auth::presented(&json::authorization(request), &parameters)?;
        Ok(Self {
            parameters,
            presented,
        })
    }

    /// Passes an outcome on; one that is `invalid_client` counts against whom the call named and the
    /// address it came from. After too many of them it is a 429.
    pub async fn counted<T>(
        &self,
        outcome: Result<T, OAuthError>,
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<T, OAuthError> {
        let refusal = match outcome {
            Err(refusal) if refusal.code() == ErrorCode::InvalidClient => refusal,
            other => return other,
        };
        let Some(client_id) = self.presented.client_id() else {
            return Err(refusal);
        };
        let caller = state.limits.caller(request);
        match limits::client::count_failure(client_id, caller, state, now).await {
            Some(seconds) => Err(too_often(seconds)),
            None => Err(refusal),
        }
    }
}

/// Still `invalid_client`, so that a platform knows what to look for.
fn too_often(seconds: u32) -> OAuthError {
    OAuthError::invalid_client("client authentication failed too often; wait before the next try")
        .with_status(429)
        .retry_after(seconds)
}

/// The client that calls, as it names itself.
pub fn named_client(presented: &Presented) -> Result<&str, OAuthError> {
    presented.client_id().ok_or(OAuthError::invalid_client(
        "the client did not authenticate",
    ))
}
