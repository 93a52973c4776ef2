//! The headers every answer carries, errors included.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use super::{json::RETRY_AFTER, state::AppState};

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    ),
];

/// Nothing loads, nothing frames: what holds for every answer that is not a page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The policy of a page; `form_targets` are further origins its forms may lead to. Chromium applies
/// `form-action` to the redirect after the post as well, so a consent page must name the client's.
pub fn page_policy(form_targets: &[&str]) -> String {
    let mut targets = String::from("'self'");
    for target in form_targets {
        targets.push(' ');
        targets.push_str(target);
    }
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; \
         connect-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'; \
         object-src 'none'"
    )
}

/// Adds what an answer does not say itself.
pub async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let https = request
        .app_data::<Data<AppState>>()
        .is_some_and(|state| state.public_url.is_https());
    let mut response = next.call(request).await?;
    let overloaded = matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let headers = response.headers_mut();
    if overloaded {
        add_missing(headers, header::RETRY_AFTER, RETRY_AFTER);
    }
    for (name, value) in FIXED {
        add_missing(headers, name, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        add_missing(headers, header::CACHE_CONTROL, "no-store");
        // RFC 6749 §5.1; on a file that may be cached, a cache would obey it.
        add_missing(headers, header::PRAGMA, "no-cache");
    }
    add_missing(headers, header::CONTENT_SECURITY_POLICY, NOTHING);
    if https {
        add_missing(
            headers,
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    Ok(response)
}

fn add_missing(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
