//! The values a platform's redirect URIs are made with, such as Google's project id.

use std::collections::BTreeMap;

/// A value an admin gives when registering a client of this preset.
#[derive(Debug)]
pub struct PresetValue {
    /// Its name in `--preset-value NAME=…`.
    pub name: &'static str,
    /// Its label in the admin console.
    pub label: &'static str,
    /// Where the admin finds it.
    pub explanation: &'static str,
    /// Whether the preset can't do without it.
    pub required: bool,
}

/// The longest value, in characters.
pub const MAX_LENGTH: usize = 100;

/// Why the values don't fit the preset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresetValueError {
    /// A required value was not given.
    #[error("{name} is missing: {explanation}")]
    Missing {
        /// Its name.
        name: &'static str,
        /// Where to find it.
        explanation: &'static str,
    },
    /// A value that would change the shape of the URI.
    #[error("{name} may contain letters, digits and - . _ ~ only, at most {MAX_LENGTH}")]
    Malformed {
        /// Its name.
        name: &'static str,
    },
    /// The preset has no such value.
    #[error("{name} is not a value of this preset")]
    Unknown {
        /// The name that was given.
        name: String,
    },
}

impl PresetValue {
    /// The `pattern` of its form field; the same rule as the server's.
    pub const PATTERN: &'static str = "[A-Za-z0-9._~\\-]{1,100}";
}

pub(super) fn check(
    known: &[PresetValue],
    given: &BTreeMap<String, String>,
) -> Result<(), PresetValueError> {
    if let Some(name) = given
        .keys()
        .find(|name| known.iter().all(|value| value.name != **name))
    {
        return Err(PresetValueError::Unknown { name: name.clone() });
    }
    for value in known {
        let PresetValue {
            name, explanation, ..
        } = *value;
        match given.get(name).map(String::as_str) {
            None | Some("") if value.required => {
                return Err(PresetValueError::Missing { name, explanation });
            }
            None | Some("") => {}
            Some(text) if is_plain(text) => {}
            Some(_) => return Err(PresetValueError::Malformed { name }),
        }
    }
    Ok(())
}

/// RFC 3986's unreserved characters: nothing to escape, nothing that ends a path segment or query.
fn is_plain(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.len() <= MAX_LENGTH && text.bytes().all(unreserved)
}

/// Puts the values in the place of their names; `None` where one is absent.
pub(super) fn fill(template: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = values.get(name).filter(|value| !value.is_empty())?;
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}
