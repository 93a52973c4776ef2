//! What each scope means, in a sentence for people.

pub mod store;

use crate::web::{
    i18n::{Lang, Words},
    state::AppState,
};

/// The most characters of a sentence: what fits on the consent page.
pub const MAX_SENTENCE: usize = 200;

/// Why a sentence can't be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sentence must have 1 to {MAX_SENTENCE} characters")]
pub struct InvalidSentence;

/// Checks a sentence that an admin wrote about a scope.
pub fn check_sentence(text: &str) -> Result<(), InvalidSentence> {
    let fits = (1..=MAX_SENTENCE).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(InvalidSentence)
    }
}

/// What one scope lets the client see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLine {
    /// What it is.
    pub sentence: String,
    /// What it is not, or what it means.
    pub note: Option<String>,
}

impl ScopeLine {
    /// The line of a scope every installation has; `None` for one an admin defined, which brings its own sentence.
    pub fn built_in(scope: &str, service_name: &str, words: Words) -> Option<Self> {
        let service = [("service", service_name)];
        let line = |sentence, note| Some(Self { sentence, note });
        match scope {
            "account:id" => line(words.say("scope-id"), Some(words.say("scope-id-note"))),
            "account:email" => line(words.say("scope-email"), None),
            "account:profile" => line(words.say("scope-profile"), None),
            "account:attributes" => line(
                words.tell("scope-attributes", &service),
                Some(words.tell("scope-attributes-note", &service)),
            ),
            _ => None,
        }
    }
}

/// One line for each scope.
pub async fn lines(
    scopes: &[String],
    service: &str,
    words: Words,
    state: &AppState,
) -> sqlx::Result<Vec<ScopeLine>> {
    let built_in = |scope: &String| ScopeLine::built_in(scope, service, words);
    if scopes.iter().all(|scope| built_in(scope).is_some()) {
        return Ok(scopes.iter().filter_map(built_in).collect());
    }
    let defined = store::list_scopes(&state.db).await?;
    let own = |scope: &String| {
        let found = defined.iter().find(|defined| defined.scope == *scope)?;
        let sentence = match words.lang() {
            Lang::Ko => &found.sentence_ko,
            Lang::En => &found.sentence_en,
            Lang::Ja => &found.sentence_ja,
        };
        Some(ScopeLine {
            sentence: sentence.clone(),
            note: None,
        })
    };
    // A scope whose sentence was deleted is named rather than hidden.
    let bare = |scope: &String| ScopeLine {
        sentence: scope.clone(),
        note: None,
    };
    Ok(scopes
        .iter()
        .map(|scope| {
            built_in(scope)
                .or_else(|| own(scope))
                .unwrap_or_else(|| bare(scope))
        })
        .collect())
}
