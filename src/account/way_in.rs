//! What the pages on the way to an account share: the flow they may interrupt, and the form's token.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};

use crate::web::{
    browser::Browser,
    csrf::{self, BoundTo},
    flow::{Flow, FlowError},
    frame::{Bond, Frame, LanguageLink},
    page,
    page_error::PageError,
    state::AppState,
    time::TimeLeft,
};

/// A request, and when it came.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The request.
    pub request: &'a HttpRequest,
    /// The server.
    pub state: &'a AppState,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What every page on the way carries, beside its frame.
#[derive(Debug)]
pub struct OnTheWay {
    /// The form's CSRF token.
    pub csrf: String,
    /// The sealed flow the person goes on with.
    pub flow: Option<String>,
    /// The platform that wants to link.
    pub client_name: Option<String>,
    /// How long the flow lives.
    pub time_left: Option<TimeLeft>,
}

impl OnTheWay {
    /// An address of ours that goes on with the flow.
    pub fn to(&self, path: &str) -> String {
        with_flow(path, self.flow.as_deref(), &[])
    }
}

/// An address of ours with what it carries, and the flow.
pub fn with_flow(path: &str, flow: Option<&str>, query: &[(&str, &str)]) -> String {
    let flow = flow.map(|flow| ("flow", flow));
    let query: Vec<_> = query.iter().copied().chain(flow).collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        page::with_query(path, &query)
    }
}

impl Visit<'_> {
    /// Begins a page at `path`. A flow whose time is over stops the person on the first page of the way,
    /// which would lead nowhere; who is further on comes to the end of it, and is told there.
    pub async fn page(
        self,
        path: &str,
        query: &[(&str, &str)],
        (sealed, first): (Option<&str>, bool),
    ) -> Result<(Frame, OnTheWay, Browser), PageError> {
        let Self {
            request,
            state,
            now,
        } = self;
        let browser = Browser::known_or_new(request, state);
        let opened = match sealed {
            Some(sealed) => Flow::open(sealed, Some(browser.mark), request, state, now)
                .await
                .map(Some),
            None => Ok(None),
        };
        let flow = match opened {
            Err(error) if first || matches!(error, FlowError::Unavailable(_)) => {
                return Err(error.into());
            }
            opened => opened.unwrap_or_default(),
        };
        let language = flow.as_ref().and_then(|flow| flow.language.as_deref());
        let mut frame = page::frame(request, state, language);
        let carried = sealed.map(|sealed| ("flow", sealed));
        let carried: Vec<_> = query.iter().copied().chain(carried).collect();
        frame.languages = LanguageLink::to_page(path, &carried, frame.words.lang());
        frame.bond = flow.as_ref().map(|flow| Bond {
            platform_mark: flow.mark.clone(),
            platform_name: flow.platform.clone(),
        });
        let deadline = flow
            .as_ref()
            .and_then(|flow| DateTime::from_timestamp(flow.deadline, 0));
        let way = OnTheWay {
            csrf: csrf::token(browser.mark, BoundTo::Browser, request, state, now),
            flow: sealed.map(str::to_owned),
            time_left: deadline.map(|deadline| TimeLeft::until(deadline, now, frame.words)),
            client_name: flow.map(|flow| flow.platform),
        };
        Ok((frame, way, browser))
    }

    /// The page, and the browser's mark if it had none.
    pub fn answer(self, page: &impl Template, browser: Browser) -> Result<HttpResponse, PageError> {
        let response = page::html(page, &[], self.request, self.state)?;
        page::with_cookie(response, browser.cookie)
    }
}
