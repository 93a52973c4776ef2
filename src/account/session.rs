//! Who is logged in: a row per login, found by the hash of what the cookie carries.

use actix_web::{HttpRequest, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use super::{Account, store};
use crate::{
    foundation::{
        ids::AccountId,
        secret::{Hashed, Plain, SessionKind},
    },
    web::{cookies::CookieName, state::AppState},
};

/// A session's last use is written at most this often.
const BETWEEN_TOUCHES: TimeDelta = TimeDelta::minutes(1);

/// The account whose session the request carries.
pub async fn signed_in(
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Account>> {
    let Some(hash) = presented(request, state) else {
        return Ok(None);
    };
    let seen_after = now - state.lifetimes.session_idle;
    let Some((account, last_seen_at)) =
        store::find_session(&state.db, &hash, now, seen_after).await?
    else {
        return Ok(None);
    };
    if now - last_seen_at >= BETWEEN_TOUCHES {
        store::touch_session(&state.db, &hash, now).await?;
    }
    Ok(Some(account))
}

/// Begins a session under a new id; the one the browser had before ends, so that nobody can plant one.
pub async fn begin(
    request: &HttpRequest,
    state: &AppState,
    account: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<Cookie<'static>> {
    let plain = Plain::<SessionKind>::random(&*state.random);
    store::insert_session(
        &state.db,
        &plain.hash(),
        account,
        now,
        now + state.lifetimes.session,
    )
    .await?;
    if let Some(old) = presented(request, state) {
        store::delete_session(&state.db, &old).await?;
    }
    Ok(CookieName::Session.cookie(
        plain.expose().to_owned(),
        Some(state.lifetimes.session),
        &state.public_url,
    ))
}

/// Ends the request's session; gives the cookie that removes the browser's.
pub async fn end(
    db: impl PgExecutor<'_>,
    request: &HttpRequest,
    state: &AppState,
) -> sqlx::Result<Cookie<'static>> {
    if let Some(hash) = presented(request, state) {
        store::delete_session(db, &hash).await?;
    }
    Ok(CookieName::Session.removal(&state.public_url))
}

fn presented(request: &HttpRequest, state: &AppState) -> Option<Hashed<SessionKind>> {
    let value = CookieName::Session.read(request, &state.public_url)?;
    Plain::<SessionKind>::parse(&value).map(|plain| plain.hash())
}
