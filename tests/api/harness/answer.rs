//! An answer of the server, read to its end.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{
    canary,
    html::{self, Form},
};

/// Status, headers and body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let answer = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        canary::watch(&answer);
        answer
    }

    /// The only value of a header; a header that comes twice fails the test.
    pub fn header(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(values.len() < 2, "{name} comes twice: {values:?}");
        values.first().map(|value| value.to_str().unwrap())
    }

    /// All `Set-Cookie` values.
    pub fn cookies(&self) -> Vec<&str> {
        let values = self.headers.get_all("set-cookie").iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    pub fn location(&self) -> &str {
        assert!(matches!(self.status, 302 | 303), "no redirect: {self:?}");
        self.header("location").unwrap()
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.body).unwrap()
    }

    /// The value of `error` in a JSON answer.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }

    /// The form that is posted to `action`.
    pub fn form(&self, action: &str) -> Form {
        let mut forms = html::forms(&self.body).into_iter();
        let found = forms.find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form leads to {action}: {self:?}"))
    }

    /// The one of several forms to that action that has that field.
    pub fn form_with(&self, action: &str, field: &str) -> Form {
        let has = |form: &Form| form.fields.iter().any(|(name, _)| name == field);
        let mut forms = html::forms(&self.body).into_iter();
        let found = forms.find(|form| form.action == action && has(form));
        found.unwrap_or_else(|| panic!("no form for {action} with {field}: {self:?}"))
    }

    /// What a person reads, without the tags.
    pub fn text(&self) -> String {
        html::text(&self.body)
    }

    /// Fails unless this is a page of that status which leads nowhere.
    #[track_caller]
    pub fn assert_page(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("location"), None, "{self:?}");
        let media_type = self.header("content-type");
        assert_eq!(media_type, Some("text/html; charset=utf-8"), "{self:?}");
    }

    /// Fails unless this is a refusal of the token endpoint, in RFC 6749 §5.2's own form.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, error: &str) {
        assert_eq!(
            (self.status, self.error().as_str()),
            (status, error),
            "{self:?}"
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let challenge = self.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{self:?}");
        let body = self.json();
        let description = body["error_description"].as_str().unwrap();
        let permitted = |c| matches!(c, '\x20'..='\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
        assert!(description.chars().all(permitted), "{description}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}
