//! `--attribute key=value` and `--attribute key:=JSON`.

use serde_json::Value;

/// One attribute as it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// A string, or whatever JSON was written.
    pub value: Value,
}

/// Reads one; the first `=` decides, so that values may contain more of them.
pub fn parse(text: &str) -> Result<Attribute, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write key=value for a string, or key:=JSON")?;
    let (name, value) = match name.strip_suffix(':') {
        Some(name) => {
            let value = serde_json::from_str(value)
                .map_err(|error| format!("`{value}` is not JSON: {error}"))?;
            (name, value)
        }
        None => (name, Value::String(value.to_owned())),
    };
    if name.is_empty() {
        return Err("the attribute's name is missing".to_owned());
    }
    Ok(Attribute {
        name: name.to_owned(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_string_unless_json_is_asked_for() {
        let value = |text: &str| parse(text).unwrap().value;
        assert_eq!(value("tier=gold"), "gold");
        assert_eq!(value("points=1200"), "1200");
        assert_eq!(value("points:=1200"), 1200);
        assert_eq!(value("tags:=[\"a\"]"), serde_json::json!(["a"]));
        assert_eq!(value("formula=a=b"), "a=b");
        assert_eq!(value("empty="), "");
        for wrong in ["points", "=1", ":=1", "points:=gold"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
