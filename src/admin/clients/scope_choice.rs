//! The scopes a client may be registered for, as check boxes.

use crate::{
    client::{
        registration::{ALWAYS_GRANTED, BUILT_IN_SCOPES},
        scope_sentence::ScopeLine,
        store::DefinedScope,
    },
    web::i18n::{Lang, Words},
};

/// One check box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeChoice {
    /// The scope.
    pub name: String,
    /// What people read on the consent page.
    pub sentence: String,
    /// Whether it is ticked.
    pub ticked: bool,
    /// Whether it can't be unticked.
    pub always: bool,
}

/// Every scope there is, and those of the client that no longer are, so that they can be unticked.
pub fn choices(ticked: &[String], defined: &[DefinedScope], service: &str) -> Vec<ScopeChoice> {
    let words = Words::new(Lang::En);
    let built_in = BUILT_IN_SCOPES.map(|name| {
        let line = ScopeLine::built_in(name, service, words);
        (
            name.to_owned(),
            line.map_or_else(String::new, |line| line.sentence),
        )
    });
    let defined = defined
        .iter()
        .map(|scope| (scope.scope.clone(), scope.sentence_en.clone()));
    let mut all: Vec<_> = built_in.into_iter().chain(defined).collect();
    for name in ticked {
        if all.iter().all(|(known, _)| known != name) {
            let gone = "No longer defined: untick it, or define it again.";
            all.push((name.clone(), gone.to_owned()));
        }
    }
    let choice = |(name, sentence): (String, String)| ScopeChoice {
        ticked: name == ALWAYS_GRANTED || ticked.contains(&name),
        always: name == ALWAYS_GRANTED,
        name,
        sentence,
    };
    all.into_iter().map(choice).collect()
}
