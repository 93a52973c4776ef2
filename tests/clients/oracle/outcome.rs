//! What is compared of an answer: the status, the error, and where it leads.

use serde_json::Value;
use url::form_urlencoded;

use crate::harness::{Answer, REDIRECT_URI};

/// Such as `303 back invalid_scope`, `400` for a page, `401 invalid_client`.
pub fn of(answer: &Answer, base: &str) -> String {
    let mut parts = vec![answer.status.to_string()];
    if let Some(location) = answer.header("location") {
        parts.push(leads(location, base).to_owned());
        parts.extend(error_in(location));
    } else if let Ok(body) = serde_json::from_str::<Value>(&answer.body) {
        let error = body["error"].as_str().map(str::to_owned);
        let active = body["active"].as_bool();
        parts.extend(error);
        parts.extend(active.map(|active| if active { "active" } else { "inactive" }.to_owned()));
    }
    parts.join(" ")
}

/// Nothing but the registered address and the server itself may ever be led to.
fn leads(location: &str, base: &str) -> &'static str {
    let behind = location.strip_prefix(REDIRECT_URI);
    if behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('?')) {
        "back"
    } else if behind.is_some_and(|rest| rest.starts_with('#')) {
        "back in the fragment"
    } else if location.starts_with(&format!("{base}/"))
        || (location.starts_with('/') && !location.starts_with("//"))
    {
        "onward"
    } else {
        panic!("led astray, to {location}")
    }
}

fn error_in(location: &str) -> Option<String> {
    let (_, said) = location.split_once(['?', '#'])?;
    let mut pairs = form_urlencoded::parse(said.as_bytes());
    let found = pairs.find(|(name, _)| name == "error");
    found.map(|(_, error)| error.into_owned())
}
