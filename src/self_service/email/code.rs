//! `/account/email/code`: the code that was mailed to the new address, and the change it brings.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};

use super::{
    Filled, open,
    pages::{EmailCodePage, EmailMistake},
};
use crate::{
    account::{
        email_change, email_key,
        mailed_code::{self, Ticket, Typed},
        session,
        store::{Taken, lock_account, update_account},
        verify::CodeError,
    },
    event::{self, Event, EventKind},
    mail::Mailer,
    self_service::{
        confirmation::Confirmation,
        pages::Tab,
        visit::{Visit, to_login},
    },
    web::{
        browser::BrowserMark, frame::LanguageLink, page, page_error::PageError, state::AppState,
    },
};

pub(super) const PATH: &str = "/account/email/code";
const DONE: &str = "/account/you?moved=1";

/// `GET /account/email/code?ticket=…`
#[tracing::instrument(name = "account.email_code", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let sealed = page::query_value(&request, "ticket").unwrap_or_default();
    match open(&sealed, &visit).await? {
        Some(ticket) => draw(visit, (&ticket, &sealed), None),
        None => Ok(page::see_other(super::PATH)),
    }
}

/// `POST /account/email/code`
#[tracing::instrument(name = "account.change_email", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let sealed = form.text("ticket");
    let Some(ticket) = open(sealed, &visit).await? else {
        return Ok(page::see_other(super::PATH));
    };
    if email_key(&ticket.email) == email_key(&visit.account.email) {
        // A double tap: it is done.
        return Ok(page::see_other(DONE));
    }
    let typed = ticket
        .try_code(form.text("code"), form.browser, &state, visit.now)
        .await?;
    let error = match typed {
        Typed::Right => match change(&visit, &ticket, form.browser).await? {
            Changed::Now => {
                mailer.wake();
                return Ok(page::see_other(DONE));
            }
            Changed::Taken => {
                // Its owner proved to be just that, so they may know.
                let confirmation = Confirmation::of(&visit).await?;
                let filled = Filled {
                    email: &ticket.email,
                    mistake: Some(EmailMistake::Taken),
                };
                return super::draw(visit, confirmation, filled);
            }
            Changed::Not => CodeError::Over,
        },
        Typed::Wrong => CodeError::Wrong,
        Typed::Over => CodeError::Over,
    };
    draw(visit, (&ticket, sealed), Some(error))
}

/// What became of a change.
enum Changed {
    /// It is done.
    Now,
    /// Another account has got the address meanwhile.
    Taken,
    /// The code was used up, or is another account's.
    Not,
}

/// Uses up the code, and changes the address it was mailed to into the account's: both or nothing.
async fn change(
    visit: &Visit<'_>,
    ticket: &Ticket,
    browser: BrowserMark,
) -> Result<Changed, PageError> {
    let (state, now, id) = (visit.state, visit.now, visit.account.id);
    let mut transaction = state.db.begin().await?;
    let proven = mailed_code::store::use_up(&mut *transaction, ticket, browser, now).await?;
    if proven.and_then(|proven| proven.account_id) != Some(id) {
        return Ok(Changed::Not);
    }
    let before = lock_account(&mut transaction, id).await?;
    let Some(before) = before.filter(|account| account.disabled_at.is_none()) else {
        return Ok(Changed::Not);
    };
    let mut after = before.clone();
    after.email.clone_from(&ticket.email);
    match update_account(&mut *transaction, &after, now).await {
        Ok(()) => {}
        Err(error) if Taken::from_error(&error).is_some() => return Ok(Changed::Taken),
        Err(error) => return Err(error.into()),
    }
    let here = session::presented(visit.request, state);
    email_change::follow(&mut transaction, &before, &after, here.as_ref(), now).await?;
    let from_to = [&before.email, &after.email].map(|email| email_change::masked(email));
    let event = Event::new(EventKind::EmailChanged, now).account(id);
    let event = event.detail(from_to.join(" → "));
    event::store::insert_events(&mut *transaction, &[event]).await?;
    transaction.commit().await?;
    Ok(Changed::Now)
}

fn draw(
    visit: Visit<'_>,
    (ticket, sealed): (&Ticket, &str),
    error: Option<CodeError>,
) -> Result<HttpResponse, PageError> {
    let mut frame = visit.frame(PATH);
    frame.languages = LanguageLink::to_page(PATH, &[("ticket", sealed)], frame.words.lang());
    let page = EmailCodePage {
        around: visit.around(Tab::You, &frame),
        ticket: sealed.to_owned(),
        email: ticket.email.clone(),
        error,
        sent_before: page::query_value(visit.request, "sent").is_some(),
        frame,
    };
    let mut response = visit.draw(&page)?;
    if error.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
