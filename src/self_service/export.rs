//! `/account/export`: everything that is kept of a person, to take along (GDPR article 20).

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use serde_json::{Value, json};

use super::{
    store,
    visit::{Visit, to_login},
};
use crate::{
    account::provider::connection::{Connection, store::list_connections},
    event::{
        self,
        attempt::{Reason, listing as attempts},
    },
    factor::{
        Owner,
        passkey::store::{ListedPasskey, list_passkeys},
        store::find_factors,
    },
    link::listing::{self, ListedLink},
    web::{i18n::Lang, page_error::PageError, state::AppState},
};

/// More rows of one kind than anybody has.
const ALL: i64 = 100_000;

/// `GET /account/export`
#[tracing::instrument(name = "account.export", skip_all)]
pub async fn get(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let body =
        serde_json::to_vec_pretty(&everything(&visit).await?).map_err(PageError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"account.json\"",
        ))
        .body(body))
}

async fn everything(visit: &Visit<'_>) -> Result<Value, PageError> {
    let (db, now, account) = (&visit.state.db, visit.now, &visit.account);
    let filter = listing::Filter {
        account: Some(account.id),
        ..listing::Filter::default()
    };
    let links = listing::store::list_links(db, &filter, ALL, 0).await?;
    let idle_since = now - visit.state.lifetimes.session_idle;
    let sessions = store::list_sessions(db, account.id, idle_since, now).await?;
    let connections = list_connections(db, account.id).await?;
    let history = event::store::list_events_of_account(db, account.id, ALL).await?;
    let factors = find_factors(db, Owner::Account(account.id)).await?;
    let passkeys = list_passkeys(db, Owner::Account(account.id)).await?;
    let filter = attempts::Filter {
        account: Some(account.id),
        ..attempts::Filter::default()
    };
    let attempts = attempts::store::list_attempts(db, &filter, (ALL, 0), now).await?;
    Ok(json!({
        "service": visit.state.branding.get().name,
        "exported_at": now,
        "account": {
            "account_id": account.id,
            "external_id": account.external_id,
            "email": account.email,
            "name": account.name,
            "locale": account.locale,
            "attributes": account.attributes,
            "created_at": account.created_at,
            "delete_at": account.delete_at,
        },
        "links": links.iter().map(link).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|session| json!({
            "began_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "browser": session.user_agent,
        })).collect::<Vec<_>>(),
        "second_factors": {
            "authenticator_app_since": factors.app_since,
            "passkeys": passkeys.iter().map(passkey).collect::<Vec<_>>(),
            "recovery_codes_left": factors.recovery_codes,
        },
        "connected_sign_ins": connections.iter().map(connected).collect::<Vec<_>>(),
        "attempts_to_link": attempts.iter().map(|attempt| json!({
            "support_code": attempt.code,
            "app": attempt.client_name,
            "began_at": attempt.began_at,
            "last_at": attempt.last_at,
            "outcome": attempt.outcome,
            "reason": attempt.reason.map(Reason::as_str),
        })).collect::<Vec<_>>(),
        "history": history.iter().map(|event| json!({
            "happened_at": event.happened_at,
            "kind": event.kind,
            "times": event.times,
            "detail": event.detail,
        })).collect::<Vec<_>>(),
    }))
}

fn link(link: &ListedLink) -> Value {
    json!({
        "link_id": link.link_id,
        "app": link.client_name,
        "state": link.state,
        "scopes": link.scopes,
        "approved_at": link.approved_at,
        "linked_at": link.linked_at,
        "last_used_at": link.last_used_at,
        "ended_at": link.ended_at,
        "end_reason": link.end_reason,
        "chat_platform": link.chat_platform,
        "chat_user": link.chat_user_id,
    })
}

fn passkey(passkey: &ListedPasskey) -> Value {
    json!({
        "name": passkey.name,
        "added_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    })
}

fn connected(connection: &Connection) -> Value {
    json!({
        "with": connection.provider_name(Lang::En),
        "email": connection.email,
        "connected_at": connection.connected_at,
        "last_used_at": connection.last_used_at,
    })
}
