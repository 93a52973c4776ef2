//! Who is logged in: a row per login, found by the hash of what the cookie carries.

use actix_web::{HttpRequest, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

pub use super::store::SessionRecord;
use super::{
    Account,
    entry::{Entrant, Proof, store::insert_session_by_passkey},
    provider::connection::store as connections,
    store,
};
use crate::{
    foundation::secret::{Hashed, Plain, SessionKind},
    web::{cookies::CookieName, state::AppState, user_agent},
};

/// A session's last use is written at most this often.
const BETWEEN_TOUCHES: TimeDelta = TimeDelta::minutes(1);

/// The enabled account whose live session the request carries.
pub async fn signed_in(
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Account>> {
    let Some(hash) = presented(request, state) else {
        return Ok(None);
    };
    let found = store::find_sessions(&state.db, &[hash]).await?;
    of_record(found.into_iter().next(), state, now).await
}

/// The enabled account of a session, if it is live.
pub async fn of_record(
    session: Option<SessionRecord>,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Account>> {
    let Some(session) = session else {
        return Ok(None);
    };
    let idle = now - session.last_seen_at;
    if now >= session.expires_at
        || idle >= state.lifetimes.session_idle
        || session.account.disabled_at.is_some()
    {
        return Ok(None);
    }
    if idle >= BETWEEN_TOUCHES {
        store::touch_session(&state.db, &session.hash, now).await?;
    }
    Ok(Some(session.account))
}

/// Begins a session under a new id; the one the browser had before ends, so that nobody can plant one.
/// `None` where the proof stopped being one meanwhile. Who logs in comes here by [`Entrant::enter`].
pub async fn begin(
    request: &HttpRequest,
    state: &AppState,
    entrant: &Entrant,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Cookie<'static>>> {
    let plain = Plain::<SessionKind>::random(&*state.random);
    let expires_at = now + state.lifetimes.session;
    let lives = (now, expires_at);
    let user_agent = user_agent::presented(request);
    let (db, hash) = (&state.db, plain.hash());
    let stored = match &entrant.proof {
        Proof::Connection { id } => {
            let by = (entrant.id, *id);
            connections::insert_session(db, &hash, by, &user_agent, lives).await?
        }
        Proof::Passkey { id } => {
            let by = (entrant.id, *id);
            insert_session_by_passkey(db, &hash, by, &user_agent, lives).await?
        }
        Proof::Password { .. } | Proof::NewPassword { .. } => {
            store::insert_session(db, &hash, entrant, &user_agent, lives).await?
        }
    };
    if !stored {
        return Ok(None);
    }
    if let Some(old) = presented(request, state) {
        store::delete_session(&state.db, &old).await?;
    }
    Ok(Some(CookieName::Session.cookie(
        plain.expose().to_owned(),
        Some(state.lifetimes.session),
        &state.public_url,
    )))
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

/// What the request's session is found by, if it has the shape of one.
pub fn presented(request: &HttpRequest, state: &AppState) -> Option<Hashed<SessionKind>> {
    let value = CookieName::Session.read(request, &state.public_url)?;
    Plain::<SessionKind>::parse(&value).map(|plain| plain.hash())
}
