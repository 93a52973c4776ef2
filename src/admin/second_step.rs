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
    if Ticket::open(&sealed, browser, &state, now).await?.is_none() {
        return Ok(from_the_start(&next));
    }
    draw((&sealed, next), (false, None), &request, (&state, now))
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
    let typed = ticket
        .try_code(form.text("code"), device, &state, now)
        .await?;
    let wrong = match typed {
        Typed::App | Typed::Recovery => {
            if typed == Typed::Recovery {
                let used = Event::new(EventKind::FactorChanged, now).admin(signed_in.id);
                recorder.record(used.detail(StepChange::CodeUsed.detail()));
            }
            let entered = login::admit(&signed_in, &next, &recorder, (&request, &state, now));
            return Ok(entered.await?.unwrap_or_else(|| from_the_start(&next)));
        }
        Typed::Over => return Ok(from_the_start(&next)),
        Typed::Passkey | Typed::Copied | Typed::Wrong => (true, None),
        Typed::TooMany { seconds } => (false, Some(seconds)),
    };
    draw((sealed, next), wrong, &request, (&state, now))
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

fn draw(
    (ticket, next): (&str, String),
    (wrong, seconds): (bool, Option<u32>),
    request: &HttpRequest,
    (state, now): (&AppState, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let browser = Browser::known_or_new(request, state);
    let page = SecondStepPage {
        ticket: ticket.to_owned(),
        next,
        wrong,
        too_many: seconds.map(|seconds| seconds.div_ceil(60)),
        csrf: csrf::token(browser.mark, BoundTo::Browser, request, state, now),
    };
    let mut response = page::html(&page, &[], request, state)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    if let Some(seconds) = seconds {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let seconds = header::HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page::with_cookie(response, browser.cookie)
}
