//! The login page.

use askama::Template;

use super::provider::directory::Button;
use crate::factor::passkey::Question;
use crate::web::frame::Frame;
use crate::web::i18n::Words;
use crate::web::time::TimeLeft;

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
    /// The provider and the address of a sign-in that waits to be connected.
    pub connect: Option<(String, String)>,
    /// Whom else people may sign in with.
    pub buttons: Vec<Button>,
    /// Where the form is posted.
    pub action: String,
    /// Where an account can be made, if people may.
    pub sign_up: Option<String>,
    /// Where a forgotten password can be replaced.
    pub forgot: String,
    /// The sealed flow this login interrupts.
    pub flow: Option<String>,
    /// What a browser with passkeys is asked.
    pub passkey: Option<Question>,
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
            (None, None) => self.connect.as_ref().map(|(provider, _)| {
                let named = [
                    ("provider", provider.as_str()),
                    ("service", self.frame.service_name.as_str()),
                ];
                words.tell("with-existing", &named)
            }),
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
    /// A passkey did not lead in.
    Passkey,
    /// One was asked for too long ago.
    PasskeyLate,
    /// The second step took too long, or too many tries.
    Again,
}

impl LoginNotice {
    fn sentence(self, words: Words) -> String {
        match self {
            Self::OtherAccount => words.say("login-other-account"),
            Self::Passkey => words.say("passkey-refused"),
            Self::PasskeyLate => words.say("passkey-late"),
            Self::Again => words.say("second-step-over"),
        }
    }
}
