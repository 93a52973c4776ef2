//! A call as it arrived, and what is left of it once nothing in it opens anything.

use actix_web::{HttpRequest, web::Payload};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{
    Body, Pairs, RecordedCall, SeenToken,
    secrets::{Secrets, hidden, is_credential},
};
use crate::{
    chatbot::call::token_of,
    client::token_place::TokenPlace,
    protocol::{Parameters, bearer},
    web::{
        body::{self, Unread},
        json::{is_form, is_json},
    },
};

/// The longest JSON that is indented for reading; indenting deep values makes much of little.
const MOST_INDENTED: usize = 256 * 1024;

/// A call before anything was taken out of it. Never stored.
pub struct Arrived {
    method: String,
    rest: String,
    query: Pairs,
    /// Whether an action would read the query.
    query_counts: bool,
    headers: Pairs,
    content: Content,
}

enum Content {
    Empty,
    Form { pairs: Pairs, counts: bool },
    Json { value: Value, declared: bool },
    Text(String),
    Binary(usize),
    TooLarge,
}

impl Arrived {
    /// Reads a call, whose path went on with `rest` after the recorder's own. Fails if its body never
    /// came whole.
    pub async fn read(request: &HttpRequest, rest: &str, payload: Payload) -> Result<Self, Unread> {
        let content = match body::read(payload, body::MAX_CALL_BYTES).await {
            Ok(bytes) => Content::of(request, &bytes),
            Err(Unread::TooLarge) => Content::TooLarge,
            Err(unread) => return Err(unread),
        };
        let query = request.query_string().as_bytes();
        let headers = request.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        });
        let mut headers: Pairs = headers.collect();
        headers.sort();
        Ok(Self {
            method: request.method().as_str().to_owned(),
            rest: rest.to_owned(),
            query: pairs(query),
            query_counts: Parameters::parse(query).is_ok(),
            headers,
            content,
        })
    }

    /// The body, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        match &self.content {
            Content::Json { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The secrets in it, not verified yet.
    pub fn secrets(&self) -> Secrets {
        let in_pairs = |pairs: &Pairs| {
            let both = pairs.iter().flat_map(|(name, value)| [name, value]);
            both.cloned().collect::<Vec<_>>()
        };
        let mut texts = vec![self.method.clone(), self.rest.clone()];
        texts.extend(in_pairs(&self.headers));
        texts.extend(in_pairs(&self.query));
        match &self.content {
            Content::Form { pairs, .. } => texts.extend(in_pairs(pairs)),
            Content::Json { value, .. } => collect(value, &mut texts),
            Content::Text(text) => texts.push(text.clone()),
            Content::Empty | Content::Binary(_) | Content::TooLarge => {}
        }
        Secrets::among(texts.iter().map(String::as_str))
    }

    /// What may be kept of it.
    pub fn without(self, secrets: &Secrets, from: String) -> RecordedCall {
        let tokens = secrets.iter().map(|secret| SeenToken {
            kind: secret.kind,
            standing: secret.standing,
            link: secret.link,
            places: self.places_of(secret.expose()),
        });
        let tokens = tokens.collect();
        let hide = |pairs: Pairs| -> Pairs {
            let named = pairs.into_iter().map(|(name, value)| {
                let value = secrets.hide_named(&name, &value);
                (secrets.hide(&name), value)
            });
            named.collect()
        };
        RecordedCall {
            method: secrets.hide(&self.method),
            rest: secrets.hide(&self.rest),
            from,
            query: hide(self.query),
            headers: hide(self.headers),
            body: match self.content {
                Content::Empty => Body::Empty,
                Content::Form { pairs, .. } => Body::Form(hide(pairs)),
                Content::Json { value, declared } => Body::Json {
                    text: indented(&harmless(value, false, secrets)),
                    declared,
                },
                Content::Text(text) => Body::Text(secrets.hide(&text)),
                Content::Binary(bytes) => Body::Binary(bytes),
                Content::TooLarge => Body::TooLarge,
            },
            tokens,
        }
    }

    /// Where a client would have to look for the token, in the order of how good a place it is.
    fn places_of(&self, token: &str) -> Vec<String> {
        let mut places = Vec::new();
        for (name, value) in &self.headers {
            let once = self
                .headers
                .iter()
                .filter(|(other, _)| other == name)
                .count()
                == 1;
            if !once || token_of(value) != Some(token) {
                continue;
            }
            let is_bearer = name == "authorization"
                && bearer::token(&[value.as_bytes()]).is_ok_and(|found| found == Some(token));
            places.push(if is_bearer {
                TokenPlace::Bearer
            } else {
                TokenPlace::Header(name.clone())
            });
        }
        match &self.content {
            Content::Json {
                value,
                declared: true,
            } => {
                let mut pointers = Vec::new();
                point_at(value, token, &mut String::new(), &mut pointers);
                places.extend(pointers.into_iter().map(TokenPlace::Json));
            }
            Content::Form {
                pairs,
                counts: true,
            } => places.extend(names_of(pairs, token).map(TokenPlace::Form)),
            _ => {}
        }
        if self.query_counts {
            places.extend(names_of(&self.query, token).map(TokenPlace::Query));
        }
        // Some names can't be written as a place.
        let words = places.iter().map(TokenPlace::to_string);
        words
            .filter(|place| place.parse::<TokenPlace>().is_ok())
            .collect()
    }
}

