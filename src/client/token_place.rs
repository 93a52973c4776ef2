//! Where a chatbot may put the access token of a call (`interface.md`, Actions).

use std::{fmt, str::FromStr};

/// One place to look for the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    Bearer,
    /// A header of that name, with or without `Bearer `.
    Header(String),
    /// A JSON pointer (RFC 6901) into the body.
    Json(String),
    /// A field of a form body.
    Form(String),
    /// A query parameter; URLs end up in logs, so an admin must choose it.
    Query(String),
}

/// The places a new client starts with.
pub const DEFAULT_PLACES: [&str; 4] = [
    "bearer",
    "json:/accessToken",
    "form:accessToken",
    "form:access_token",
];

/// The most places a client may list.
pub const MAX_PLACES: usize = 16;

/// Why a text names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a token place; use bearer, header:NAME, json:/POINTER, form:NAME or query:NAME"
)]
pub struct NotAPlace(String);

impl FromStr for TokenPlace {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let wrong = || NotAPlace(text.chars().take(80).collect());
        if text == "bearer" {
            return Ok(Self::Bearer);
        }
        let (kind, name) = text.split_once(':').ok_or_else(wrong)?;
        let is_name = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(c);
        let plain = !name.is_empty() && name.len() <= 128 && name.chars().all(is_name);
        match kind {
            "header" if plain => Ok(Self::Header(name.to_ascii_lowercase())),
            "form" if plain => Ok(Self::Form(name.to_owned())),
            "query" if plain => Ok(Self::Query(name.to_owned())),
            "json" if name.starts_with('/') && name.len() <= 256 => Ok(Self::Json(name.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for TokenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.write_str("bearer"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Json(pointer) => write!(f, "json:{pointer}"),
            Self::Form(name) => write!(f, "form:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_it_is_read() {
        for text in [
            "bearer",
            "header:x-clova-token",
            "json:/userInfo/accessToken",
            "form:access_token",
            "query:token",
        ] {
            assert_eq!(text.parse::<TokenPlace>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "Bearer",
            "cookie:sid",
            "header:",
            "json:accessToken",
            "header:a b",
            "form:a=b",
        ] {
            assert!(text.parse::<TokenPlace>().is_err(), "{text}");
        }
        assert!(
            DEFAULT_PLACES
                .iter()
                .all(|place| place.parse::<TokenPlace>().is_ok())
        );
    }
}
