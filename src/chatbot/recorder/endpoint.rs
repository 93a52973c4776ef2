//! `ANY /record/{client_id}` and everything below it.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{answer, arrived::Arrived, store};
use crate::{
    event::{Recorder, milestone::Milestone},
    foundation::ids::ClientId,
    protocol::OAuthError,
    web::{json::oauth_error, state::AppState},
};

/// Keeps the call while an admin has the client's calls recorded. Else there is nothing here, as for
/// a client that doesn't exist, and nothing of the call is read.
#[tracing::instrument(name = "recorder.record", skip_all)]
pub async fn record(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let now = state.clock.now();
    if let Some(seconds) = state.limits.count_recorded(&request, &state, now).await {
        return too_many(seconds);
    }
    let Some((client, rest)) = address(&request).await else {
        return nothing();
    };
    match keep(&client, &rest, &state, (&request, payload), now).await {
        Ok(Some(answer)) => {
            recorder.reached(&client, Milestone::CallRecorded, &request, now);
            answer
        }
        Ok(None) => nothing(),
        Err(error) => oauth_error(&error),
    }
}

async fn keep(
    client: &ClientId,
    rest: &str,
    state: &AppState,
    (request, payload): (&HttpRequest, Payload),
    now: DateTime<Utc>,
) -> Result<Option<HttpResponse>, OAuthError> {
    let recording = store::find_recording(&state.db, client, now).await?;
    if recording.is_none() {
        return Ok(None);
    }
    let arrived = Arrived::read(request, rest, payload).await?;
    let mut secrets = arrived.secrets();
    secrets.verify(client, state, now).await?;
    let answer = answer::to(rest, arrived.json());
    let from = state.limits.caller(request).neighbourhood();
    let call = arrived.without(&secrets, from.to_string());
    let kept = store::keep_call(&state.db, client, &call, now).await?;
    Ok(kept.then_some(answer))
}

/// The client, and what follows it in the path.
async fn address(request: &HttpRequest) -> Option<(ClientId, String)> {
    let Ok(path) = Path::<(String, String)>::extract(request).await else {
        let path = Path::<String>::extract(request).await.ok()?;
        return Some((client(path.into_inner())?, String::new()));
    };
    let (id, rest) = path.into_inner();
    Some((client(id)?, format!("/{rest}")))
}

fn client(id: String) -> Option<ClientId> {
    let printable = id.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then_some(ClientId(id))
}

fn too_many(seconds: u32) -> HttpResponse {
    let error = OAuthError::temporarily_unavailable("this address records too many calls");
    oauth_error(&error.with_status(429).retry_after(seconds))
}

fn nothing() -> HttpResponse {
    HttpResponse::NotFound().json(json!({
        "error": "not_found",
        "error_description": "nothing is recorded here",
    }))
}
