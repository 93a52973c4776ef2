//! `/verify`: asks for the code that was mailed, in the page the person came from, so that nobody has to
//! leave a web view and lose the way.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use askama::Template;

use super::{
    address,
    mailed_code::{Purpose, Ticket, Typed},
    provider::pending::Pending,
    way_in::{OnTheWay, Visit, with_flow},
};
use crate::{
    mail::Mailer,
    web::{
        body,
        csrf::BoundTo,
        form::{MAX_FORM_BYTES, PostedForm},
        frame::Frame,
        page,
        page_error::PageError,
        state::AppState,
    },
};

/// What a code is typed here for: by who is not signed in.
const AT_THE_DOOR: [Purpose; 2] = [Purpose::SignUp, Purpose::Recovery];

/// Asks for the code.
#[derive(Debug, Template)]
#[template(path = "account/code.html")]
pub struct CodePage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// Which code it is about.
    pub ticket: String,
    /// What the code is for.
    pub purpose: Purpose,
    /// Where it was mailed to.
    pub email: String,
    /// What was wrong with what was typed.
    pub error: Option<CodeError>,
    /// What has been done about a letter that did not come.
    pub sent: Option<Sent>,
}

/// Why a code does not lead on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeError {
    /// It is another one.
    Wrong,
    /// No code is right any more.
    Over,
}

/// What has been done about a letter that did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Another one was sent.
    Again,
    /// The one before was sent a moment ago.
    Before,
}

impl CodePage {
    fn problem(&self) -> Option<String> {
        let words = self.frame.words;
        self.error.map(|error| match error {
            CodeError::Wrong => words.say("code-wrong"),
            CodeError::Over => words.say("code-over"),
        })
    }

    fn notice(&self) -> Option<String> {
        let words = self.frame.words;
        self.sent.map(|sent| match sent {
            Sent::Again => words.say("code-sent-again"),
            Sent::Before => words.say("code-sent-before"),
        })
    }

    /// What the sentence that names the address says before and after it.
    fn what_around(&self) -> (String, String) {
        self.frame.words.around("code-what", "email")
    }

    /// Where another address can be given.
    fn start(&self) -> String {
        self.way.to(address::first_page(self.purpose))
    }
}

/// `GET /verify?ticket=…`
#[tracing::instrument(name = "verify.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let flow = page::query_value(&request, "flow");
    let sealed = page::query_value(&request, "ticket").unwrap_or_default();
    let Some(ticket) = Ticket::open(&sealed, &AT_THE_DOOR, &state, visit.now).await? else {
        return Ok(page::see_other(&with_flow("/login", flow.as_deref(), &[])));
    };
    let sent = match page::query_value(&request, "sent").as_deref() {
        Some("again") => Some(Sent::Again),
        Some("before") => Some(Sent::Before),
        _ => None,
    };
    draw(&ticket, (&sealed, flow.as_deref()), (None, sent), visit).await
}

/// `POST /verify`
#[tracing::instrument(name = "verify.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    let (sealed, flow) = (form.text("ticket"), form.parameters.get("flow"));
    let Some(ticket) = Ticket::open(sealed, &AT_THE_DOOR, &state, visit.now).await? else {
        return Ok(page::see_other(&with_flow("/login", flow, &[])));
    };
    if let Some(closed) = address::closed(ticket.purpose, flow, visit) {
        return closed;
    }
    if form.ticked("again") {
        let asked = address::ask(ticket.purpose, &ticket.email, form.browser, visit).await?;
        mailer.wake();
        let about = (ticket.purpose, ticket.email.as_str(), flow);
        return address::lead_on(asked, about, Some("again"), visit).await;
    }
    let typed = ticket
        .try_code(form.text("code"), form.browser, &state, visit.now)
        .await?;
    let error = match typed {
        Typed::Right => {
            let next = last_page(&ticket, visit).await?;
            return Ok(page::see_other(&with_flow(
                next,
                flow,
                &[("ticket", sealed)],
            )));
        }
        Typed::Wrong => CodeError::Wrong,
        Typed::Over => CodeError::Over,
    };
    let mut response = draw(&ticket, (sealed, flow), (Some(error), None), visit).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// What a code that was typed opens. Who signed in with a provider needs no password.
async fn last_page(ticket: &Ticket, visit: Visit<'_>) -> sqlx::Result<&'static str> {
    if ticket.purpose == Purpose::Recovery {
        return Ok("/password/reset");
    }
    let pending = Pending::of(visit.request, visit.state, visit.now).await?;
    let asked = pending.is_some_and(|(pending, _)| pending.asked(&ticket.email));
    Ok(if asked {
        "/signup/with"
    } else {
        "/signup/finish"
    })
}

fn visit<'a>(request: &'a HttpRequest, state: &'a AppState) -> Visit<'a> {
    Visit {
        request,
        state,
        now: state.clock.now(),
    }
}

async fn draw(
    ticket: &Ticket,
    (sealed, flow): (&str, Option<&str>),
    (error, sent): (Option<CodeError>, Option<Sent>),
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let (frame, way, browser) = visit
        .page("/verify", &[("ticket", sealed)], (flow, false))
        .await?;
    let page = CodePage {
        frame,
        way,
        ticket: sealed.to_owned(),
        purpose: ticket.purpose,
        email: ticket.email.clone(),
        error,
        sent,
    };
    visit.answer(&page, browser)
}
