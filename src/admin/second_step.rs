//! `/admin/login/factor`: asks an admin who gave the right password for the second factor. Until that is
//! given there is no session.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Payload},
};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    login::{self, next},
    session::SignedIn,
    store,
};
use crate::{
    account::knock,
    event::{Event, EventKind, Recorder},
    factor::{
        Owner,
        code::Typed,
        passkey::{self, Answer, COPIED, Question},
        store::find_factors,
        ticket::{FirstProof, Ticket},
    },
    mail::StepChange,
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

const PATH: &str = "/admin/login/factor";

#[derive(Debug, Template)]
#[template(path = "admin/second_step.html")]
struct SecondStepPage {
    ticket: String,
    next: String,
    /// Whether the admin has an app.
    has_app: bool,
    /// What a browser is asked where the admin has passkeys.
    passkey: Option<Question>,
    passkey_failed: bool,
    wrong: bool,
    /// Minutes to wait, where too many codes were tried.
    too_many: Option<u32>,
    csrf: String,
}

/// The page's address for who gave the right password.
pub async fn address(
    signed_in: &SignedIn,
    next: &str,
    browser: &Browser,
    state: &AppState,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let (owner, first) = (Owner::Admin(signed_in.id), signed_in.first_proof());
    let ticket = Ticket::issue(owner, first, browser.mark, state, now).await?;
    Ok(page::with_query(
        PATH,
        &[("ticket", &ticket), ("next", next)],
    ))
}

/// `GET /admin/login/factor?ticket=…`
#[tracing::instrument(name = "admin.second_step.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let sealed = page::query_value(&request, "ticket").unwrap_or_default();
    let next = next(page::query_value(&request, "next").as_deref());
    let browser = Browser::known(&request, &state);
    let Some(ticket) = Ticket::open(&sealed, browser, &state, now).await? else {
        return Ok(from_the_start(&next));
    };
    let carried = (sealed.as_str(), next);
    draw(carried, &ticket, None, (&request, &state, now)).await
}

/// Why there is no session yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepError {
    Wrong,
    Passkey,
    TooMany { seconds: u32 },
}

/// `POST /admin/login/factor`
#[tracing::instrument(name = "admin.second_step.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    let sealed = form.text("ticket");
    let next = next(form.parameters.get("next"));
    let ticket = Ticket::open(sealed, Some(form.browser), &state, now).await?;
    let signed_in = match &ticket {
        Some(ticket) => of_ticket(ticket, &state).await?,
        None => None,
    };
    let (Some(ticket), Some(signed_in)) = (ticket, signed_in) else {
        return Ok(from_the_start(&next));
    };
    let device = knock::device(Door::Console, signed_in.id.0, &request, &state, now).await?;
    let by_passkey = form.ticked("challenge");
    let typed = if by_passkey {
        let answer = Answer {
            credential: form.text("credential"),
            challenge: form.text("challenge"),
        };
        ticket
            .try_passkey(answer, form.browser, &state, now)
            .await?
    } else {
        let code = form.text("code");
        ticket.try_code(code, device, &state, now).await?
    };
    note(typed, &signed_in, &recorder, now);
    let error = match typed {
        Typed::App | Typed::Recovery | Typed::Passkey => {
            let entered = login::admit(&signed_in, &next, &recorder, (&request, &state, now));
            return Ok(entered.await?.unwrap_or_else(|| from_the_start(&next)));
        }
        Typed::Over => return Ok(from_the_start(&next)),
        Typed::Copied | Typed::Wrong if by_passkey => StepError::Passkey,
        Typed::Copied | Typed::Wrong => StepError::Wrong,
        Typed::TooMany { seconds } => StepError::TooMany { seconds },
    };
    let about = (&request, &**state, now);
    draw((sealed, next), &ticket, Some(error), about).await
}

/// Notes what is more than a sign-in.
fn note(typed: Typed, admin: &SignedIn, recorder: &Recorder, now: DateTime<Utc>) {
    let detail = match typed {
        Typed::Recovery => StepChange::CodeUsed.detail(),
        Typed::Copied => COPIED,
        _ => return,
    };
    let event = Event::new(EventKind::FactorChanged, now).admin(admin.id);
    recorder.record(event.detail(detail));
}

/// Who has given the second proof, too; `None` where the password is another one by now.
async fn of_ticket(ticket: &Ticket, state: &AppState) -> sqlx::Result<Option<SignedIn>> {
    let (Owner::Admin(id), FirstProof::Password(proven)) = (ticket.owner, &ticket.first) else {
        return Ok(None);
    };
    let hash = store::find_password_hash(&state.db, id).await?;
    let hash = hash.filter(|hash| proven.is_of(hash));
    Ok(hash.map(|password_hash| SignedIn { id, password_hash }))
}

/// Back to the first step, which says why.
fn from_the_start(next: &str) -> HttpResponse {
    see_other(&page::with_query(
        "/admin/login",
        &[("again", "1"), ("next", next)],
    ))
}

async fn draw(
    (sealed, next): (&str, String),
    ticket: &Ticket,
    error: Option<StepError>,
    (request, state, now): (&HttpRequest, &AppState, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let browser = Browser::known_or_new(request, state);
    let factors = find_factors(&state.db, ticket.owner).await?;
    let seconds = match error {
        Some(StepError::TooMany { seconds }) => Some(seconds),
        _ => None,
    };
    let page = SecondStepPage {
        ticket: sealed.to_owned(),
        next,
        has_app: factors.app_since.is_some(),
        passkey: passkey::ask(ticket.question(), browser.mark, state, now).await?,
        passkey_failed: error == Some(StepError::Passkey),
        wrong: error == Some(StepError::Wrong),
        too_many: seconds.map(|seconds| seconds.div_ceil(60)),
        csrf: csrf::token(browser.mark, BoundTo::Browser, request, state, now),
    };
    let mut response = page::html(&page, &[], request, state)?;
    if error.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    if let Some(seconds) = seconds {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let seconds = header::HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page::with_cookie(response, browser.cookie)
}
