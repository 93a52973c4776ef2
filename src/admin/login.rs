//! `/admin/login` and `/admin/logout`.
//!
//! The session's cookie is `SameSite=Strict`: a link into the console from elsewhere arrives without
//! it, even for an admin who is signed in. The sign-in page then offers a link to where they wanted
//! to go; following that comes from our own site, so it carries the cookie.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    guard::{Oneself, Posted},
    second_step,
    session::{self, SignedIn},
    store,
};
use crate::{
    account::{
        MAX_EMAIL_LENGTH,
        knock::{self, Knock, Refused},
        password::Hasher,
    },
    event::{Event, EventKind, Recorder, attempt::Reason},
    factor::{Owner, store::has_any},
    web::{
        body,
        browser::Browser,
        csrf::{self, BoundTo},
        form::{MAX_FORM_BYTES, PostedForm},
        limits::login::Door,
        page::{self, see_other},
        page_error::PageError,
        state::AppState,
    },
};

/// Where a sign-in leads that interrupted nothing.
pub const HOME: &str = "/admin";
const MAX_NEXT: usize = 2000;

#[derive(Debug, Template)]
#[template(path = "admin/login.html")]
struct LoginPage {
    email: String,
    mismatch: bool,
    /// Seconds to wait, where too many sign-ins failed.
    too_many: Option<u32>,
    /// Why the page is shown, where that isn't plain.
    said: Option<Said>,
    /// Where it leads on to.
    next: String,
    /// Whether the browser came from another site, so that its cookie may have stayed behind.
    from_elsewhere: bool,
    csrf: String,
}

/// Why an admin is at the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// They signed out.
    SignedOut,
    /// The second step took too long, or too many tries.
    Again,
}

/// The sign-in page's address that leads back to what was asked for.
pub fn address(request: &HttpRequest) -> String {
    let asked = request
        .uri()
        .path_and_query()
        .map_or(HOME, |asked| asked.as_str());
    match inside_console(asked) {
        Some(next) if next != HOME => page::with_query("/admin/login", &[("next", next)]),
        _ => "/admin/login".to_owned(),
    }
}

/// `GET /admin/login`
#[tracing::instrument(name = "admin.login.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let next = next(page::query_value(&request, "next").as_deref());
    if session::signed_in(&request, &state, now).await?.is_some() {
        return Ok(see_other(&next));
    }
    let from_elsewhere = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site" || site == "same-site");
    let asked = |name| page::query_value(&request, name).is_some();
    let said = match (asked("signed_out"), asked("again")) {
        (true, _) => Some(Said::SignedOut),
        (_, true) => Some(Said::Again),
        _ => None,
    };
    let page = LoginPage {
        email: String::new(),
        mismatch: false,
        too_many: None,
        said,
        next,
        from_elsewhere,
        csrf: String::new(),
    };
    draw(page, &request, &state, now)
}

/// `POST /admin/login`
#[tracing::instrument(name = "admin.login.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    hasher: Data<Hasher>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    let next = next(form.parameters.get("next"));
    let email = form.text("email");
    let password = form.parameters.get("password").unwrap_or_default();
    let attempt = Attempt { email, password };
    let entered = attempt.enter(&next, (&hasher, &recorder), (&request, &state, now));
    match entered.await? {
        Ok(entered) => Ok(entered),
        Err(refused) => refuse(refused, email, next, (&request, &state, now)),
    }
}

/// Lets an admin in who has proven enough. `None` where the password stopped being right meanwhile.
pub(super) async fn admit(
    admin: &SignedIn,
    next: &str,
    recorder: &Recorder,
    (request, state, now): (&HttpRequest, &AppState, DateTime<Utc>),
) -> Result<Option<HttpResponse>, PageError> {
    let Some(cookie) = session::begin(request, state, admin, now).await? else {
        return Ok(None);
    };
    let device = knock::remember_device(Door::Console, admin.id.0, request, state, now).await?;
    recorder.record(Event::new(EventKind::LoggedIn, now).admin(admin.id));
    let response = page::with_cookie(see_other(next), Some(cookie))?;
    page::with_cookie(response, Some(device)).map(Some)
}

/// The form again, with what the visitor may know.
fn refuse(
    refused: Refused,
    email: &str,
    next: String,
    (request, state, now): (&HttpRequest, &AppState, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let too_many = match refused {
        Refused::Wrong(_) => None,
        Refused::TooMany { seconds } => Some(seconds),
    };
    let page = LoginPage {
        email: email.to_owned(),
        mismatch: too_many.is_none(),
        too_many,
        said: None,
        next,
        from_elsewhere: false,
        csrf: String::new(),
    };
    let mut response = draw(page, request, state, now)?;
    refused.tell(&mut response);
    Ok(response)
}

/// `POST /admin/logout`
#[tracing::instrument(name = "admin.logout", skip_all)]
pub async fn log_out(posted: Posted<Oneself>) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let cookie = session::end(&console.request, &console.state).await?;
    page::with_cookie(see_other("/admin/login?signed_out=1"), Some(cookie))
}

