//! The pages on which people look after their own accounts.

use askama::Template;

use super::confirmation::Confirmation;
use crate::{
    account::{
        knock::Refused, new_password::Weakness, pages::LoginError, provider::directory::Button,
    },
    web::{frame::Frame, time::Day},
};

/// What all of a person's own pages show.
#[derive(Debug, Clone)]
pub struct Around {
    /// Which of them it is.
    pub tab: Tab,
    /// When the account will be deleted, if its person asked for that.
    pub leaves: Option<Day>,
    /// The CSRF token of every form on the page.
    pub csrf: String,
}

/// One of a person's own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What is linked.
    Apps,
    /// Where the person is signed in.
    Security,
    /// What is known of the person.
    You,
}

impl Tab {
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Apps, "/account", "tab-apps"),
        (Self::Security, "/account/security", "tab-security"),
        (Self::You, "/account/you", "tab-you"),
    ];
}

/// `/account/security`: where the person is signed in.
#[derive(Debug, Template)]
#[template(path = "self_service/security.html")]
pub struct SecurityPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// The live sessions, this browser's among them.
    pub sessions: Vec<SessionRow>,
    /// Whether one was ended just now.
    pub ended: bool,
    /// Whether the password was changed just now.
    pub changed: bool,
    /// How the person can sign in with others.
    pub connected: Connected,
}

impl SecurityPage {
    fn others(&self) -> bool {
        self.sessions.iter().any(|session| !session.here)
    }
}

/// The sign-ins with others, and what can be added.
#[derive(Debug, Clone, Default)]
pub struct Connected {
    /// What is connected.
    pub rows: Vec<ConnectedRow>,
    /// What can be.
    pub offers: Vec<Button>,
    /// Whether the account has a password, too.
    pub has_password: bool,
    /// Whether the last one was kept, because nobody could sign in without it.
    pub kept: bool,
}

impl Connected {
    /// Whether there is anything to say.
    fn concerns(&self) -> bool {
        !self.rows.is_empty() || !self.offers.is_empty() || !self.has_password
    }
}

/// One sign-in with another, ready to print. Its form posts `connection`.
#[derive(Debug, Clone)]
pub struct ConnectedRow {
    /// What the form names it by.
    pub id: String,
    /// The kind, as the stylesheet knows its colour.
    pub kind: &'static str,
    /// The letter where others would show a logo.
    pub mark: String,
    /// What people call the provider.
    pub name: String,
    /// Whose sign-in it is there.
    pub email: Option<String>,
    /// Since when.
    pub since: Day,
    /// "2 hours ago"; none where it was never used.
    pub used: Option<String>,
    /// Whether it can be used now.
    pub enabled: bool,
}

/// One session, ready to print. Its form posts `session`.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// What the form names it by.
    pub id: String,
    /// The browser and the device, as people would call them.
    pub device: String,
    /// Whether it is the one this page is shown in.
    pub here: bool,
    /// When the login was.
    pub since: Day,
    /// "2 hours ago": when it was used last.
    pub seen: String,
}

/// `/account/you`: what is known of the person.
#[derive(Debug, Template)]
#[template(path = "self_service/details.html")]
pub struct DetailsPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// The name, as it is or as it was typed.
    pub name: String,
    /// Whether the name was refused.
    pub name_refused: bool,
    /// The e-mail address.
    pub email: String,
    /// Whether another one can be proven: mail arrives.
    pub email_changes: bool,
    /// What may be chosen.
    pub languages: Vec<LanguageChoice>,
    /// What was changed just now.
    pub changed: Option<Changed>,
}

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// What the page itself asks for.
    Details,
    /// The e-mail address.
    Address,
}

impl DetailsPage {
    fn done(&self) -> Option<String> {
        let words = self.frame.words;
        self.changed.map(|changed| match changed {
            Changed::Details => words.say("details-saved"),
            Changed::Address => words.say("email-changed"),
        })
    }
}

/// A language of the account.
#[derive(Debug, Clone)]
pub struct LanguageChoice {
    /// A BCP 47 tag.
    pub tag: String,
    /// Its name in itself.
    pub label: String,
    /// Whether it is the account's.
    pub chosen: bool,
}

/// `/account/delete`: what deleting the account means, and whether it is meant.
#[derive(Debug, Template)]
#[template(path = "self_service/deletion.html")]
pub struct DeletionPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// When it would happen.
    pub day: Day,
    /// What is linked, by name.
    pub apps: Vec<String>,
    /// What is asked for again.
    pub confirmation: Confirmation,
}

impl DeletionPage {
    fn above(&self) -> Option<String> {
        self.confirmation.above(self.frame.words)
    }

    fn apps(&self) -> String {
        self.apps.join(", ")
    }
}

/// `/account/password`: another password, and whether what is linked stays linked.
#[derive(Debug, Template)]
#[template(path = "self_service/password.html")]
pub struct PasswordPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is linked, by name.
    pub apps: Vec<String>,
    /// Why the last try failed.
    pub mistake: Option<PasswordMistake>,
}

/// Why a password was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMistake {
    /// The current one is wrong, or was tried too often.
    Current(Refused),
    /// The new one won't do.
    Weak(Weakness),
}

impl PasswordPage {
    fn apps(&self) -> String {
        self.apps.join(", ")
    }

    fn current_is_wrong(&self) -> bool {
        matches!(
            self.mistake,
            Some(PasswordMistake::Current(Refused::Wrong(_)))
        )
    }

    fn above(&self) -> Option<String> {
        match self.mistake {
            Some(PasswordMistake::Current(Refused::TooMany { seconds })) => {
                Some(LoginError::TooMany { seconds }.sentence(self.frame.words))
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        match self.mistake {
            Some(PasswordMistake::Weak(weakness)) => Some(weakness.sentence(self.frame.words)),
            _ => None,
        }
    }
}

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
    /// What all of a person's own pages show.
    pub around: Around,
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
