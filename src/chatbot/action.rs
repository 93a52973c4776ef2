//! Actions: named templates of a client. The console and the command line save them through
//! [`NewAction::check`] and [`super::store::save_action`].

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::user_variable::UserVariable;
use crate::{
    foundation::ids::ClientId,
    template::{InvalidTemplate, Template},
};

/// The most characters of each half of an action's name.
pub const MAX_NAME_LENGTH: usize = 64;

/// An action as it is stored; serialized, what `--json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What the chatbot calls it by: in the URL of method v1.0, or `METHOD.VARIABLE` for v2.0.
    pub name: String,
    /// What it answers.
    pub template: String,
    /// Whether the answer of method v1.0 is a JSON string instead of plain text.
    pub json_string: bool,
    /// Where a chatbot that calls by method v2.0 is to keep the answer, too.
    pub user_variable: Option<UserVariable>,
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
    /// See [`Action::user_variable`].
    pub user_variable: Option<UserVariable>,
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
    #[error(
        "the name must have 1 to {MAX_NAME_LENGTH} letters, digits, - or _, or for action method v2.0 two such names with a dot between them"
    )]
    Name,
    /// Only method v1.0 has one answer.
    #[error("an action METHOD.VARIABLE is answered by method v2.0, which has no JSON strings")]
    JsonString,
    /// Only method v2.0 knows them.
    #[error("only an action METHOD.VARIABLE of method v2.0 can set a user variable")]
    UserVariable,
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
        let several = self.name.contains('.');
        if several && self.json_string {
            return Err(InvalidAction::JsonString);
        }
        if !several && self.user_variable.is_some() {
            return Err(InvalidAction::UserVariable);
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

    /// Where the chatbot is to keep the answer.
    pub fn user_variable(&self) -> Option<&UserVariable> {
        self.action.user_variable.as_ref()
    }

    /// The scopes a link must have; worth a warning where the client may not ask for one of them.
    pub fn needed_scopes(&self) -> &[&'static str] {
        &self.needed_scopes
    }
}

/// Whether an action could have that name.
pub fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_half =
        |half: &str| (1..=MAX_NAME_LENGTH).contains(&half.len()) && half.bytes().all(known);
    match text.split_once('.') {
        Some((method, variable)) => is_half(method) && is_half(variable),
        None => is_half(text),
    }
}

/// The path an action is called at.
pub fn path(client: &ClientId, name: &str) -> String {
    if name.contains('.') {
        format!("/action/{client}")
    } else {
        format!("/action/{client}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, template: &str) -> Result<CheckedAction, InvalidAction> {
        NewAction {
            name: name.into(),
            template: template.into(),
            json_string: false,
            user_variable: None,
        }
        .check()
    }

    #[test]
    fn a_name_fits_into_a_url_as_it_stands() {
        for good in ["points", "a", "A-1_b", "member.point", &"x".repeat(64)] {
            assert!(checked(good, "{{name}}").is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "a/b",
            "점수",
            ".",
            "a.",
            ".a",
            "a.b.c",
            "a\0",
            &"x".repeat(65),
        ] {
            assert_eq!(
                checked(bad, "{{name}}").unwrap_err(),
                InvalidAction::Name,
                "{bad}"
            );
        }
    }

    #[test]
    fn what_only_the_other_method_knows_is_refused() {
        let action = |name: &str, json_string, variable: Option<&str>| NewAction {
            name: name.into(),
            template: "{{name}}".into(),
            json_string,
            user_variable: variable.map(|text| text.parse().unwrap()),
        };
        let refused = action("a.b", true, None).check().unwrap_err();
        assert_eq!(refused, InvalidAction::JsonString);
        let refused = action("a", false, Some("n:TEXT:EQ:TEXT"))
            .check()
            .unwrap_err();
        assert_eq!(refused, InvalidAction::UserVariable);
        assert!(action("a.b", false, Some("n:TEXT:EQ:TEXT")).check().is_ok());
    }

    #[test]
    fn an_action_with_a_wrong_template_is_not_saved() {
        let refused = checked("points", "{{points}}").unwrap_err();
        assert!(matches!(refused, InvalidAction::Template(_)), "{refused}");
        let action = checked("points", "{{attributes.points}}").unwrap();
        assert_eq!(action.needed_scopes(), ["account:attributes"]);
    }
}
