//! Templates over an account, such as `{{name}}님, {{attributes.points}}점`.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::foundation::ids::AccountId;

/// The most characters of a template.
pub const MAX_TEMPLATE_LENGTH: usize = 2000;
/// The most bytes of a rendered answer.
pub const MAX_RENDERED_BYTES: usize = 64 * 1024;

/// A template that was read and whose names are all known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Field),
}

/// What may stand between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Id,
    ExternalId,
    Email,
    Name,
    Locale,
    Attribute(Vec<String>),
    Entity(String),
    Argument(usize),
}

/// Why a text is no template. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// It would answer nothing, ever.
    #[error("the template is empty")]
    Empty,
    /// More than [`MAX_TEMPLATE_LENGTH`].
    #[error("the template has more than {MAX_TEMPLATE_LENGTH} characters")]
    TooLong,
    /// PostgreSQL can't hold it.
    #[error("the template contains a NUL character")]
    Nul,
    /// `{{` and no end.
    #[error("the {{{{ at character {position} has no }}}}")]
    Unclosed {
        /// Where it stands.
        position: usize,
    },
    /// Nothing of that name.
    #[error(
        "{{{{{name}}}}} at character {position} is not a value; use id, external_id, email, name, locale, attributes.PATH, entity.NAME or args.N"
    )]
    UnknownName {
        /// As it was written, shortened.
        name: String,
        /// Where it stands.
        position: usize,
    },
}

/// The answer would have more than [`MAX_RENDERED_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rendered answer is larger than {MAX_RENDERED_BYTES} bytes")]
pub struct TooLarge;

/// An account as templates see it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: AccountId,
    /// The operator's id.
    pub external_id: Option<&'a str>,
    /// Its e-mail address.
    pub email: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its language.
    pub locale: &'a str,
    /// The operator's facts.
    pub attributes: &'a Map<String, Json>,
}

/// What a template is rendered over.
pub struct Values<'a> {
    /// The account.
    pub account: Subject<'a>,
    /// Finds what came with the call.
    pub entity: &'a dyn Fn(&str) -> Option<String>,
    /// The call's arguments, counted from 0.
    pub arguments: &'a [String],
}

impl Template {
    /// Reads a template; the reason of a refusal is for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        if text.is_empty() {
            return Err(InvalidTemplate::Empty);
        }
        if text.chars().count() > MAX_TEMPLATE_LENGTH {
            return Err(InvalidTemplate::TooLong);
        }
        if text.contains('\0') {
            return Err(InvalidTemplate::Nul);
        }
        let mut parts = Vec::new();
        let mut position = 1;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            position += before.chars().count();
            let (name, behind) = after
                .split_once("}}")
                .ok_or(InvalidTemplate::Unclosed { position })?;
            let known = Field::parse(name.trim()).ok_or_else(|| InvalidTemplate::UnknownName {
                name: name.chars().take(80).collect(),
                position,
            })?;
            push_text(&mut parts, before);
            parts.push(Part::Value(known));
            position += name.chars().count() + "{{}}".len();
            rest = behind;
        }
        push_text(&mut parts, rest);
        Ok(Self(parts))
    }

    /// What is always said, with nothing in the place of values.
    pub fn literal(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(literal) => literal.clone(),
            Part::Value(_) => String::new(),
        };
        self.0.iter().map(text).collect()
    }

    /// The scopes without which it can't be rendered, in alphabetical order.
    pub fn needed_scopes(&self) -> BTreeSet<&'static str> {
        let scope = |part: &Part| match part {
            Part::Value(field) => field.scope(),
            Part::Text(_) => None,
        };
        self.0.iter().filter_map(scope).collect()
    }

    /// The text for one account and call. What is missing is empty.
    pub fn render(&self, values: &Values<'_>) -> Result<String, TooLarge> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Value(field) => text.push_str(&field.value(values)),
            }
            if text.len() > MAX_RENDERED_BYTES {
                return Err(TooLarge);
            }
        }
        Ok(text)
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

impl Field {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "id" => Self::Id,
            "external_id" => Self::ExternalId,
            "email" => Self::Email,
            "name" => Self::Name,
            "locale" => Self::Locale,
            _ => match text.split_once('.')? {
                ("attributes", path) if path.split('.').all(|step| !step.is_empty()) => {
                    Self::Attribute(path.split('.').map(str::to_owned).collect())
                }
                // CLOVA names entities as it likes, such as `@SYSTEM_ANY: any name will do.
                ("entity", name) if !name.is_empty() => Self::Entity(name.to_owned()),
                ("args", number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Self::Argument(number.parse().ok()?)
                }
                _ => return None,
            },
        })
    }

    /// The ids are what every link shows.
    fn scope(&self) -> Option<&'static str> {
        match self {
            Self::Email => Some("account:email"),
            Self::Name | Self::Locale => Some("account:profile"),
            Self::Attribute(_) => Some("account:attributes"),
            Self::Id | Self::ExternalId | Self::Entity(_) | Self::Argument(_) => None,
        }
    }

    fn value(&self, values: &Values<'_>) -> String {
        let account = values.account;
        match self {
            Self::Id => account.id.to_string(),
            Self::ExternalId => account.external_id.unwrap_or_default().to_owned(),
            Self::Email => account.email.to_owned(),
            Self::Name => account.name.to_owned(),
            Self::Locale => account.locale.to_owned(),
            Self::Attribute(path) => attribute(account, path).map(plain).unwrap_or_default(),
            Self::Entity(name) => (values.entity)(name).unwrap_or_default(),
            Self::Argument(number) => values.arguments.get(*number).cloned().unwrap_or_default(),
        }
    }
}

fn attribute<'a>(account: Subject<'a>, path: &[String]) -> Option<&'a Json> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(account.attributes.get(first)?, |value, step| match value {
            Json::Object(members) => members.get(step),
            Json::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
}

/// A JSON value as it is spoken: strings without quotes, `null` as nothing.
pub fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
