//! `POST /chatbot/{client_id}/confirm`: whether a chat user is connected, and nothing more.
//!
//! Anybody may ask. One read answers, and an address that asks after too many who aren't connected waits:
//! nobody finds out by trying who is.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::lookup::Questions;
use crate::{
    event::{Recorder, milestone::Milestone},
    foundation::ids::ClientId,
    link::{
        chat_user::{ChatUser, store::Question},
        usage::Usage,
    },
    protocol::OAuthError,
    web::{body, json::oauth_error, state::AppState},
};

/// Answers whether the chat user is connected.
#[tracing::instrument(name = "connect.confirm", skip_all)]
pub async fn post(
    state: Data<AppState>,
    (questions, usage, recorder): (Data<Questions>, Data<Usage>, Data<Recorder>),
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let now = state.clock.now();
    if let Some(seconds) = state.limits.confirm_waits(&request, now) {
        let error = OAuthError::temporarily_unavailable(
            "this address asks after too many chat users who are not connected",
        );
        return oauth_error(&error.with_status(429).retry_after(seconds));
    }
    let client = client_of(&request).await;
    let valid = match answer((&questions, &usage), client.as_ref(), payload, now).await {
        Ok(valid) => valid,
        Err(error) => return oauth_error(&error),
    };
    if valid != Some(true) {
        state.limits.count_unconfirmed(&request, &state, now).await;
    }
    if let (Some(client), Some(_)) = (&client, valid) {
        recorder.reached(client, Milestone::ConfirmAsked, &request, now);
    }
    match valid {
        Some(valid) => HttpResponse::Ok().json(json!({ "valid": valid })),
        None => nothing(),
    }
}

/// `None` where there is no such client, or none that connects chat users.
async fn answer(
    (questions, usage): (&Questions, &Usage),
    client: Option<&ClientId>,
    payload: Payload,
    now: DateTime<Utc>,
) -> Result<Option<bool>, OAuthError> {
    let body = body::read(payload, body::MAX_CALL_BYTES).await?;
    let user = chat_user(&body)?;
    let Some(client) = client else {
        return Ok(None);
    };
    let question = Question {
        client: client.clone(),
        user,
        at: now,
    };
    let asked = questions.find(question).await?;
    let Some(asked) = asked.filter(|asked| asked.connects) else {
        return Ok(None);
    };
    if let Some(link) = asked.link_id.filter(|_| asked.valid) {
        usage.note(link, asked.last_used_at, now);
    }
    Ok(Some(asked.valid))
}

async fn client_of(request: &HttpRequest) -> Option<ClientId> {
    let client = Path::<String>::extract(request).await.ok()?.into_inner();
    let printable = client.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then_some(ClientId(client))
}

/// Read as JSON whatever it claims to be: the builder's documents print a media type that is none.
fn chat_user(body: &[u8]) -> Result<ChatUser, OAuthError> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        OAuthError::invalid_request("the body is not valid JSON").caused_by(error)
    })?;
    let text = |name: &str, missing| {
        let value = body.get(name).and_then(Value::as_str);
        value.ok_or_else(|| OAuthError::invalid_request(missing))
    };
    let user = ChatUser::named(
        text("userId", "userId is missing or no string")?,
        text("platform", "platform is missing or no string")?,
        text("domainCode", "domainCode is missing or no string")?,
    );
    user.map_err(|wrong| OAuthError::invalid_request(wrong.description()))
}

fn nothing() -> HttpResponse {
    HttpResponse::NotFound().json(json!({
        "error": "not_found",
        "error_description": "there is no such client, or it connects no chat users",
    }))
}
