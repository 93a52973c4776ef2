//! `/account/email`: another e-mail address. It is asked for with the password, and changes once the code
//! that is mailed there is typed. Whether an address has an account shows nowhere: what is stored, mailed
//! and answered is the same, and where another account has it, no code is right.

pub mod code;
pub mod pages;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Payload},
};

use self::pages::{EmailMistake, EmailPage};
use super::{
    confirmation::Confirmation,
    pages::Tab,
    visit::{Visit, to_login},
};
use crate::{
    account::{
        email_key, is_email,
        mailed_code::{Asked, Asking, Purpose, Ticket},
        password::Hasher,
    },
    mail::{self, Mailer},
    web::{form::PostedForm, page, page_error::PageError, state::AppState},
};

const PATH: &str = "/account/email";

/// What the page shows of what was typed.
#[derive(Clone, Copy)]
struct Filled<'a> {
    email: &'a str,
    mistake: Option<EmailMistake>,
}

/// `GET /account/email`, with a `ticket` where another code is wanted.
#[tracing::instrument(name = "account.email", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    if !state.ways_in.recovery {
        return Ok(page::see_other("/account/you"));
    }
    let asked_before = match page::query_value(&request, "ticket") {
        Some(sealed) => open(&sealed, &visit).await?,
        None => None,
    };
    let filled = Filled {
        email: asked_before.as_ref().map_or("", |ticket| &ticket.email),
        mistake: None,
    };
    let confirmation = Confirmation::of(&visit).await?;
    draw(visit, confirmation, filled)
}

/// `POST /account/email`
#[tracing::instrument(name = "account.ask_email", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    if !state.ways_in.recovery {
        return Ok(page::see_other("/account/you"));
    }
    let email = form.text("email");
    let confirmation = Confirmation::of(&visit).await?;
    let refused = |mistake| Filled {
        email,
        mistake: Some(mistake),
    };
    // Looked at first: a code of an app counts only once.
    if !is_email(email) || !mail::is_deliverable(email) {
        return draw(visit, confirmation, refused(EmailMistake::Wrong));
    }
    if email_key(email) == email_key(&visit.account.email) {
        return draw(visit, confirmation, refused(EmailMistake::Own));
    }
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if confirmation.refused.is_some() {
        let filled = Filled {
            email,
            mistake: None,
        };
        return draw(visit, confirmation, filled);
    }
    let (ticket, sent) = match ask(email, &form, &visit).await? {
        Asked::Sent(ticket) => (ticket, None),
        Asked::JustSent(ticket) => (ticket, Some(("sent", "before"))),
        Asked::TooMany { seconds } => {
            let mistake = EmailMistake::TooMany { seconds };
            return draw(visit, confirmation, refused(mistake));
        }
    };
    mailer.wake();
    let ticket = ticket.seal(&state, visit.now);
    let ticket = ticket.map_err(PageError::internal)?;
    let query: Vec<_> = std::iter::once(("ticket", ticket.as_str()))
        .chain(sent)
        .collect();
    Ok(page::see_other(&page::with_query(code::PATH, &query)))
}

async fn ask(email: &str, form: &PostedForm, visit: &Visit<'_>) -> sqlx::Result<Asked> {
    let asking = Asking {
        purpose: Purpose::EmailChange,
        email,
        browser: form.browser,
        caller: visit.state.limits.caller(visit.request),
        device: None,
        account: Some(visit.account.id),
        language: &visit.account.locale,
        service: None,
    };
    asking.ask(visit.state, visit.now).await
}

/// The ticket of an address that an account is to have.
async fn open(sealed: &str, visit: &Visit<'_>) -> sqlx::Result<Option<Ticket>> {
    Ticket::open(sealed, &[Purpose::EmailChange], visit.state, visit.now).await
}

fn draw(
    visit: Visit<'_>,
    confirmation: Confirmation,
    filled: Filled<'_>,
) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let page = EmailPage {
        around: visit.around(Tab::You, &frame),
        confirmation,
        current: visit.account.email.clone(),
        email: filled.email.to_owned(),
        mistake: filled.mistake,
        again: page::query_value(visit.request, "again").is_some(),
        frame,
    };
    let mut response = visit.draw(&page)?;
    match filled.mistake {
        Some(EmailMistake::TooMany { seconds }) => {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            let seconds = header::HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        Some(_) => *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY,
        None => confirmation.tell(&mut response),
    }
    Ok(response)
}
