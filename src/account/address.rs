//! The first page of `/signup` and of `/password/forgot`: asks for an e-mail address, and has a code mailed
//! there. It answers the same whoever has an account.

use actix_web::{HttpResponse, http::StatusCode, http::header};
use askama::Template;

use super::{
    is_email, knock,
    mailed_code::{Asked, Asking, Purpose},
    provider::directory::{self, Button},
    store,
    way_in::{OnTheWay, Visit, with_flow},
};
use crate::{
    config::SignUp,
    mail::{self, Mailer},
    web::{
        browser::BrowserMark, form::PostedForm, frame::Frame, limits::login::Door, page,
        page_error::PageError, pages::NoticePage,
    },
};

/// Asks for the address.
#[derive(Debug, Template)]
#[template(path = "account/address.html")]
pub struct AddressPage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// What the code will be for.
    pub purpose: Purpose,
    /// Whether only those who were invited may sign up.
    pub invited_only: bool,
    /// What was typed before, or an empty field.
    pub email: String,
    /// Why that won't do.
    pub error: Option<AddressError>,
    /// Whom people may sign up with instead.
    pub buttons: Vec<Button>,
    /// Set where an earlier way through the pages ended without a result.
    pub again: bool,
}

/// Why no letter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// It can't be an address.
    Wrong,
    /// Too many were asked for from here.
    TooMany {
        /// When to try again.
        minutes: u32,
    },
}

impl AddressPage {
    fn is_sign_up(&self) -> bool {
        self.purpose == Purpose::SignUp
    }

    fn action(&self) -> &'static str {
        first_page(self.purpose)
    }

    fn wrong(&self) -> bool {
        self.error == Some(AddressError::Wrong)
    }

    /// What stands above the form.
    fn above(&self) -> Option<String> {
        let words = self.frame.words;
        match self.error {
            Some(AddressError::TooMany { minutes }) => {
                Some(words.tell("address-too-many", &[("minutes", &minutes.to_string())]))
            }
            _ => self.again.then(|| words.say("address-again")),
        }
    }
}

/// Where the way of a purpose begins.
pub const fn first_page(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SignUp => "/signup",
        Purpose::Recovery => "/password/forgot",
        Purpose::EmailChange => "/account/email",
    }
}

/// The page that says why there is no such way here, where there is none.
pub fn closed(
    purpose: Purpose,
    flow: Option<&str>,
    visit: Visit<'_>,
) -> Option<Result<HttpResponse, PageError>> {
    let settings = visit.state.ways_in;
    let open = match purpose {
        Purpose::SignUp => settings.sign_up != SignUp::Off,
        Purpose::Recovery | Purpose::EmailChange => settings.recovery,
    };
    if open {
        return None;
    }
    let frame = page::frame(visit.request, visit.state, None);
    let notice = closed_notice(purpose, frame, flow);
    Some(page::html(&notice, &[], visit.request, visit.state))
}

/// Says that an admin has to do it.
pub fn closed_notice(purpose: Purpose, frame: Frame, flow: Option<&str>) -> NoticePage {
    let words = frame.words;
    let service = [("service", frame.service_name.as_str())];
    let (title, explanation) = match purpose {
        Purpose::SignUp => (
            words.say("sign-up-closed-title"),
            words.tell("sign-up-closed-what", &service),
        ),
        Purpose::Recovery | Purpose::EmailChange => (
            words.say("forgot-closed-title"),
            words.tell("forgot-closed-what", &service),
        ),
    };
    NoticePage {
        title,
        explanation,
        next: Some((words.say("back-to-login"), with_flow("/login", flow, &[]))),
        bond: "",
        frame,
    }
}

/// Shows it.
pub async fn show(purpose: Purpose, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
    let flow = page::query_value(visit.request, "flow");
    if let Some(closed) = closed(purpose, flow.as_deref(), visit) {
        return closed;
    }
    let again = page::query_value(visit.request, "again").is_some();
    draw(purpose, flow.as_deref(), ("", None, again), visit).await
}

/// Has a letter sent, and leads on to the page that asks for the code.
pub async fn submit(
    purpose: Purpose,
    form: &PostedForm,
    mailer: &Mailer,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let flow = form.parameters.get("flow");
    if let Some(closed) = closed(purpose, flow, visit) {
        return closed;
    }
    let email = form.text("email");
    if !is_email(email) || !mail::is_deliverable(email) {
        let wrong = (email, Some(AddressError::Wrong), false);
        let mut response = draw(purpose, flow, wrong, visit).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let asked = ask(purpose, email, form.browser, visit).await?;
    mailer.wake();
    lead_on(asked, (purpose, email, flow), None, visit).await
}

/// Leads to the page that asks for the code; `sent` says there what has been done, where it is not plain.
pub async fn lead_on(
    asked: Asked,
    (purpose, email, flow): (Purpose, &str, Option<&str>),
    sent: Option<&str>,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let (ticket, sent) = match asked {
        Asked::Sent(ticket) => (ticket, sent),
        Asked::JustSent(ticket) => (ticket, Some("before")),
        Asked::TooMany { seconds } => {
            return too_many(purpose, (email, flow), seconds, visit).await;
        }
    };
    let ticket = ticket.seal(visit.state, visit.now);
    let ticket = ticket.map_err(PageError::internal)?;
    let sent = sent.map(|sent| ("sent", sent));
    let query: Vec<_> = std::iter::once(("ticket", ticket.as_str()))
        .chain(sent)
        .collect();
    Ok(page::see_other(&with_flow("/verify", flow, &query)))
}

/// Has a letter sent.
pub async fn ask(
    purpose: Purpose,
    email: &str,
    browser: BrowserMark,
    visit: Visit<'_>,
) -> Result<Asked, PageError> {
    let Visit {
        request,
        state,
        now,
    } = visit;
    let frame = page::frame(request, state, None);
    let language = frame.words.lang().tag();
    let of_client = frame.service_name != state.branding.get().name;
    // Looked up for both purposes alike.
    let account = store::find_login(&state.db, email).await?;
    let device = match (purpose, account) {
        (Purpose::Recovery, Some((id, _))) => {
            knock::device(Door::People, id.0, request, state, now).await?
        }
        _ => None,
    };
    let asking = Asking {
        purpose,
        email,
        browser,
        caller: state.limits.caller(request),
        device,
        account: None,
        language,
        service: of_client.then_some(frame.service_name.as_str()),
    };
    Ok(asking.ask(state, now).await?)
}

async fn too_many(
    purpose: Purpose,
    (email, flow): (&str, Option<&str>),
    seconds: u32,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let error = AddressError::TooMany {
        minutes: seconds.div_ceil(60),
    };
    let mut response = draw(purpose, flow, (email, Some(error), false), visit).await?;
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let seconds = header::HeaderValue::from(seconds);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    Ok(response)
}

async fn draw(
    purpose: Purpose,
    flow: Option<&str>,
    (email, error, again): (&str, Option<AddressError>, bool),
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let (frame, way, browser) = visit.page(first_page(purpose), &[], (flow, true)).await?;
    let (buttons, targets) = match purpose {
        Purpose::SignUp => directory::offered(visit.request, frame.words),
        Purpose::Recovery | Purpose::EmailChange => Default::default(),
    };
    let page = AddressPage {
        frame,
        way,
        purpose,
        invited_only: visit.state.ways_in.sign_up == SignUp::Invited,
        email: email.to_owned(),
        error,
        again,
        buttons,
    };
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    let response = page::html(&page, &targets, visit.request, visit.state)?;
    page::with_cookie(response, browser.cookie)
}
