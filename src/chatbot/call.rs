//! One call of a chatbot as it came: where tokens may be, and what else it brought.

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderValue},
    web::Payload,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    client::token_place::TokenPlace,
    foundation::ids::LinkId,
    protocol::{OAuthError, Parameters, bearer},
    template::plain,
    token::access::{self, AccessToken, NotGood},
    web::{
        body,
        json::{authorization, is_form, is_json},
        state::AppState,
    },
};

/// The most different tokens one call may bring; a chatbot sends one.
const MAX_TOKENS: usize = 8;

/// What came with a call, read and bounded.
#[derive(Debug)]
pub struct Call<'a> {
    headers: &'a HeaderMap,
    query: Parameters,
    form: Parameters,
    json: Value,
}

/// The tokens of a call, each verified, wherever it stood.
#[derive(Debug)]
pub struct Tokens(Vec<(String, Result<AccessToken, NotGood>)>);

impl<'a> Call<'a> {
    /// Reads a call. What is malformed is refused whoever asks.
    pub async fn read(request: &'a HttpRequest, payload: Payload) -> Result<Self, OAuthError> {
        if let twice @ [_, _, ..] = authorization(request).as_slice() {
            bearer::token(twice)?;
        }
        let mut call = Self {
            headers: request.headers(),
            query: Parameters::parse(request.query_string().as_bytes())?,
            form: Parameters::default(),
            json: Value::Null,
        };
        if is_form(request) {
            let bytes = body::read(payload, body::MAX_CALL_BYTES).await?;
            call.form = Parameters::parse(&bytes)?;
        } else if is_json(request) {
            let bytes = body::read(payload, body::MAX_CALL_BYTES).await?;
            call.json = parse_json(&bytes)?;
        }
        Ok(call)
    }

    /// Verifies whatever looks like a token, so that one read can fetch all that may count.
    pub async fn tokens(&self, state: &AppState, now: DateTime<Utc>) -> Result<Tokens, OAuthError> {
        let mut texts: Vec<&str> = Vec::new();
        for text in self.texts().filter_map(token_of) {
            if !access::looks_like_one(text) || texts.contains(&text) {
                continue;
            }
            if texts.len() == MAX_TOKENS {
                return Err(OAuthError::invalid_request(
                    "there are too many tokens in the call",
                ));
            }
            texts.push(text);
        }
        let mut tokens = Vec::with_capacity(texts.len());
        for text in texts {
            let issuer = state.public_url.issuer();
            let verified = AccessToken::verify(text, &state.keys, issuer, now).await?;
            tokens.push((text.to_owned(), verified));
        }
        Ok(Tokens(tokens))
    }

    /// What stands where a token may stand. An error is for something that can't be a token.
    pub fn at(&self, place: &TokenPlace) -> Result<Option<&str>, OAuthError> {
        match place {
            TokenPlace::Bearer => bearer::token(&self.header("authorization")),
            TokenPlace::Header(name) => match self.header(name).as_slice() {
                [] => Ok(None),
                [value] => std::str::from_utf8(value)
                    .map(token_of)
                    .map_err(|_| malformed()),
                _ => Err(OAuthError::invalid_request(
                    "the header of the access token comes twice",
                )),
            },
            TokenPlace::Form(name) => Ok(self.form.single(name)?.and_then(token_of)),
            TokenPlace::Query(name) => Ok(self.query.single(name)?.and_then(token_of)),
            TokenPlace::Json(pointer) => match self.json.pointer(pointer) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(text)) => Ok(token_of(text)),
                Some(_) => Err(malformed()),
            },
        }
    }

    /// A value that came along under that name: a query parameter, a form field or a member of the
    /// JSON body, but nothing from where a token may stand.
    pub fn entity(&self, name: &str, places: &[TokenPlace]) -> Option<String> {
        let is_place = |place: &TokenPlace| places.contains(place);
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let in_query = || {
            let value = self.query.get(name)?;
            (!is_place(&TokenPlace::Query(name.to_owned()))).then(|| value.to_owned())
        };
        let in_form = || {
            let value = self.form.get(name)?;
            (!is_place(&TokenPlace::Form(name.to_owned()))).then(|| value.to_owned())
        };
        let in_json = || match self.json.get(name)? {
            Value::Object(_) | Value::Array(_) => None,
            value => (!is_place(&TokenPlace::Json(pointer))).then(|| plain(value)),
        };
        in_query().or_else(in_form).or_else(in_json)
    }

    /// An entity of an action method v2.0, the task's own first among equals.
    pub fn said(&self, name: &str) -> Option<String> {
        let of = |kind: &str| match self.json.get("userInfo")?.get(kind)?.get(name)? {
            Value::Object(_) | Value::Array(_) => None,
            value => Some(plain(value)),
        };
        of("taskEntities").or_else(|| of("entities"))
    }

    /// The body, where it is JSON.
    pub fn json(&self) -> &Value {
        &self.json
    }

    fn header(&self, name: &str) -> Vec<&[u8]> {
        let values = self.headers.get_all(name);
        values.map(HeaderValue::as_bytes).collect()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let headers = self
            .headers
            .iter()
            .filter_map(|(_, value)| value.to_str().ok());
        let parameters = self.query.iter().chain(self.form.iter());
        headers
            .chain(parameters.map(|(_, value)| value))
            .chain(leaves(&self.json))
    }
}

impl Tokens {
    /// What a text that stands at a token's place turned out to be.
    pub fn verified(&self, text: &str) -> Result<AccessToken, NotGood> {
        self.0
            .iter()
            .find(|(given, _)| given == text)
            .map_or(Err(NotGood::Unknown), |(_, verified)| verified.clone())
    }

    /// The links of those that are good for one.
    pub fn links(&self) -> Vec<LinkId> {
        let good = self
            .0
            .iter()
            .filter_map(|(_, verified)| verified.as_ref().ok());
        good.map(|token| token.link_id).collect()
    }
}

/// The token in a text, with or without `Bearer ` before it; `None` where there is no text.
pub(super) fn token_of(text: &str) -> Option<&str> {
    let text = text.trim_ascii();
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_ascii_start(),
        _ => text,
    };
    (!token.is_empty()).then_some(token)
}

fn malformed() -> OAuthError {
    OAuthError::invalid_token("the access token is malformed")
}

fn parse_json(bytes: &[u8]) -> Result<Value, OAuthError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes)
        .map_err(|error| OAuthError::invalid_request("the body is not valid JSON").caused_by(error))
}

/// All strings of a JSON value, however deep (the parser bounds the depth).
fn leaves(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(leaves)),
        Value::Object(members) => Box::new(members.values().flat_map(leaves)),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
