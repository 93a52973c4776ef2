//! The letters there are, and their words in each language.

mod about_account;
mod about_links;

use self::about_links::write_many_links;
use askama::Template;
use chrono::{DateTime, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::web::{i18n::Words, state::PublicUrl, time::Day};

/// A letter, with what stands in it; never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// The code that proves an address to sign up with.
    SignUpCode,
    /// Somebody wanted to sign up with an address that has an account.
    AddressTaken,
    /// Somebody wanted to sign up with an address that was not invited.
    NotInvited,
    /// An admin invites somebody to sign up.
    Invitation {
        /// How long that is good.
        until: DateTime<Utc>,
    },
    /// The code for a new password.
    ResetCode,
    /// A new password was asked for, for an address without an account.
    ResetUnknown,
    /// The same for an account that is disabled.
    ResetPaused,
    /// The code that proves an address an account is to have from now on.
    EmailCode,
    /// An account was to have an address that another one has.
    EmailTaken,
    /// The account has another address now; to the one it had.
    EmailLeft {
        /// The new one, not in full: mail that others read must not tell it.
        masked: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The same to the new address.
    EmailHere {
        /// When.
        at: DateTime<Utc>,
    },
    /// The account is to be deleted.
    DeletionAsked {
        /// When that will be.
        until: DateTime<Utc>,
        /// When it was asked for.
        at: DateTime<Utc>,
    },
    /// It is not to be any more.
    DeletionCalledOff {
        /// When it was called off.
        at: DateTime<Utc>,
    },
    /// It is deleted, as its person asked.
    AccountDeleted {
        /// When.
        at: DateTime<Utc>,
    },
    /// The password was changed.
    PasswordChanged {
        /// When.
        at: DateTime<Utc>,
    },
    /// Somebody logged in on a device that was not known.
    NewDevice {
        /// What it is, as far as it says so.
        device: Option<String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// What is asked for beside the password was changed, or stood in for.
    SecondStep {
        /// How.
        change: StepChange,
        /// When.
        at: DateTime<Utc>,
    },
    /// The account can be signed in to with a provider from now on.
    SignInConnected {
        /// What people call the provider.
        provider: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// It can't any more.
    SignInDisconnected {
        /// What people call the provider.
        provider: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A link was made.
    LinkMade {
        /// The client's name.
        client: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// So many links were made or ended within an hour that there is no letter about each.
    ManyLinks {
        /// Whether they ended.
        ended: bool,
        /// When the last of them was.
        at: DateTime<Utc>,
    },
    /// A link ended.
    LinkEnded {
        /// The client's name.
        client: String,
        /// Why, as `link::EndReason` spells it.
        reason: String,
        /// When.
        at: DateTime<Utc>,
    },
}

/// What became of somebody's second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepChange {
    /// An app makes codes from now on.
    AppAdded,
    /// It is not asked for any more.
    AppRemoved,
    /// There is another passkey.
    PasskeyAdded,
    /// One is removed.
    PasskeyRemoved,
    /// There are new recovery codes.
    CodesRenewed,
    /// One of them was used.
    CodeUsed,
    /// An admin has removed everything.
    Cleared,
}

impl StepChange {
    /// As the history says it.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::AppAdded => "authenticator app added",
            Self::AppRemoved => "authenticator app removed",
            Self::PasskeyAdded => "passkey added",
            Self::PasskeyRemoved => "passkey removed",
            Self::CodesRenewed => "recovery codes renewed",
            Self::CodeUsed => "recovery code used",
            Self::Cleared => "all second factors cleared",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::AppAdded => "mail-step-app-added",
            Self::AppRemoved => "mail-step-app-removed",
            Self::PasskeyAdded => "mail-step-passkey-added",
            Self::PasskeyRemoved => "mail-step-passkey-removed",
            Self::CodesRenewed => "mail-step-codes-renewed",
            Self::CodeUsed => "mail-step-code-used",
            Self::Cleared => "mail-step-cleared",
        }
    }
}

/// What a letter is written with.
#[derive(Clone, Copy)]
pub struct Filled<'a> {
    /// In this language.
    pub words: Words,
    /// The operator's service.
    pub service: &'a str,
    /// Where its pages are.
    pub url: &'a PublicUrl,
    /// The code that stands in it, if one does.
    pub code: Option<&'a str>,
    /// How much longer that is good.
    pub minutes_left: i64,
}

/// A letter, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The service it is from.
    pub service: String,
    /// What it is about.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct TextPart<'a>(&'a Body);

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlPart<'a>(&'a Body);

/// What both parts say.
#[derive(Debug, Default)]
struct Body {
    lang: &'static str,
    service: String,
    home: String,
    footer: String,
    title: String,
    before: Vec<String>,
    code: Option<String>,
    after: Vec<String>,
    button: Option<(String, String)>,
}

