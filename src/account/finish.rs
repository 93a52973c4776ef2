//! The last page of a sign-up and of a recovery: asks for a password, and before that for a name where
//! there is no account yet.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use secrecy::SecretString;

use super::{
    address,
    mailed_code::{Purpose, Ticket},
    new_password::{self, Weakness},
    password::Hasher,
    way_in::{OnTheWay, Visit, with_flow},
};
use crate::web::{browser::Browser, form::PostedForm, frame::Frame, page, page_error::PageError};

/// Asks for a password.
#[derive(Debug, Template)]
#[template(path = "account/finish.html")]
pub struct FinishPage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// Which code was typed.
    pub ticket: String,
    /// What for.
    pub purpose: Purpose,
    /// Whose password it will be.
    pub email: String,
    /// What the person wants to be called; asked for with a new account.
    pub name: String,
    /// Whether that won't do.
    pub name_is_wrong: bool,
    /// Why the password won't do.
    pub weakness: Option<Weakness>,
}

impl FinishPage {
    fn is_sign_up(&self) -> bool {
        self.purpose == Purpose::SignUp
    }

    fn action(&self) -> &'static str {
        last_page(self.purpose)
    }

    fn advice(&self) -> Option<String> {
        let words = self.frame.words;
        self.weakness.map(|weakness| weakness.sentence(words))
    }
}

/// Where the way of a purpose ends.
const fn last_page(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SignUp => "/signup/finish",
        Purpose::Recovery => "/password/reset",
        Purpose::EmailChange => "/account/email",
    }
}

/// What the page is drawn with.
#[derive(Clone, Copy, Default)]
pub struct Filled<'a> {
    /// What was typed as a name.
    pub name: &'a str,
    /// Whether that won't do.
    pub name_is_wrong: bool,
    /// Why the password won't do.
    pub weakness: Option<Weakness>,
}

/// A code that was typed, and the flow it was asked in.
pub struct Opened<'a> {
    /// The code.
    pub ticket: Ticket,
    sealed: &'a str,
    /// The flow.
    pub flow: Option<&'a str>,
}

impl<'a> Opened<'a> {
    /// What the page or the form names; else where to begin anew.
    pub async fn open(
        purpose: Purpose,
        (sealed, flow): (&'a str, Option<&'a str>),
        visit: Visit<'_>,
    ) -> Result<Result<Self, HttpResponse>, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        if let Some(closed) = address::closed(purpose, flow, visit) {
            return closed.map(Err);
        }
        let anew = || Ok(Err(anew(purpose, flow)));
        let Some(ticket) = Ticket::open(sealed, &[purpose], state, now).await? else {
            return anew();
        };
        let Some(browser) = Browser::known(request, state) else {
            return anew();
        };
        if !ticket.is_open(browser, state, now).await? {
            return anew();
        }
        Ok(Ok(Self {
            ticket,
            sealed,
            flow,
        }))
    }

    /// Draws the page.
    pub async fn draw(
        &self,
        filled: Filled<'_>,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let (path, query) = (last_page(self.ticket.purpose), [("ticket", self.sealed)]);
        let (frame, way, browser) = visit.page(path, &query, (self.flow, false)).await?;
        let page = FinishPage {
            frame,
            way,
            ticket: self.sealed.to_owned(),
            purpose: self.ticket.purpose,
            email: self.ticket.email.clone(),
            name: filled.name.to_owned(),
            name_is_wrong: filled.name_is_wrong,
            weakness: filled.weakness,
        };
        let mut response = visit.answer(&page, browser)?;
        if filled.name_is_wrong || filled.weakness.is_some() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    /// The hash of the password that was typed, or why it won't do.
    pub async fn password(
        &self,
        form: &PostedForm,
        name: &str,
        hasher: &Hasher,
        visit: Visit<'_>,
    ) -> Result<Result<String, Weakness>, PageError> {
        let password = form.parameters.get("password").unwrap_or_default();
        let service = visit.state.branding.get();
        let about = [name, self.ticket.email.as_str(), service.name.as_str()];
        let checked = new_password::check(password, &about).await;
        if let Err(weakness) = checked.map_err(PageError::internal)? {
            return Ok(Err(weakness));
        }
        Ok(Ok(hasher.hash(SecretString::from(password)).await?))
    }
}

/// Back to the beginning of the way, which says that the code no longer counts.
pub fn anew(purpose: Purpose, flow: Option<&str>) -> HttpResponse {
    let start = with_flow(address::first_page(purpose), flow, &[("again", "1")]);
    page::see_other(&start)
}
