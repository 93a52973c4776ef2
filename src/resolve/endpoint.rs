//! `GET, POST /resolve`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::{Data, Payload},
};
use serde_json::json;

use super::{Refused, Resolved, Resolver, answer::Answer};
use crate::{
    event::milestone::Milestone,
    protocol::{ErrorCode, OAuthError, Parameters, ScopeSet, bearer},
    web::{
        body,
        json::{RETRY_AFTER, authorization, is_form},
        state::AppState,
    },
};

/// Answers whose account the token stands for.
#[tracing::instrument(name = "resolve.get", skip_all)]
pub async fn get(
    state: Data<AppState>,
    resolver: Data<Resolver>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    answer(&state, &resolver, &request, payload, |resolved| {
        HttpResponse::Ok().json(Answer::of(resolved))
    })
    .await
}

/// Shows what the request's token stands for, or refuses it (RFC 6750).
pub async fn answer(
    state: &AppState,
    resolver: &Resolver,
    request: &HttpRequest,
    payload: Payload,
    show: impl FnOnce(&Resolved) -> HttpResponse,
) -> HttpResponse {
    let now = state.clock.now();
    let token = match presented(request, payload).await {
        Ok(Some(token)) => token,
        Ok(None) => return challenge(None),
        Err(error) => return challenge(Some(&error)),
    };
    match resolver.resolve(&token, state, now).await {
        Ok(Ok(good)) => {
            let (client, milestone) = (&good.found.client_id, Milestone::TokenResolved);
            resolver.recorder.reached(client, milestone, request, now);
            show(&good)
        }
        Ok(Err(refused)) => challenge(Some(&refused.into())),
        Err(error) => challenge(Some(&error.into())),
    }
}

/// The token, which may come in one way only (RFC 6750 §2), and never in the URL (§2.3).
async fn presented(request: &HttpRequest, payload: Payload) -> Result<Option<String>, OAuthError> {
    let query = Parameters::parse(request.query_string().as_bytes())?;
    if query.contains("access_token") {
        return Err(OAuthError::invalid_request(
            "the access token must not come in the URL",
        ));
    }
    let in_header = bearer::token(&authorization(request))?.map(str::to_owned);
    if request.method() != Method::POST || !is_form(request) {
        return Ok(in_header);
    }
    let form = Parameters::parse(&body::read(payload, body::MAX_CALL_BYTES).await?)?;
    match (in_header, form.single("access_token")?) {
        (Some(_), Some(_)) => Err(OAuthError::invalid_request("the access token comes twice")),
        (in_header, in_form) => Ok(in_header.or_else(|| in_form.map(str::to_owned))),
    }
}

impl From<Refused> for OAuthError {
    fn from(refused: Refused) -> Self {
        // Why is for the link's history; a stranger learns nothing.
        let expired = refused == Refused::Expired;
        Self::invalid_token(if expired {
            "the access token has expired"
        } else {
            "the access token is not valid"
        })
    }
}

/// Refuses a bearer's request (RFC 6750 §3). Without an error: it brought no token.
pub fn challenge(error: Option<&OAuthError>) -> HttpResponse {
    challenge_needing(error, None)
}

/// As [`challenge`], naming the scopes that would be needed.
pub fn challenge_needing(error: Option<&OAuthError>, needed: Option<&ScopeSet>) -> HttpResponse {
    let Some(error) = error else {
        return HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, bearer::challenge(None, None)))
            .json(json!({ "error": ErrorCode::InvalidToken.as_str(), "error_description": "there is no access token" }));
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(cause) = error.cause() {
        tracing::warn!(
            error = error.code().as_str(),
            cause = format!("{cause:#}"),
            "a bearer's request was refused"
        );
    }
    if status.is_server_error() {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
    } else {
        response.insert_header((
            header::WWW_AUTHENTICATE,
            bearer::challenge(Some(error), needed),
        ));
    }
    response
        .json(json!({ "error": error.code().as_str(), "error_description": error.description() }))
}
