//! The pages on which people look after their own accounts.

use askama::Template;

use crate::web::{frame::Frame, time::Day};

/// `/account`: what is linked, and the way to unlink it.
#[derive(Debug, Template)]
#[template(path = "self_service/linked_apps.html")]
pub struct LinkedAppsPage {
    /// The shared part.
    pub frame: Frame,
    /// The person's name; may be empty.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The links, newest use first.
    pub links: Vec<LinkCard>,
    /// The client whose link was just ended.
    pub unlinked: Option<String>,
    /// The CSRF token of every form on the page.
    pub csrf: String,
}

/// One link, ready to print. Its form posts `link_id` to `/account/unlink`.
#[derive(Debug, Clone)]
pub struct LinkCard {
    /// The link's id.
    pub link_id: String,
    /// The client, as people know it.
    pub client_name: String,
    /// The letter that stands for the client, see [`crate::web::frame::mark`].
    pub mark: String,
    /// The day it was linked.
    pub since: Day,
    /// "2 hours ago", see [`crate::web::time::ago`]; none if it was never used.
    pub last_used: Option<String>,
    /// How it is doing.
    pub state: LinkMood,
    /// The sentences of its scopes.
    pub sees: Vec<String>,
    /// Whose chat it was made from: the messenger and the user there.
    pub chat: Option<(String, String)>,
}

impl LinkCard {
    fn app(&self, frame: &Frame) -> String {
        frame.words.app(Some(&self.client_name))
    }

    fn used(&self, frame: &Frame) -> String {
        match &self.last_used {
            Some(ago) => frame.words.tell("link-used", &[("ago", ago)]),
            None => frame.words.say("link-never-used"),
        }
    }

    fn pill(&self, frame: &Frame) -> String {
        frame.words.say(match self.state {
            LinkMood::Working => "link-working",
            LinkMood::Quiet => "link-quiet",
            LinkMood::Waiting => "link-waiting",
            LinkMood::Paused => "link-paused",
        })
    }

    fn hint(&self, frame: &Frame) -> Option<String> {
        let key = match self.state {
            LinkMood::Working => return None,
            LinkMood::Quiet => "link-quiet-hint",
            LinkMood::Waiting => "link-waiting-hint",
            LinkMood::Paused => "link-paused-hint",
        };
        let app = self.app(frame);
        Some(frame.words.tell(
            key,
            &[
                ("app", app.as_str()),
                ("service", frame.service_name.as_str()),
            ],
        ))
    }
}

/// How a link is doing, as its person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkMood {
    /// It was used lately.
    Working,
    /// It was not used for months: perhaps forgotten.
    Quiet,
    /// Approved, the code not yet redeemed.
    Waiting,
    /// The client is disabled.
    Paused,
}
