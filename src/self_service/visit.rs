//! A person on one of their own pages.

use actix_web::{HttpRequest, HttpResponse, web::Payload};
use askama::Template;
use chrono::{DateTime, Utc};

use super::pages::{Around, Tab};
use crate::{
    account::{Account, session},
    web::{
        body,
        browser::{Browser, BrowserMark},
        csrf::{self, BoundTo},
        form::{MAX_FORM_BYTES, PostedForm},
        frame::{Frame, LanguageLink},
        page,
        page_error::PageError,
        state::AppState,
        time::Day,
    },
};

/// Who it is, and with which request.
pub struct Visit<'a> {
    /// The person.
    pub account: Account,
    /// The request.
    pub request: &'a HttpRequest,
    /// The server.
    pub state: &'a AppState,
    /// The time of the request.
    pub now: DateTime<Utc>,
    browser: Browser,
}

impl<'a> Visit<'a> {
    /// The visit of who is signed in; `None` where nobody is, who has to log in first.
    pub async fn begin(
        request: &'a HttpRequest,
        state: &'a AppState,
    ) -> Result<Option<Self>, PageError> {
        let now = state.clock.now();
        let account = session::signed_in(request, state, now).await?;
        Ok(account.map(|account| Self {
            account,
            request,
            state,
            now,
            browser: Browser::known_or_new(request, state),
        }))
    }

    /// The same with the form that was posted, which is bound to the session.
    pub async fn posting(
        request: &'a HttpRequest,
        payload: Payload,
        state: &'a AppState,
    ) -> Result<Option<(Self, PostedForm)>, PageError> {
        let body = body::read(payload, MAX_FORM_BYTES).await?;
        let now = state.clock.now();
        let form = PostedForm::receive(&body, BoundTo::Session, request, state, now).await?;
        let visit = Self::begin(request, state).await?;
        Ok(visit.map(|visit| (visit, form)))
    }

    /// The browser's mark.
    pub fn mark(&self) -> BrowserMark {
        self.browser.mark
    }

    /// The frame of the page at that address.
    pub fn frame(&self, path: &str) -> Frame {
        let mut frame = page::frame(self.request, self.state, Some(&self.account.locale));
        frame.languages = LanguageLink::to_page(path, &[], frame.words.lang());
        frame
    }

    /// What all of a person's own pages show.
    pub fn around(&self, tab: Tab, frame: &Frame) -> Around {
        let bound_to = BoundTo::Session;
        let (request, state) = (self.request, self.state);
        Around {
            tab,
            leaves: self.account.delete_at.map(|at| Day::of(at, frame.words)),
            csrf: csrf::token(self.browser.mark, bound_to, request, state, self.now),
        }
    }

    /// The page, with the browser's mark if it had none.
    pub fn draw(self, page: &impl Template) -> Result<HttpResponse, PageError> {
        self.draw_leading_to(page, &[])
    }

    /// The same, whose forms may lead to these origins.
    pub fn draw_leading_to(
        self,
        page: &impl Template,
        targets: &[String],
    ) -> Result<HttpResponse, PageError> {
        let targets: Vec<_> = targets.iter().map(String::as_str).collect();
        let response = page::html(page, &targets, self.request, self.state)?;
        page::with_cookie(response, self.browser.cookie)
    }
}

/// Where to who is not signed in goes.
pub fn to_login() -> HttpResponse {
    page::see_other("/login")
}