impl Letter {
    /// Its name, as it is stored and logged.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignUpCode => "sign_up_code",
            Self::AddressTaken => "address_taken",
            Self::NotInvited => "not_invited",
            Self::Invitation { .. } => "invitation",
            Self::ResetCode => "reset_code",
            Self::ResetUnknown => "reset_unknown",
            Self::ResetPaused => "reset_paused",
            Self::EmailCode => "email_code",
            Self::EmailTaken => "email_taken",
            Self::EmailLeft { .. } => "email_left",
            Self::EmailHere { .. } => "email_here",
            Self::DeletionAsked { .. } => "deletion_asked",
            Self::DeletionCalledOff { .. } => "deletion_called_off",
            Self::AccountDeleted { .. } => "account_deleted",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewDevice { .. } => "new_device",
            Self::SecondStep { .. } => "second_step",
            Self::SignInConnected { .. } => "sign_in_connected",
            Self::SignInDisconnected { .. } => "sign_in_disconnected",
            Self::ManyLinks { .. } => "many_links",
            Self::LinkMade { .. } => "link_made",
            Self::LinkEnded { .. } => "link_ended",
        }
    }

    /// Its words.
    pub fn written(&self, filled: &Filled<'_>) -> Result<Written, askama::Error> {
        let words = filled.words;
        let mut body = Body {
            lang: words.lang().tag(),
            service: filled.service.to_owned(),
            home: filled.url.issuer().to_owned(),
            footer: words.tell("mail-footer", &[("service", filled.service)]),
            ..Body::default()
        };
        match self {
            Self::SignUpCode | Self::ResetCode | Self::EmailCode => {
                self.write_code(&mut body, filled);
            }
            Self::AddressTaken
            | Self::EmailTaken
            | Self::NotInvited
            | Self::Invitation { .. }
            | Self::ResetUnknown
            | Self::ResetPaused => self.write_door(&mut body, filled),
            Self::PasswordChanged { .. } | Self::NewDevice { .. } | Self::SecondStep { .. } => {
                self.write_safety(&mut body, filled);
            }
            Self::EmailLeft { .. } | Self::EmailHere { .. } => {
                self.write_address(&mut body, filled);
            }
            Self::DeletionAsked { .. }
            | Self::DeletionCalledOff { .. }
            | Self::AccountDeleted { .. } => self.write_deletion(&mut body, filled),
            Self::SignInConnected { .. } | Self::SignInDisconnected { .. } => {
                self.write_sign_in(&mut body, filled);
            }
            Self::LinkMade { .. } | Self::LinkEnded { .. } => self.write_link(&mut body, filled),
            Self::ManyLinks { ended, at } => write_many_links((*ended, *at), &mut body, filled),
        }
        Ok(Written {
            subject: body.title.clone(),
            service: body.service.clone(),
            text: TextPart(&body).render()?,
            html: HtmlPart(&body).render()?,
        })
    }

    fn write_code(&self, body: &mut Body, filled: &Filled<'_>) {
        let say = |key| filled.say(key, &[]);
        let (title, what) = match self {
            Self::ResetCode => (say("mail-reset-title"), say("mail-reset-what")),
            Self::EmailCode => (say("mail-email-code-title"), say("mail-email-code-what")),
            _ => (say("mail-sign-up-title"), say("mail-sign-up-what")),
        };
        let minutes = filled.minutes_left.to_string();
        body.title = title;
        body.before.push(what);
        body.code = filled.code.map(str::to_owned);
        let lives = filled.say("mail-code-lives", &[("minutes", &minutes)]);
        body.after = vec![lives, say("mail-code-heed")];
    }

    /// What an address is told instead of a code.
    fn write_door(&self, body: &mut Body, filled: &Filled<'_>) {
        let say = |key| filled.say(key, &[]);
        let log_in = || Some((say("mail-button-login"), filled.url.join("/login")));
        let (title, what, button) = match self {
            Self::NotInvited => (
                say("mail-not-invited-title"),
                vec![say("mail-not-invited-what"), say("mail-not-you")],
                None,
            ),
            Self::Invitation { until } => {
                let day = Day::of(*until, filled.words).text;
                let what = filled.say("mail-invitation-what", &[("day", &day)]);
                let button = (say("mail-button-sign-up"), filled.url.join("/signup"));
                (say("mail-invitation-title"), vec![what], Some(button))
            }
            Self::EmailTaken => (
                say("mail-email-taken-title"),
                vec![
                    say("mail-email-taken-what"),
                    say("mail-email-taken-do"),
                    say("mail-not-you"),
                ],
                log_in(),
            ),
            Self::ResetUnknown => (
                say("mail-reset-unknown-title"),
                vec![say("mail-reset-unknown-what"), say("mail-not-you")],
                None,
            ),
            Self::ResetPaused => (
                say("mail-reset-paused-title"),
                vec![say("mail-reset-paused-what"), say("mail-not-you")],
                None,
            ),
            _ => (
                say("mail-taken-title"),
                vec![
                    say("mail-taken-what"),
                    say("mail-taken-do"),
                    say("mail-not-you"),
                ],
                log_in(),
            ),
        };
        body.title = title;
        body.before = what;
        body.button = button;
    }
}

impl Filled<'_> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        let service = [("service", self.service)];
        self.words.tell(key, &[&service, values].concat())
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        let day = Day::of(at, self.words).text;
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        self.words
            .tell("mail-time", &[("day", &day), ("time", &time)])
    }
}
