//! The pages of a person's second factors.

use askama::Template;

use crate::{
    factor::{passkey::Question, qr::Drawing},
    self_service::{
        confirmation::{Asked, Confirmation},
        pages::{Around, Tab},
    },
    web::{frame::Frame, time::Day},
};

/// `/account/factors`: what there is.
#[derive(Debug, Template)]
#[template(path = "self_service/factors.html")]
pub struct FactorsPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// Since when an app makes codes.
    pub app_since: Option<Day>,
    /// The passkeys.
    pub passkeys: Vec<PasskeyRow>,
    /// Whether browsers make passkeys for this server.
    pub passkeys_work: bool,
    /// How many recovery codes are left, where there is something they stand in for.
    pub codes_left: Option<i64>,
    /// What was done just now.
    pub done: Option<Done>,
}

/// A passkey.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// Names its page.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub since: Day,
    /// How long ago it last led in.
    pub used: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// An app was added.
    AppAdded,
    /// It was removed.
    AppRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// One has another name.
    PasskeyNamed,
    /// One was removed.
    PasskeyRemoved,
}

impl Done {
    /// As an address says it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "app-added" => Some(Self::AppAdded),
            "passkey-added" => Some(Self::PasskeyAdded),
            "passkey-named" => Some(Self::PasskeyNamed),
            "passkey-removed" => Some(Self::PasskeyRemoved),
            "app-removed" => Some(Self::AppRemoved),
            _ => None,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::AppAdded => "factors-app-added",
            Self::AppRemoved => "factors-app-removed",
            Self::PasskeyAdded => "factors-passkey-added",
            Self::PasskeyNamed => "factors-passkey-named",
            Self::PasskeyRemoved => "factors-passkey-removed",
        }
    }
}

impl FactorsPage {
    fn said(&self) -> Option<String> {
        self.done.map(|done| self.frame.words.say(done.key()))
    }

    fn left(&self) -> Option<String> {
        let count = self.codes_left?.to_string();
        let words = self.frame.words;
        Some(words.tell("factors-codes-left", &[("count", &count)]))
    }
}

/// `/account/factors/app`, where there is none yet: what the app has to be shown.
#[derive(Debug, Template)]
#[template(path = "self_service/app_add.html")]
pub struct AddAppPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
    /// What a phone's camera reads.
    pub qr: Drawing,
    /// The same to be typed.
    pub seed: String,
    /// The same to be opened on the phone itself.
    pub uri: String,
    /// What the form carries.
    pub enrolment: String,
    /// Whether the code was wrong.
    pub wrong: bool,
}

/// `/account/factors/app`, where there is one: whether it is to be asked for no more.
#[derive(Debug, Template)]
#[template(path = "self_service/app_remove.html")]
pub struct RemoveAppPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
}

/// `/account/factors/codes`: whether there are to be new recovery codes.
#[derive(Debug, Template)]
#[template(path = "self_service/codes_renew.html")]
pub struct RenewCodesPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
    /// What the form carries.
    pub enrolment: String,
}

/// Recovery codes, shown once.
#[derive(Debug, Template)]
#[template(path = "self_service/codes.html")]
pub struct CodesPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// The codes.
    pub codes: Vec<String>,
    /// What was added with them.
    pub done: Option<Done>,
}

/// `/account/factors/passkeys/new`: asks the browser for one.
#[derive(Debug, Template)]
#[template(path = "self_service/passkey_add.html")]
pub struct AddPasskeyPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
    /// What the browser is asked.
    pub question: Question,
    /// What the form carries.
    pub enrolment: String,
    /// Whether the last answer was none that counts.
    pub failed: bool,
}

/// `/account/factors/passkeys/{id}`: another name, or removal.
#[derive(Debug, Template)]
#[template(path = "self_service/passkey.html")]
pub struct PasskeyPage {
    /// The shared part.
    pub frame: Frame,
    /// What all of a person's own pages show.
    pub around: Around,
    /// What is asked for again.
    pub confirmation: Confirmation,
    /// Names it in addresses.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// How long ago it last led in.
    pub used: Option<String>,
    /// Whether it was not removed, because nobody could log in without it.
    pub kept: bool,
}

/// What a page that asks again says of it.
trait Asks {
    fn frame(&self) -> &Frame;
    fn confirmation(&self) -> Confirmation;

    fn asks_password(&self) -> bool {
        self.confirmation().asked == Asked::Password
    }

    fn asks_code(&self) -> bool {
        self.confirmation().asked == Asked::Code
    }

    /// What stands above the form.
    fn above(&self) -> Option<String> {
        self.confirmation().above(self.frame().words)
    }
}

macro_rules! asks {
    ($($page:ident)+) => {
        $(impl Asks for $page {
            fn frame(&self) -> &Frame {
                &self.frame
            }

            fn confirmation(&self) -> Confirmation {
                self.confirmation
            }
        })+
    };
}

asks!(AddAppPage RemoveAppPage RenewCodesPage AddPasskeyPage PasskeyPage);