/// What somebody typed.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) email: &'a str,
    pub(super) password: &'a str,
}

impl Attempt<'_> {
    /// Lets the admin in if the password is right, and still is when the session is stored; who has a
    /// second factor is asked for that before.
    async fn enter(
        self,
        next: &str,
        (hasher, recorder): (&Hasher, &Recorder),
        (request, state, now): (&HttpRequest, &AppState, DateTime<Utc>),
    ) -> Result<Result<HttpResponse, Refused>, PageError> {
        if let Some(refused) = knock::has_to_wait(Door::Console, request, state, now) {
            return Ok(Err(refused));
        }
        // Another sign-in may have put a stronger hash of the same password in its place meanwhile.
        for _ in 0..2 {
            let checked = self.check_password(request, state, hasher, now).await?;
            let signed_in = match checked {
                Ok(signed_in) => signed_in,
                Err(refused) => return Ok(Err(refused)),
            };
            if has_any(&state.db, Owner::Admin(signed_in.id)).await? {
                let browser = Browser::known_or_new(request, state);
                let asked = second_step::address(&signed_in, next, &browser, state, now).await?;
                return page::with_cookie(see_other(&asked), browser.cookie).map(Ok);
            }
            let about = (request, state, now);
            if let Some(entered) = admit(&signed_in, next, recorder, about).await? {
                return Ok(Ok(entered));
            }
        }
        Ok(Err(Refused::Wrong(Reason::WrongPassword)))
    }

    /// Whose password it is.
    pub(super) async fn check_password(
        self,
        request: &HttpRequest,
        state: &AppState,
        hasher: &Hasher,
        now: DateTime<Utc>,
    ) -> Result<Result<SignedIn, Refused>, PageError> {
        let Self { email, password } = self;
        // PostgreSQL can't hold NUL, so no admin has it; an overlong address is nobody's either.
        let plausible = email.len() <= MAX_EMAIL_LENGTH && !email.contains('\0');
        let known = if plausible {
            store::find_login(&state.db, email).await?
        } else {
            None
        };
        let knock = Knock {
            door: Door::Console,
            email,
            password,
            known: known.clone().map(|(id, stored)| (id.0, stored)),
        };
        let right = match knock.answer(request, state, hasher, now).await? {
            Ok(right) => right,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some((id, Some(stored))) = known else {
            return Ok(Err(Refused::Wrong(Reason::WrongPassword)));
        };
        let password_hash = match right.rehashed {
            Some(hash) => {
                store::upgrade_password_hash(&state.db, id, &stored, &hash).await?;
                hash
            }
            None => stored,
        };
        Ok(Ok(SignedIn { id, password_hash }))
    }
}

fn draw(
    mut page: LoginPage,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    let browser = Browser::known_or_new(request, state);
    page.csrf = csrf::token(browser.mark, BoundTo::Browser, request, state, now);
    page::with_cookie(page::html(&page, &[], request, state)?, browser.cookie)
}

/// Where a sign-in leads that was to lead there.
pub(super) fn next(asked: Option<&str>) -> String {
    asked.and_then(inside_console).unwrap_or(HOME).to_owned()
}

/// The address itself, if it is plainly one of the console's pages that a sign-in can lead to.
fn inside_console(address: &str) -> Option<&str> {
    let path = address.split('?').next()?;
    let rest = path.strip_prefix(HOME)?;
    let lower = address.to_ascii_lowercase();
    let plain = address.len() <= MAX_NEXT
        && address.chars().all(|c| c.is_ascii_graphic() && c != '\\')
        && !["//", "..", "%2e", "%2f", "%5c"]
            .iter()
            .any(|odd| lower.contains(odd));
    let leads_on = !rest.starts_with("/login") && rest != "/logout";
    (plain && leads_on && (rest.is_empty() || rest.starts_with('/'))).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_only_to_pages_of_the_console() {
        for inside in [
            "/admin",
            "/admin/links?state=active&page=2",
            "/admin?done=x",
            "/admin/accounts/1/edit",
        ] {
            assert_eq!(next(Some(inside)), inside);
        }
        for outside in [
            "//evil.test",
            "/\\evil.test",
            "https://evil.test/admin",
            "https:evil",
            "/%09/evil",
            "@evil",
            "/",
            "/account",
            "/administrator",
            "/admin@evil.test",
            "/admin.evil.test",
            "/admin/../logout",
            "/admin/%2e%2e/logout",
            "/admin//evil.test",
            "/admin/\r\nSet-Cookie:x",
            "/admin/login",
            "/admin/logout",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(next(Some(outside)), HOME, "{outside}");
        }
    }
}
