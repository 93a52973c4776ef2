//! `GET /.well-known/oauth-authorization-server` (RFC 8414): what is true of this server.

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{
    client::{assertion, registration::BUILT_IN_SCOPES},
    web::state::AppState,
};

/// How clients may authenticate; a public one at all endpoints but introspection.
const METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];

/// Says what this server does, and nothing it doesn't.
#[tracing::instrument(name = "metadata.get", skip_all)]
pub async fn get(state: Data<AppState>) -> HttpResponse {
    let url = &state.public_url;
    HttpResponse::Ok().json(json!({
        "issuer": url.issuer(),
        "authorization_endpoint": url.join("/oauth/authorize"),
        "token_endpoint": url.join("/oauth/token"),
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": assertion::ALGORITHMS,
        "revocation_endpoint": url.join("/oauth/revoke"),
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": assertion::ALGORITHMS,
        "introspection_endpoint": url.join("/oauth/introspect"),
        "introspection_endpoint_auth_methods_supported": METHODS.split_last().map(|(_, known)| known),
        "introspection_endpoint_auth_signing_alg_values_supported": assertion::ALGORITHMS,
        "userinfo_endpoint": url.join("/oauth/userinfo"),
        "jwks_uri": url.join("/oauth/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": BUILT_IN_SCOPES,
        "ui_locales_supported": ["ko", "en", "ja"],
        "authorization_response_iss_parameter_supported": true,
        // OpenID Connect Discovery §3 takes their absence for a yes.
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    }))
}
