//! The pages on which people change their e-mail address.

use askama::Template;

use crate::{
    account::verify::CodeError,
    self_service::{
        confirmation::Confirmation,
        pages::{Around, Tab},
    },
    web::{frame::Frame, page},
};

/// `/account/email`: asks for the new address.
#[derive(Debug, Template)]
#[template(path = "self_service/email.html")]
pub struct EmailPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
    /// The address of now.
    pub current: String,
    /// What was typed before, or an empty field.
    pub email: String,
    /// Why that won't do.
    pub mistake: Option<EmailMistake>,
    /// Set where a code no longer counted.
    pub again: bool,
}

/// Why no letter is sent, or no address changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailMistake {
    /// It can't be an address.
    Wrong,
    /// It is the account's already.
    Own,
    /// Another account has got it, after its code was mailed.
    Taken,
    /// Too many codes were asked for.
    TooMany {
        /// When to try again.
        seconds: u32,
    },
}

impl EmailPage {
    /// What stands above the form.
    fn above(&self) -> Option<String> {
        let words = self.frame.words;
        match self.mistake {
            Some(EmailMistake::TooMany { seconds }) => {
                let minutes = seconds.div_ceil(60).to_string();
                Some(words.tell("address-too-many", &[("minutes", &minutes)]))
            }
            _ => self
                .confirmation
                .above(words)
                .or_else(|| self.again.then(|| words.say("address-again"))),
        }
    }

    /// What is wrong with the address.
    fn wrong(&self) -> Option<String> {
        let words = self.frame.words;
        match self.mistake? {
            EmailMistake::Wrong => Some(words.say("address-wrong")),
            EmailMistake::Own => Some(words.say("email-own")),
            EmailMistake::Taken => Some(words.say("email-taken")),
            EmailMistake::TooMany { .. } => None,
        }
    }
}

/// `/account/email/code`: asks for the code.
#[derive(Debug, Template)]
#[template(path = "self_service/email_code.html")]
pub struct EmailCodePage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// Which code it is about.
    pub ticket: String,
    /// Where it was mailed to.
    pub email: String,
    /// What was wrong with what was typed.
    pub error: Option<CodeError>,
    /// Whether the letter was sent before this was asked.
    pub sent_before: bool,
}

impl EmailCodePage {
    fn problem(&self) -> Option<String> {
        let words = self.frame.words;
        self.error.map(|error| match error {
            CodeError::Wrong => words.say("code-wrong"),
            CodeError::Over => words.say("code-over"),
        })
    }

    /// What the sentence that names the address says before and after it.
    fn what_around(&self) -> (String, String) {
        self.frame.words.around("code-what", "email")
    }

    /// Where another code can be asked for.
    fn anew(&self) -> String {
        page::with_query("/account/email", &[("ticket", &self.ticket)])
    }
}
