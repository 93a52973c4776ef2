//! Actions: named templates of a client. The console and the command line save them through
//! [`NewAction::check`] and [`super::store::save_action`].

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::template::{InvalidTemplate, Template};

/// The most characters of an action's name.
pub const MAX_NAME_LENGTH: usize = 64;

/// An action as it is stored; serialized, what `--json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What the chatbot calls it by, in the URL.
    pub name: String,
    /// What it answers.
    pub template: String,
    /// Whether the answer is a JSON string instead of plain text.
    pub json_string: bool,
    /// When it was last saved.
    pub updated_at: DateTime<Utc>,
}

/// An action as somebody typed it.
#[derive(Debug, Clone)]
pub struct NewAction {
    /// See [`Action::name`].
    pub name: String,
    /// See [`Action::template`].
    pub template: String,
    /// See [`Action::json_string`].
    pub json_string: bool,
}

/// An action that may be saved.
#[derive(Debug, Clone)]
pub struct CheckedAction {
    action: NewAction,
    needed_scopes: Vec<&'static str>,
}

/// Why an action can't be saved; the text is for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAction {
    /// It would not fit into a URL as it stands.
    #[error("the name must have 1 to {MAX_NAME_LENGTH} letters, digits, - or _")]
    Name,
    /// The template.
    #[error(transparent)]
    Template(#[from] InvalidTemplate),
}

impl NewAction {
    /// Checks name and template.
    pub fn check(self) -> Result<CheckedAction, InvalidAction> {
        if !is_name(&self.name) {
            return Err(InvalidAction::Name);
        }
        let needed_scopes = Template::parse(&self.template)?.needed_scopes();
        Ok(CheckedAction {
            action: self,
            needed_scopes: needed_scopes.into_iter().collect(),
        })
    }
}

impl CheckedAction {
    /// The name.
    pub fn name(&self) -> &str {
        &self.action.name
    }

    /// The template.
    pub fn template(&self) -> &str {
        &self.action.template
    }

    /// Whether it answers a JSON string.
    pub fn json_string(&self) -> bool {
        self.action.json_string
    }

    /// The scopes a link must have; worth a warning where the client may not ask for one of them.
    pub fn needed_scopes(&self) -> &[&'static str] {
        &self.needed_scopes
    }
}

/// Whether an action could have that name.
pub fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, template: &str) -> Result<CheckedAction, InvalidAction> {
        NewAction {
            name: name.into(),
            template: template.into(),
            json_string: false,
        }
        .check()
    }

    #[test]
    fn a_name_fits_into_a_url_as_it_stands() {
        for good in ["points", "a", "A-1_b", &"x".repeat(64)] {
            assert!(checked(good, "{{name}}").is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "점수", "a.b", "a\0", &"x".repeat(65)] {
            assert_eq!(
                checked(bad, "{{name}}").unwrap_err(),
                InvalidAction::Name,
                "{bad}"
            );
        }
    }

    #[test]
    fn an_action_with_a_wrong_template_is_not_saved() {
        let refused = checked("points", "{{points}}").unwrap_err();
        assert!(matches!(refused, InvalidAction::Template(_)), "{refused}");
        let action = checked("points", "{{attributes.points}}").unwrap();
        assert_eq!(action.needed_scopes(), ["account:attributes"]);
    }
}
