//! A password at the door: looked at only as often as the limits allow, and answered so that nobody
//! learns who has an account, or that one is locked.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    email_key,
    password::{Hasher, Verdict},
};
use crate::{
    event::attempt::Reason,
    web::{
        cookies::CookieName,
        device::{self, DeviceId},
        limits::login::{self, Admission, Door, Visitor},
        page_error::PageError,
        state::AppState,
    },
};

/// A try to log in.
pub struct Knock<'a> {
    /// Where.
    pub door: Door,
    /// The e-mail address, as it was typed.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// Whose address it is, and the stored hash, where somebody has it.
    pub known: Option<(Uuid, Option<String>)>,
}

/// The password is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Set where the stored hash was weaker than today's: to be stored instead.
    pub rehashed: Option<String>,
}

/// The visitor does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Unknown, disabled, locked or mistaken: all look alike, and take one hash's time. Which it was is
    /// for the history alone.
    Wrong(Reason),
    /// The address failed too often.
    TooMany {
        /// How long it has to wait.
        seconds: u32,
    },
}

impl Refused {
    /// Why, for the history: the visitor is not told.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Wrong(reason) => reason,
            Self::TooMany { .. } => Reason::TooMany,
        }
    }

    /// Gives an answer the status, and the time to wait.
    pub fn tell(self, response: &mut HttpResponse) {
        *response.status_mut() = match self {
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        };
        if let Self::TooMany { seconds } = self {
            let seconds = header::HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
    }
}

/// Whether the caller has to wait, if that is known before anything was asked of the database.
pub fn has_to_wait(
    door: Door,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Option<Refused> {
    if device::is_claimed(cookie(door), request, state) {
        return None;
    }
    let seconds = login::known_to_wait(door, state.limits.caller(request), state, now)?;
    Some(Refused::TooMany { seconds })
}

/// The same for a login that names nobody, such as a passkey's: there it is all that is asked before.
pub async fn nameless_has_to_wait(
    door: Door,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Refused>> {
    if device::is_claimed(cookie(door), request, state) {
        return Ok(None);
    }
    let seconds = login::waits(door, state.limits.caller(request), state, now).await?;
    Ok(seconds.map(|seconds| Refused::TooMany { seconds }))
}

/// Counts a login that named nobody and did not lead in, for the caller's address.
pub async fn nameless_failed(
    door: Door,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    login::nameless_failed(door, state.limits.caller(request), state, now).await
}

impl Knock<'_> {
    /// Looks at the password, if it may be looked at.
    pub async fn answer(
        self,
        request: &HttpRequest,
        state: &AppState,
        hasher: &Hasher,
        now: DateTime<Utc>,
    ) -> Result<Result<Right, Refused>, PageError> {
        let (id, stored) = self
            .known
            .map_or((None, None), |(id, stored)| (Some(id), stored));
        let device = match id {
            Some(id) => device(self.door, id, request, state, now).await?,
            None => None,
        };
        let visitor = Visitor {
            door: self.door,
            caller: state.limits.caller(request),
            email_key: &email_key(self.email),
            device,
        };
        let attempt = login::begin(visitor, state, now).await?;
        let reason = match (id, &stored, &attempt.admission) {
            (None, ..) => Reason::UnknownEmail,
            (Some(_), None, _) => Reason::LoginClosed,
            (.., Admission::Closed) => Reason::LoginLocked,
            _ => Reason::WrongPassword,
        };
        let stored = match attempt.admission {
            Admission::Open => stored,
            // One hash's time all the same.
            Admission::Closed => None,
            Admission::TooMany { seconds } => return Ok(Err(Refused::TooMany { seconds })),
        };
        if let Verdict::Right { rehashed } = hasher.verify(self.password.into(), stored).await? {
            attempt.succeeded(state).await?;
            return Ok(Ok(Right { rehashed }));
        }
        attempt.failed(state, now).await?;
        Ok(Err(Refused::Wrong(reason)))
    }
}

/// The cookie by which the device is known from now on.
pub async fn remember_device(
    door: Door,
    owner: Uuid,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Cookie<'static>> {
    device::remember(cookie(door), owner, request, state, now).await
}

/// The device, if it logged in to that account before.
pub async fn device(
    door: Door,
    owner: Uuid,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DeviceId>> {
    device::known(cookie(door), owner, request, state, now).await
}

fn cookie(door: Door) -> CookieName {
    match door {
        Door::People => CookieName::Device,
        Door::Console => CookieName::AdminDevice,
    }
}
