//! The consent page.

use askama::Template;

use crate::web::frame::Frame;
use crate::web::i18n::Words;
use crate::web::time::TimeLeft;

/// `/consent`: asks whether this client may see these things of this account.
#[derive(Debug, Template)]
#[template(path = "authorize/consent.html")]
pub struct ConsentPage {
    /// The shared part.
    pub frame: Frame,
    /// The client, as people know it.
    pub client_name: String,
    /// The name of the account; may be empty.
    pub account_name: String,
    /// The e-mail address of the account.
    pub account_email: String,
    /// One line for each scope.
    pub scopes: Vec<ScopeLine>,
    /// Where the form of "not you?" is posted, with `csrf` and `flow`.
    pub not_you_action: String,
    /// The host of the proven redirect URI.
    pub return_host: String,
    /// How long the answer will be accepted.
    pub time_left: TimeLeft,
    /// The CSRF token of both forms.
    pub csrf: String,
    /// The sealed flow.
    pub flow: String,
    /// What this page named, sealed: the account and the flow.
    pub named: String,
}

impl ConsentPage {
    fn app(&self) -> String {
        self.frame.words.app(Some(&self.client_name))
    }

    fn unlink_around(&self) -> (String, String) {
        self.frame.words.around("consent-unlink", "place")
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
