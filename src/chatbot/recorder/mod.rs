//! What a chatbot builder really sends: for ten minutes an admin has the calls to `/record/{client_id}`
//! kept, without a token or another credential in them, and sees where the access token was.

pub mod answer;
pub mod arrived;
pub mod endpoint;
pub mod secrets;
pub mod store;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::foundation::ids::LinkId;

/// How long it records once it is switched on.
pub const RECORDS_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long a call is kept.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(1);
/// How many calls of a client are kept; one more pushes out the oldest.
pub const MOST_CALLS: i64 = 20;

/// Names with their values.
pub type Pairs = Vec<(String, String)>;

/// One call as it may be kept and shown: nothing in it opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedCall {
    /// `GET`, `POST`, …
    pub method: String,
    /// What stood in the path after the recorder's own; empty or beginning with `/`.
    pub rest: String,
    /// The network it came from, too large to be one person.
    pub from: String,
    /// The query, decoded, in the order it came.
    pub query: Pairs,
    /// The headers, by name.
    pub headers: Pairs,
    /// The body.
    pub body: Body,
    /// This server's tokens and secrets that were in it, numbered from 1 as the texts name them.
    pub tokens: Vec<SeenToken>,
}

/// A body, read as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// There was none.
    Empty,
    /// A form, decoded.
    Form(Pairs),
    /// JSON, indented.
    Json {
        /// The text.
        text: String,
        /// Whether it was called JSON: otherwise nobody looks for a token in it.
        declared: bool,
    },
    /// Another text.
    Text(String),
    /// So many bytes that are no text.
    Binary(usize),
    /// More than a call may have.
    TooLarge,
}

/// A token or secret of this server, or what looks like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenToken {
    /// What it is, or claims to be.
    pub kind: SecretKind,
    /// What verifying it gave.
    pub standing: Standing,
    /// Its link, where that is one of this client's.
    pub link: Option<LinkId>,
    /// Where it stood, in the words of a client's token places; none where no place would find it.
    pub places: Vec<String>,
}

/// Kinds of secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// What a chatbot should send.
    AccessToken,
    /// Only the platform's servers may have it.
    RefreshToken,
    /// A code on its way to the token endpoint.
    Code,
    /// A client secret.
    ClientSecret,
    /// Another secret of this server.
    Other,
    /// A JWT that this server didn't make.
    ForeignJwt,
}

/// What is known of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Genuine, of a link of this client.
    Genuine,
    /// The same, but its time is over.
    Expired,
    /// Genuine, of a link that is not this client's or is gone. Whose, is nobody's business here.
    Elsewhere,
    /// Not made by this server, or altered.
    NotOurs,
    /// It wasn't looked at.
    Unchecked,
}

impl SecretKind {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
            Self::Code => "authorization code",
            Self::ClientSecret => "client secret",
            Self::Other => "secret",
            Self::ForeignJwt => "JWT",
        }
    }
}

impl SeenToken {
    /// Whether the client may be told to look for tokens where this one stood.
    pub fn is_adoptable(&self) -> bool {
        self.kind == SecretKind::AccessToken && self.link.is_some()
    }
}
