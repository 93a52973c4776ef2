//! The consent page.

use askama::Template;

use crate::client::scope_sentence::ScopeLine;
use crate::web::frame::Frame;
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
