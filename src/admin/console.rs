//! What every page of the console works with: who asks, when, and how to answer.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    Admin,
    chrome::{Chrome, Section},
    flash::Done,
};
use crate::{
    event::{Event, EventKind, Recorder},
    web::{
        browser::Browser,
        csrf::{self, BoundTo},
        page::{self, see_other},
        page_error::PageError,
        state::AppState,
    },
};

/// An admin at the console. Only the guard makes one.
pub struct Console {
    /// Who asks.
    pub admin: Admin,
    /// Whether they have to get a second factor before anything else.
    pub must_enrol: bool,
    /// When.
    pub now: DateTime<Utc>,
    /// The server.
    pub state: Data<AppState>,
    /// What was asked.
    pub request: HttpRequest,
    pub(super) recorder: Data<Recorder>,
    pub(super) browser: Browser,
}

impl Console {
    /// What surrounds a page of that section.
    pub fn chrome(&self, section: Option<Section>) -> Chrome {
        let bound_to = BoundTo::AdminSession;
        let csrf = csrf::token(
            self.browser.mark,
            bound_to,
            &self.request,
            &self.state,
            self.now,
        );
        let done = page::query_value(&self.request, "done").and_then(|key| Done::parse(&key));
        let mut chrome = Chrome::new(&self.admin, section, done, csrf);
        if self.must_enrol {
            chrome.navigation.clear();
        }
        chrome
    }

    /// The page.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse, PageError> {
        let response = page::html(page, &[], &self.request, &self.state)?;
        page::with_cookie(response, self.browser.cookie.clone())
    }

    /// The page again, with what is wrong in the form that was posted.
    pub fn refused(&self, page: &impl Template) -> Result<HttpResponse, PageError> {
        self.page_with(page, StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// A page that says the admin may not.
    pub fn forbidden(&self, page: &impl Template) -> Result<HttpResponse, PageError> {
        self.page_with(page, StatusCode::FORBIDDEN)
    }

    fn page_with(
        &self,
        page: &impl Template,
        status: StatusCode,
    ) -> Result<HttpResponse, PageError> {
        let mut response = self.page(page)?;
        *response.status_mut() = status;
        Ok(response)
    }

    /// After a change: to the page at `path`, which says what was done.
    pub fn done(&self, path: &str, done: Done) -> HttpResponse {
        see_other(&page::with_query(path, &[("done", done.key())]))
    }

    /// Writes a change into the history. `about` names the link, account or client.
    pub fn record(&self, detail: impl Into<String>, about: impl FnOnce(Event) -> Event) {
        self.record_as(EventKind::AdminChange, detail, about);
    }

    /// The same for a change that others can make, too, and that has a kind of its own.
    pub fn record_as(
        &self,
        kind: EventKind,
        detail: impl Into<String>,
        about: impl FnOnce(Event) -> Event,
    ) {
        let event = Event::new(kind, self.now).admin(self.admin.id);
        self.recorder.record(about(event.detail(detail)));
    }
}
