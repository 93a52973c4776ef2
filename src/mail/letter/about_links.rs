//! Letters about links: made, and ended.

use chrono::{DateTime, Utc};

use super::{Body, Filled, Letter};

/// Stands for all that are not written about.
pub(super) fn write_many_links(
    (ended, at): (bool, DateTime<Utc>),
    body: &mut Body,
    filled: &Filled<'_>,
) {
    let time = filled.time(at);
    let (title, what) = if ended {
        ("mail-many-ended-title", "mail-many-ended-what")
    } else {
        ("mail-many-made-title", "mail-many-made-what")
    };
    body.title = filled.say(title, &[]);
    body.before = vec![
        filled.say(what, &[("time", &time)]),
        filled.say("mail-many-do", &[]),
    ];
    let button = filled.say("mail-button-account", &[]);
    body.button = Some((button, filled.url.join("/account")));
}

impl Letter {
    pub(super) fn write_link(&self, body: &mut Body, filled: &Filled<'_>) {
        let (client, at, made) = match self {
            Self::LinkMade { client, at } => (client, *at, true),
            Self::LinkEnded { client, at, .. } => (client, *at, false),
            _ => return,
        };
        let (app, time) = (filled.words.app(Some(client)), filled.time(at));
        let named = [("client", client.as_str()), ("app", &app), ("time", &time)];
        if made {
            body.title = filled.say("mail-linked-title", &named);
            body.before = vec![
                filled.say("mail-linked-what", &named),
                filled.say("mail-linked-do", &named),
            ];
        } else {
            body.title = filled.say("mail-unlinked-title", &named);
            body.before = vec![
                filled.say("mail-unlinked-what", &named),
                filled.say(self.end_in_words(), &named),
                filled.say("mail-unlinked-do", &named),
            ];
        }
        let button = filled.say("mail-button-account", &[]);
        body.button = Some((button, filled.url.join("/account")));
    }

    /// The sentence that says why a link ended.
    fn end_in_words(&self) -> &'static str {
        let Self::LinkEnded { reason, .. } = self else {
            return "mail-end-admin";
        };
        match reason.as_str() {
            "account" => "mail-end-account",
            "platform" => "mail-end-platform",
            "idle" => "mail-end-idle",
            "password_change" => "mail-end-password",
            "code_replayed" | "refresh_replayed" | "wrong_verifier" | "key_compromised" => {
                "mail-end-safety"
            }
            _ => "mail-end-admin",
        }
    }
}
