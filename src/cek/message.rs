//! What CEK sends. Lenient where its documents and its real requests disagree: `application`,
//! `session` and `slots` may be missing or null. Strict about whose token counts. None of it can be
//! printed by accident: it holds ids, tokens and what people said.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::template::plain;

/// The longest `version` that is said back.
const MAX_VERSION: usize = 16;

/// One request, read.
#[derive(Clone, PartialEq)]
pub enum Message {
    /// A person says something, or stops.
    Turn(Turn),
    /// Something happened without anybody speaking.
    Event(Event),
    /// A CLOVA Home message, which knows nothing of extensions.
    Home(Home),
}

/// A launch, an intent, or the end of a session.
#[derive(Clone, PartialEq)]
pub struct Turn {
    /// The version of the message format.
    pub version: Option<String>,
    /// Whom it is meant for.
    pub application_id: Option<String>,
    /// Whose account it is about.
    pub speaker: Speaker,
    /// Whether the session is over and nothing can be said any more.
    pub is_over: bool,
    slots: Value,
}

/// Who speaks, as far as CEK knows.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Speaker {
    /// The platform's id of the user. Never tells an account.
    pub user_id: Option<String>,
    /// The access token, right or wrong.
    pub token: Option<String>,
}

/// An event.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// The version of the message format.
    pub version: Option<String>,
    /// Whom it is meant for.
    pub application_id: Option<String>,
    /// What happened.
    pub what: Happening,
}

/// What an event is about.
#[derive(Clone, PartialEq, Eq)]
pub enum Happening {
    /// A user switched the extension on.
    Enabled(At),
    /// A user switched it off: what was learned of them has to go.
    Disabled(At),
    /// Nothing that matters here.
    Other,
}

/// Whom an event is about, and when it happened.
#[derive(Clone, PartialEq, Eq)]
pub struct At {
    /// The platform's id of the user.
    pub user_id: String,
    /// By the platform's clock.
    pub timestamp: DateTime<Utc>,
}

/// A CLOVA Home message.
#[derive(Clone, PartialEq, Eq)]
pub struct Home {
    /// Whose account it is about; without an id of the user.
    pub speaker: Speaker,
}

/// Why a body is no request of CEK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAMessage {
    /// Not JSON at all.
    #[error("the body is not valid JSON")]
    Json,
    /// No kind that is known.
    #[error("the body is neither a CEK request of a known type nor a CLOVA Home message")]
    Kind,
    /// Without them it can't be put into an order.
    #[error("the event has no user, or no timestamp in RFC 3339")]
    Event,
    /// It would come before what is still to happen.
    #[error("the event's timestamp is in the future")]
    Future,
}

impl Message {
    /// Reads a body that was let in.
    pub fn read(body: &[u8]) -> Result<Self, NotAMessage> {
        let body: Value = serde_json::from_slice(body).map_err(|_| NotAMessage::Json)?;
        if text_at(&body, "/header/namespace") == Some("ClovaHome") {
            let speaker = Speaker {
                user_id: None,
                token: token(body.pointer("/payload/accessToken")),
            };
            return Ok(Self::Home(Home { speaker }));
        }
        let (version, application_id) = (version(&body), application_id(&body));
        let is_over = match text_at(&body, "/request/type") {
            Some("LaunchRequest" | "IntentRequest") => false,
            Some("SessionEndedRequest") => true,
            Some("EventRequest") => {
                return Ok(Self::Event(Event {
                    version,
                    application_id,
                    what: happening(&body)?,
                }));
            }
            _ => return Err(NotAMessage::Kind),
        };
        let slots = body.pointer("/request/intent/slots");
        Ok(Self::Turn(Turn {
            version,
            application_id,
            speaker: Speaker::of(&body),
            is_over,
            slots: slots.cloned().unwrap_or_default(),
        }))
    }

    /// The extension that the message names.
    pub fn application_id(&self) -> Option<&str> {
        match self {
            Self::Turn(turn) => turn.application_id.as_deref(),
            Self::Event(event) => event.application_id.as_deref(),
            Self::Home(_) => None,
        }
    }
}

impl Turn {
    /// What was said in a slot of the intent.
    pub fn slot(&self, name: &str) -> Option<String> {
        let value = self.slots.get(name)?.get("value")?;
        (!value.is_object() && !value.is_array()).then(|| plain(value))
    }
}

impl Speaker {
    /// The session's user. The device's owner stands in for them only where that is nobody else, so
    /// that a guest never hears what is the owner's.
    fn of(body: &Value) -> Self {
        let owner = Self::at(body.pointer("/context/System/user"));
        let Some(session) = body.get("session").filter(|session| !session.is_null()) else {
            return owner;
        };
        let current = Self::at(session.get("user"));
        let is_owner = current.user_id.is_some() && current.user_id == owner.user_id;
        if current.token.is_none() && is_owner {
            owner
        } else {
            current
        }
    }

    fn at(user: Option<&Value>) -> Self {
        let member = |name: &str| user.and_then(|user| user.get(name));
        let id = member("userId").and_then(Value::as_str);
        Self {
            user_id: id.filter(|id| !id.is_empty()).map(str::to_owned),
            token: token(member("accessToken")),
        }
    }
}

/// What stands where a token belongs. Something that is no text is a wrong token, not none.
fn token(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

/// Likewise: something that is no text names another extension, not none.
fn application_id(body: &Value) -> Option<String> {
    match body.pointer("/context/System/application/applicationId")? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn version(body: &Value) -> Option<String> {
    let is_plain = |text: &&str| {
        let mut bytes = text.bytes();
        text.len() <= MAX_VERSION && bytes.all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let text = text_at(body, "/version").filter(is_plain);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn happening(body: &Value) -> Result<Happening, NotAMessage> {
    let make = match (
        text_at(body, "/request/event/namespace"),
        text_at(body, "/request/event/name"),
    ) {
        (Some("ClovaSkill"), Some("SkillEnabled")) => Happening::Enabled,
        (Some("ClovaSkill"), Some("SkillDisabled")) => Happening::Disabled,
        _ => return Ok(Happening::Other),
    };
    let user_id = text_at(body, "/context/System/user/userId").filter(|id| !id.is_empty());
    let timestamp = text_at(body, "/request/timestamp");
    let timestamp = timestamp.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let (Some(user_id), Some(timestamp)) = (user_id, timestamp) else {
        return Err(NotAMessage::Event);
    };
    Ok(make(At {
        user_id: user_id.to_owned(),
        timestamp: timestamp.to_utc(),
    }))
}

fn text_at<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer)?.as_str()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