impl Content {
    fn of(request: &HttpRequest, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        if is_form(request) {
            return Self::Form {
                pairs: pairs(bytes),
                counts: Parameters::parse(bytes).is_ok(),
            };
        }
        // A number or a word alone is JSON, too, but nobody means it.
        let json = serde_json::from_slice(bytes);
        if let Ok(value @ (Value::Object(_) | Value::Array(_))) = json {
            return Self::Json {
                value,
                declared: is_json(request),
            };
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Binary(bytes.len()),
        }
    }
}

fn pairs(raw: &[u8]) -> Pairs {
    form_urlencoded::parse(raw).into_owned().collect()
}

/// The names under which the token stands, each alone.
fn names_of(pairs: &Pairs, token: &str) -> impl Iterator<Item = String> {
    let once = |name: &String| pairs.iter().filter(|(other, _)| other == name).count() == 1;
    pairs
        .iter()
        .filter(move |(name, value)| token_of(value) == Some(token) && once(name))
        .map(|(name, _)| name.clone())
}

/// All names and texts of a JSON value.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => {
            for (name, value) in members {
                texts.push(name.clone());
                collect(value, texts);
            }
        }
        _ => {}
    }
}

/// JSON pointers (RFC 6901) to each place of the token.
fn point_at(value: &Value, token: &str, pointer: &mut String, found: &mut Vec<String>) {
    let mut step = |name: &str, value: &Value, found: &mut Vec<String>| {
        let before = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        point_at(value, token, pointer, found);
        pointer.truncate(before);
    };
    match value {
        Value::String(text) if token_of(text) == Some(token) => found.push(pointer.clone()),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                step(&number.to_string(), item, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                step(name, value, found);
            }
        }
        _ => {}
    }
}

/// The value without secrets; `within` a member that is named as a credential, without anything.
fn harmless(value: Value, within: bool, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) if within => Value::String(secrets.hide_named("secret", &text)),
        Value::String(text) => Value::String(secrets.hide(&text)),
        Value::Number(number) if within => Value::String(hidden(&number.to_string())),
        Value::Array(items) => {
            let items = items.into_iter();
            items.map(|item| harmless(item, within, secrets)).collect()
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let within = within || is_credential(&name);
                (secrets.hide(&name), harmless(value, within, secrets))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn indented(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    if pretty.len() <= MOST_INDENTED {
        pretty
    } else {
        value.to_string()
    }
}
