//! `POST /oauth/token` (RFC 6749 §3.2).

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    TokenPair,
    call::ClientCall,
    grants::{self, authorization_code, refresh_token},
    history,
    lookup::Lookup,
};
use crate::{
    client::authenticator::Authenticator,
    event::{Recorder, milestone::Milestone},
    foundation::ids::ClientId,
    link::changes::Changes,
    protocol::OAuthError,
    web::{json, state::AppState},
};

/// Parameters that may come once (RFC 6749 §3.2), and never in the URL, where they end up in logs.
const KNOWN: [&str; 10] = [
    "grant_type",
    "code",
    "redirect_uri",
    "client_id",
    "client_secret",
    "client_assertion_type",
    "client_assertion",
    "code_verifier",
    "refresh_token",
    "scope",
];

/// Exchanges a code or a refresh token for tokens.
#[tracing::instrument(name = "token.post", skip_all)]
pub async fn post(
    state: Data<AppState>,
    authenticator: Data<Authenticator>,
    (lookup, changes, recorder): (Data<Lookup>, Data<Changes>, Data<Recorder>),
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let now = state.clock.now();
    match exchange(
        &state,
        (&authenticator, &lookup, &changes, &recorder),
        &request,
        payload,
        now,
    )
    .await
    {
        Ok(pair) => HttpResponse::Ok().json(pair),
        Err(refusal) => json::oauth_error(&refusal),
    }
}

async fn exchange(
    state: &AppState,
    (authenticator, lookup, changes, recorder): (&Authenticator, &Lookup, &Changes, &Recorder),
    request: &HttpRequest,
    payload: Payload,
    now: DateTime<Utc>,
) -> Result<TokenPair, OAuthError> {
    let call = ClientCall::read(request, payload, &KNOWN)
        .await
        .inspect_err(|refusal| history::record_invalid(recorder, refusal, now))?;
    let asked = grants::Asked {
        state,
        lookup,
        changes,
        authenticator,
        recorder,
        parameters: &call.parameters,
        presented: &call.presented,
        now,
    };
    let invalid = |refusal: OAuthError| {
        history::record_invalid(recorder, &refusal, now);
        Err(refusal)
    };
    let (outcome, milestone) = match call.parameters.get("grant_type") {
        Some("authorization_code") => (
            authorization_code::redeem(asked).await,
            Milestone::CodeRedeemed,
        ),
        Some("refresh_token") => (
            refresh_token::refresh(asked).await,
            Milestone::TokensRefreshed,
        ),
        Some(_) => {
            return invalid(OAuthError::unsupported_grant_type(
                "the grant_type must be authorization_code or refresh_token",
            ));
        }
        None => return invalid(OAuthError::invalid_request("grant_type is missing")),
    };
    if outcome.is_ok()
        && let Some(client) = call.presented.client_id()
    {
        recorder.reached(&ClientId(client.to_owned()), milestone, request, now);
    }
    call.counted(outcome, request, state, now).await
}
