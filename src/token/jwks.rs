//! `GET /oauth/jwks` (RFC 7517): what verifies our JWTs.

use actix_web::{HttpResponse, http::header, web::Data};
use serde_json::json;

use crate::{foundation::keys::Key, web::state::AppState};

/// Short enough that a copy made by a node that has not heard of a new key, which takes 30 s at most,
/// is gone when the key is first used, 60 s after it was made.
const CACHE: &str = "public, max-age=30";

/// Shows the public halves of all keys that sign or signed, also of those not used yet.
#[tracing::instrument(name = "jwks.get", skip_all)]
pub async fn get(state: Data<AppState>) -> HttpResponse {
    let ring = state.keys.ring();
    let keys: Vec<_> = ring
        .iter()
        .filter_map(|key| Key::signing(key))
        .map(|signing| &signing.jwk)
        .collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .json(json!({ "keys": keys }))
}
