//! Posted forms: read strictly, and only believed when they come from a page of ours.

use actix_web::{HttpRequest, web::Bytes};
use chrono::{DateTime, Utc};

use super::{
    browser::BrowserMark,
    csrf::{self, BoundTo},
    flow::Flow,
    page_error::PageError,
    state::AppState,
};
use crate::protocol::Parameters;

/// The most bytes a form may have. A consent form carries a sealed request, whose `state` alone may
/// be 4 KiB; the largest of all has 13 KiB.
pub const MAX_FORM_BYTES: usize = 16 * 1024;

/// A form's parameters, and the browser it was shown to.
pub struct PostedForm {
    /// What was posted, decoded once.
    pub parameters: Parameters,
    /// The browser whose token the form carried.
    pub browser: BrowserMark,
}

impl PostedForm {
    /// Checks origin and token of a posted form, then reads it. A form that is not ours changes
    /// nothing: no handler sees its parameters.
    pub async fn receive(
        body: &Bytes,
        bound_to: BoundTo,
        request: &HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let parameters = Parameters::parse(body)?;
        if let Some(flow) = parameters.get("flow") {
            Flow::recognise(flow, request, state, now).await;
        }
        let presented = parameters.get("csrf");
        let browser = csrf::check(presented, bound_to, request, state, now).await?;
        Ok(Self {
            parameters,
            browser,
        })
    }

    /// A field's value, trimmed; empty where it is missing.
    pub fn text(&self, name: &str) -> &str {
        self.parameters.get(name).unwrap_or_default().trim()
    }

    /// All values of a repeatable field, or the lines of a text area, trimmed and without empty ones.
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.parameters.iter().filter(|(given, _)| *given == name);
        let lines = values.flat_map(|(_, value)| value.lines()).map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether a check box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.parameters.get(name).is_some()
    }
}
