//! The page that asks whether a chat is to be connected.

use askama::Template;

use crate::{
    client::scope_sentence::ScopeLine,
    web::{frame::Frame, time::TimeLeft},
};

/// `/connect`: asks whether this chat may speak for this account.
#[derive(Debug, Template)]
#[template(path = "chatbot/connect.html")]
pub struct ConnectPage {
    /// The shared part.
    pub frame: Frame,
    /// The chatbot's client, as people know it.
    pub client_name: String,
    /// The messenger, as the builder names it.
    pub platform: String,
    /// The user there.
    pub user_id: String,
    /// The name of the account; may be empty.
    pub account_name: String,
    /// The e-mail address of the account.
    pub account_email: String,
    /// One line for each scope.
    pub scopes: Vec<ScopeLine>,
    /// Where the form of "not you?" is posted, with `csrf` and `flow`.
    pub not_you_action: String,
    /// How long the answer will be accepted.
    pub time_left: TimeLeft,
    /// The CSRF token of both forms.
    pub csrf: String,
    /// The sealed flow.
    pub flow: String,
    /// What this page named, sealed: the account and the flow.
    pub named: String,
}

impl ConnectPage {
    /// Where to start again.
    fn chat(&self) -> String {
        let named = [("client", self.client_name.as_str())];
        self.frame.words.tell("chat-named", &named)
    }

    fn unlink_around(&self) -> (String, String) {
        self.frame.words.around("consent-unlink", "place")
    }
}
