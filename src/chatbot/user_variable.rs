//! Variables of the chatbot's user, which an action method v2.0 may set (clova.md 1.2).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// The most characters of a variable's name.
pub const MAX_NAME_LENGTH: usize = 64;

/// Where the chatbot is to keep an action's answer. Written `NAME:TYPE:ACTION:VALUETYPE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserVariable {
    /// Its name; dotted for a member of a JSON variable.
    pub name: String,
    /// What the variable holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What is done with the value.
    pub action: Change,
    /// What the value is.
    #[serde(rename = "valueType")]
    pub value_type: ValueType,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// Members of its own.
    Json,
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Change {
    /// It takes the place of what was there.
    Eq,
    /// It is added.
    Add,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ValueType {
    /// A text.
    Text,
    /// A number.
    Number,
}

/// Why a text is no user variable; for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUserVariable {
    /// Empty, too long, or of other characters.
    #[error(
        "a user variable's name must have 1 to {MAX_NAME_LENGTH} letters, digits, -, _ or dots between them"
    )]
    Name,
    /// Not of the form.
    #[error(
        "a user variable is written NAME:TYPE:ACTION:VALUETYPE, with TEXT, NUMBER or JSON, then EQ or ADD, then TEXT or NUMBER"
    )]
    Form,
    /// Only numbers can be.
    #[error("only a NUMBER can be added to")]
    Add,
}

impl FromStr for UserVariable {
    type Err = InvalidUserVariable;

    fn from_str(text: &str) -> Result<Self, InvalidUserVariable> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let word = |part: Option<&str>| Value::from(part.unwrap_or_default().to_ascii_uppercase());
        let (kind, action, value_type) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(InvalidUserVariable::Form);
        }
        let form = |_| InvalidUserVariable::Form;
        let variable = Self {
            name: name.to_owned(),
            kind: Kind::deserialize(word(kind)).map_err(form)?,
            action: Change::deserialize(word(action)).map_err(form)?,
            value_type: ValueType::deserialize(word(value_type)).map_err(form)?,
        };
        let member = |part: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !part.is_empty() && part.bytes().all(known)
        };
        if name.len() > MAX_NAME_LENGTH || !name.split('.').all(member) {
            return Err(InvalidUserVariable::Name);
        }
        if variable.action == Change::Add && variable.value_type != ValueType::Number {
            return Err(InvalidUserVariable::Add);
        }
        Ok(variable)
    }
}

impl fmt::Display for UserVariable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Text => "TEXT",
            Kind::Number => "NUMBER",
            Kind::Json => "JSON",
        };
        let action = match self.action {
            Change::Eq => "EQ",
            Change::Add => "ADD",
        };
        let value_type = match self.value_type {
            ValueType::Text => "TEXT",
            ValueType::Number => "NUMBER",
        };
        write!(formatter, "{}:{kind}:{action}:{value_type}", self.name)
    }
}

impl UserVariable {
    /// An answer as a value of it; `None` where it should be a number and is none.
    pub fn value(&self, answer: &str) -> Option<Value> {
        match self.value_type {
            ValueType::Text => Some(answer.into()),
            ValueType::Number => answer.trim().parse::<Number>().ok().map(Value::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in [
            "points:NUMBER:ADD:NUMBER",
            "date.year:JSON:EQ:TEXT",
            "n:TEXT:EQ:TEXT",
        ] {
            assert_eq!(text.parse::<UserVariable>().unwrap().to_string(), text);
        }
        let typed = "points:number:eq:number".parse::<UserVariable>().unwrap();
        assert_eq!(typed.to_string(), "points:NUMBER:EQ:NUMBER");
    }

    #[test]
    fn what_the_chatbot_would_not_understand_is_refused() {
        use InvalidUserVariable::{Add, Form, Name};
        for (text, refusal) in [
            ("points", Form),
            ("points:NUMBER:EQ", Form),
            ("points:NUMBER:EQ:NUMBER:x", Form),
            ("points:DATE:EQ:TEXT", Form),
            ("points:TEXT:ADD:TEXT", Add),
            (":TEXT:EQ:TEXT", Name),
            ("a..b:TEXT:EQ:TEXT", Name),
            ("점수:TEXT:EQ:TEXT", Name),
        ] {
            assert_eq!(text.parse::<UserVariable>(), Err(refusal), "{text}");
        }
    }

    #[test]
    fn a_number_is_a_number_or_nothing() {
        let number = "points:NUMBER:EQ:NUMBER".parse::<UserVariable>().unwrap();
        assert_eq!(number.value(" 12 "), Some(12.into()));
        assert_eq!(number.value("-1.5"), Some(serde_json::json!(-1.5)));
        for none in ["", "12점", "NaN", "1e999"] {
            assert_eq!(number.value(none), None, "{none}");
        }
        let text = "points:TEXT:EQ:TEXT".parse::<UserVariable>().unwrap();
        assert_eq!(text.value("12점"), Some("12점".into()));
    }
}
