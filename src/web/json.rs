//! Answers to machines.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;
use tracing::{error, info};

use crate::protocol::{ErrorCode, OAuthError, client_auth};

/// How long to wait after a 429 or 503 that says nothing else; seconds.
pub const RETRY_AFTER: &str = "1";

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: &'static str,
}

/// The answer to a refused call of a platform (RFC 6749 §5.2). The one place where its cause is
/// logged.
pub fn oauth_error(refusal: &OAuthError) -> HttpResponse {
    let code = refusal.code().as_str();
    match refusal.cause() {
        Some(cause) if refusal.status() >= 500 => {
            error!(
                error = code,
                cause = format!("{cause:#}"),
                "a platform's request failed"
            );
        }
        Some(cause) => info!(
            error = code,
            cause = format!("{cause:#}"),
            "refused: {}",
            refusal.description()
        ),
        None => info!(error = code, "refused: {}", refusal.description()),
    }
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED && refusal.code() == ErrorCode::InvalidClient {
        response.insert_header((header::WWW_AUTHENTICATE, client_auth::CHALLENGE));
    }
    if let Some(seconds) = refusal.retry_seconds() {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.json(ErrorBody {
        error: code,
        error_description: refusal.description(),
    })
}

/// Logs why `what` was refused in words, with status 200: only there whoever runs the server sees it.
pub fn log_spoken(what: &str, refusal: Option<&OAuthError>) {
    let Some(refusal) = refusal else { return };
    let cause = refusal.cause().map(|cause| format!("{cause:#}"));
    info!(
        error = refusal.code().as_str(),
        cause,
        "{what} was refused: {}",
        refusal.description()
    );
}

/// All values of the `Authorization` header, as they came.
pub fn authorization(request: &HttpRequest) -> Vec<&[u8]> {
    request
        .headers()
        .get_all(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes)
        .collect()
}

/// Whether the body claims to be a form in UTF-8; nothing else is ever read as one.
pub fn is_form(request: &HttpRequest) -> bool {
    is_media_type(request, "application/x-www-form-urlencoded")
}

/// Whether the body claims to be JSON in UTF-8.
pub fn is_json(request: &HttpRequest) -> bool {
    is_media_type(request, "application/json")
}

fn is_media_type(request: &HttpRequest, expected: &str) -> bool {
    let mut values = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let Ok(value) = value.to_str() else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let named = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(expected));
    // A `charset` of another name would mean other bytes than the ones we read.
    let utf8 = |part: &str| match part.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => charset
            .trim()
            .trim_matches('"')
            .eq_ignore_ascii_case("utf-8"),
        _ => true,
    };
    named && parts.all(utf8)
}
