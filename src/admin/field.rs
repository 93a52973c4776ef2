//! One field of a form: what was typed, and what is wrong with it.

/// A field's value, and the reason it was refused.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// What the field shows.
    pub value: String,
    /// Why it can't be so.
    pub error: Option<String>,
}

impl Field {
    /// A field with that value and nothing wrong.
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    /// Marks it as wrong; the first reason stays.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.error.get_or_insert_with(|| reason.into());
    }

    /// The value, if there is one.
    pub fn filled(&self) -> Option<&str> {
        Some(self.value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A reason as errors word it ("the name is too long"), as a sentence.
pub fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if reason.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}
