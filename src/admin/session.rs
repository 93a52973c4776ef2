//! Which admin a request comes from: a row per sign-in, found by the hash of what the cookie carries.

mod store;

use actix_web::{HttpRequest, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};

use super::Admin;
use crate::{
    factor::ticket::{Fingerprint, FirstProof},
    foundation::{
        ids::AdminId,
        secret::{AdminSessionKind, Hashed, Plain},
    },
    web::{cookies::CookieName, state::AppState},
};

/// A session nobody uses ends after this long.
pub const IDLE: TimeDelta = TimeDelta::minutes(15);
/// Every session ends after this long.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(8);

/// A session's last use is written at most this often.
const BETWEEN_TOUCHES: TimeDelta = TimeDelta::minutes(1);

/// An admin who is signed in.
#[derive(Debug)]
pub struct Seated {
    /// Who.
    pub admin: Admin,
    /// Whether they have to get a second factor before anything else.
    pub must_enrol: bool,
}

/// The enabled admin whose session the request carries.
pub async fn signed_in(
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Seated>> {
    let Some(hash) = presented(request, state) else {
        return Ok(None);
    };
    let found = store::find_session(&state.db, &hash, now, now - IDLE).await?;
    let Some(found) = found else {
        return Ok(None);
    };
    if now - found.last_seen_at >= BETWEEN_TOUCHES {
        store::touch_session(&state.db, &hash, now).await?;
    }
    Ok(Some(Seated {
        admin: found.admin,
        must_enrol: state.admin_factor_required && !found.has_factor,
    }))
}

/// An admin whose password was right a moment ago.
#[derive(Debug)]
pub struct SignedIn {
    /// Whose it is.
    pub id: AdminId,
    /// The hash it was checked against, as it is stored now.
    pub password_hash: String,
}

impl SignedIn {
    /// As a ticket remembers it.
    pub fn first_proof(&self) -> FirstProof {
        FirstProof::Password(Fingerprint::of(&self.password_hash))
    }
}

/// Begins a session under a new id; the one the browser had before ends, so that nobody can plant
/// one. Its cookie lives until the browser closes. `None` where the password stopped being right
/// while it was checked.
pub async fn begin(
    request: &HttpRequest,
    state: &AppState,
    admin: &SignedIn,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Cookie<'static>>> {
    let plain = Plain::<AdminSessionKind>::random(&*state.random);
    if !store::insert_session(&state.db, &plain.hash(), admin, now, now + ABSOLUTE).await? {
        return Ok(None);
    }
    if let Some(old) = presented(request, state) {
        store::delete_session(&state.db, &old).await?;
    }
    let value = plain.expose().to_owned();
    let cookie = CookieName::AdminSession.cookie(value, None, &state.public_url);
    Ok(Some(cookie))
}

/// Ends the request's session; gives the cookie that removes the browser's.
pub async fn end(request: &HttpRequest, state: &AppState) -> sqlx::Result<Cookie<'static>> {
    if let Some(hash) = presented(request, state) {
        store::delete_session(&state.db, &hash).await?;
    }
    Ok(CookieName::AdminSession.removal(&state.public_url))
}

fn presented(request: &HttpRequest, state: &AppState) -> Option<Hashed<AdminSessionKind>> {
    let value = CookieName::AdminSession.read(request, &state.public_url)?;
    Plain::<AdminSessionKind>::parse(&value).map(|plain| plain.hash())
}
