//! Every secret that a test hands out or is given, so that no log, table or error page shows one.
//!
//! An error page is looked at as it arrives. For logs and tables, `scripts/test` names a folder: each
//! process leaves its secrets, its logs and its tables there, and `tests/leaks` looks through them.

use std::{
    collections::HashMap,
    fs::OpenOptions,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use linkgate::foundation::random::{Random, SystemRandom};
use serde_json::Value;
use url::Url;

use super::{Answer, capture};

/// A shorter one can't be told from a word.
const SHORTEST: usize = 12;
/// What follows the prefix of a token, code or session of ours is longer.
const SHORTEST_TOKEN: usize = 30;

/// What kind of secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Code,
    AccessToken,
    RefreshToken,
    ClientSecret,
    Password,
    Cookie,
    State,
    Csrf,
    Flow,
    Verifier,
    SecretKey,
    Planted,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
            Self::ClientSecret => "client secret",
            Self::Password => "password",
            Self::Cookie => "cookie",
            Self::State => "state",
            Self::Csrf => "CSRF token",
            Self::Flow => "flow",
            Self::Verifier => "code verifier",
            Self::SecretKey => "secret key",
            Self::Planted => "planted secret",
        }
    }

    /// By what a token of ours begins with.
    fn of_prefix(token: &str) -> Option<Self> {
        match token.get(..6)? {
            "lg_ac_" => Some(Self::Code),
            "lg_at_" => Some(Self::AccessToken),
            "lg_rt_" => Some(Self::RefreshToken),
            "lg_cs_" | "lg_ck_" => Some(Self::ClientSecret),
            "lg_se_" | "lg_as_" | "lg_br_" | "lg_dv_" => Some(Self::Cookie),
            _ => None,
        }
    }
}

/// The secrets so far. Words are looked up; few are phrases, which must be searched for one by one.
#[derive(Default)]
struct Noted {
    words: HashMap<String, Kind>,
    phrases: HashMap<String, Kind>,
}

static NOTED: LazyLock<Mutex<Noted>> = LazyLock::new(Mutex::default);

fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~".contains(c)
}

/// Notes a secret.
pub fn note(kind: Kind, secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = if secret.chars().all(is_of_a_word) {
        &mut noted.words
    } else {
        &mut noted.phrases
    };
    if known.insert(secret.to_owned(), kind).is_none()
        && let Some(folder) = capture::folder()
    {
        let path = folder.join("secrets");
        let file = OpenOptions::new().create(true).append(true).open(path);
        let line = format!("{}\t{}\n", kind.as_str(), capture::hex(secret));
        file.unwrap().write_all(line.as_bytes()).unwrap();
    }
}

/// A secret that is meant to be found.
pub fn plant() -> String {
    let random: &dyn Random = &SystemRandom;
    let planted = format!("planted-{}", random.uuid());
    note(Kind::Planted, &planted);
    planted
}

/// Notes what an answer hands out, or fails if it is an error that shows a secret.
#[track_caller]
pub fn watch(answer: &Answer) {
    note_cookies(answer);
    note_location(answer);
    if answer.status >= 400 {
        let shown = shown(&answer.body);
        assert_eq!(shown, None, "an error of status {}", answer.status);
        return;
    }
    for token in tokens(&answer.body) {
        note_token(token);
    }
    for (name, kind) in [("csrf", Kind::Csrf), ("flow", Kind::Flow)] {
        let field = format!("name=\"{name}\" value=\"");
        for rest in answer.body.split(&field).skip(1) {
            note(kind, rest.split('"').next().unwrap());
        }
    }
    let json: Option<Value> = serde_json::from_str(&answer.body).ok();
    // A JWT has no prefix.
    if let Some(Value::String(token)) = json.as_ref().and_then(|json| json.get("access_token")) {
        note(Kind::AccessToken, token);
    }
}

/// Which kind of secret a text shows. A form that is shown again carries its flow and its CSRF token
/// anew, which is how it works.
pub fn shown(text: &str) -> Option<Kind> {
    let unknown = tokens(text).find_map(Kind::of_prefix);
    let noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut words = text.split(|c| !is_of_a_word(c));
    let word = words.find_map(|word| {
        let kind = *noted.words.get(word)?;
        (!matches!(kind, Kind::Csrf | Kind::Flow)).then_some(kind)
    });
    let phrase = || {
        let mut phrases = noted.phrases.iter();
        phrases.find_map(|(secret, kind)| text.contains(secret.as_str()).then_some(*kind))
    };
    unknown.or(word).or_else(phrase)
}

fn note_cookies(answer: &Answer) {
    for set in answer.headers.get_all("set-cookie") {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        // A language is no secret.
        if !name.ends_with("lang") {
            note(Kind::Cookie, value);
        }
    }
}

fn note_location(answer: &Answer) {
    let Some(location) = answer.headers.get("location") else {
        return;
    };
    let location = location.to_str().unwrap();
    let base = Url::parse("http://localhost").unwrap();
    note_query(&base.join(location).unwrap());
}

/// Notes what stands in the query of a URL.
pub fn note_query(url: &Url) {
    for (name, value) in url.query_pairs() {
        match &*name {
            "code" => note(Kind::Code, &value),
            "state" => note(Kind::State, &value),
            "flow" => note(Kind::Flow, &value),
            _ => {}
        }
    }
}

/// Notes the secrets among the fields of a form that is about to be posted.
pub fn note_fields(fields: &[(String, String)]) {
    for (name, value) in fields {
        if name == "password" {
            note(Kind::Password, value);
        }
    }
}

fn note_token(token: &str) {
    if let Some(kind) = Kind::of_prefix(token) {
        note(kind, token);
    }
}

/// Whatever looks like a token, code or session of ours.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("lg_").filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let token = rest.split(|c| !is_token(c)).next()?;
        (token.len() >= "lg_ac_".len() + SHORTEST_TOKEN).then_some(token)
    })
}
