//! The login page and the page of linked apps.

use askama::Template;

use crate::web::frame::Frame;
use crate::web::i18n::Words;
use crate::web::time::{Day, TimeLeft};

/// `/login`: asks who the person is, and nothing else.
#[derive(Debug, Template)]
#[template(path = "account/login.html")]
pub struct LoginPage {
    /// The shared part.
    pub frame: Frame,
    /// What the person typed before, or an empty field.
    pub email: String,
    /// Why the last try failed.
    pub error: Option<LoginError>,
    /// Why the person has to log in, where that isn't plain.
    pub notice: Option<LoginNotice>,
    /// The platform that wants to link, on the way to its consent page.
    pub client_name: Option<String>,
    /// How long the flow lives.
    pub time_left: Option<TimeLeft>,
    /// Where the form is posted.
    pub action: String,
    /// The sealed flow this login interrupts.
    pub flow: Option<String>,
    /// The form's CSRF token.
    pub csrf: String,
}

impl LoginPage {
    fn app(&self) -> String {
        self.frame.words.app(self.client_name.as_deref())
    }

    fn mismatch(&self) -> bool {
        self.error == Some(LoginError::Mismatch)
    }

    /// What stands above the form: a refusal that no field is to blame for, or why to log in.
    fn above(&self) -> Option<String> {
        let words = self.frame.words;
        match (self.error, self.notice) {
            (Some(error), _) if error != LoginError::Mismatch => Some(error.sentence(words)),
            (_, notice) => notice.map(|notice| notice.sentence(words)),
        }
    }
}

/// Why a login failed, as far as the person may know (unknown, disabled and locked accounts are all a mismatch).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginError {
    /// The e-mail or the password is wrong.
    Mismatch,
    /// This address has tried too often.
    TooMany {
        /// When to try again.
        seconds: u32,
    },
    /// Too many logins are being checked at once.
    Busy {
        /// When to try again.
        seconds: u64,
    },
}

impl LoginError {
    /// The sentence that says so.
    pub fn sentence(self, words: Words) -> String {
        match self {
            Self::Mismatch => words.say("login-mismatch"),
            Self::TooMany { seconds } => {
                words.tell("login-too-many", &[("seconds", &seconds.to_string())])
            }
            Self::Busy { seconds } => {
                words.tell("login-busy", &[("seconds", &seconds.to_string())])
            }
        }
    }
}

/// Why a person who did nothing wrong has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginNotice {
    /// The person said the consent page named another's account.
    OtherAccount,
}

impl LoginNotice {
    fn sentence(self, words: Words) -> String {
        match self {
            Self::OtherAccount => words.say("login-other-account"),
        }
    }
}

/// `/account`: what is linked, and the way to unlink it.
#[derive(Debug, Template)]
#[template(path = "account/account.html")]
pub struct AccountPage {
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
