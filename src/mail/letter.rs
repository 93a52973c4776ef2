//! The letters there are, and their words in each language.

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
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewDevice { .. } => "new_device",
            Self::SecondStep { .. } => "second_step",
            Self::SignInConnected { .. } => "sign_in_connected",
            Self::SignInDisconnected { .. } => "sign_in_disconnected",
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
            Self::SignUpCode | Self::ResetCode => self.write_code(&mut body, filled),
            Self::AddressTaken
            | Self::NotInvited
            | Self::Invitation { .. }
            | Self::ResetUnknown
            | Self::ResetPaused => self.write_door(&mut body, filled),
            Self::PasswordChanged { .. } | Self::NewDevice { .. } | Self::SecondStep { .. } => {
                self.write_safety(&mut body, filled);
            }
            Self::SignInConnected { .. } | Self::SignInDisconnected { .. } => {
                self.write_sign_in(&mut body, filled);
            }
            Self::LinkMade { .. } | Self::LinkEnded { .. } => self.write_link(&mut body, filled),
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

    fn write_safety(&self, body: &mut Body, filled: &Filled<'_>) {
        let say = |key| filled.say(key, &[]);
        match self {
            Self::NewDevice { device, at } => {
                let device = device.clone().unwrap_or_else(|| say("mail-device-unknown"));
                let named = [("device", device.as_str()), ("time", &filled.time(*at))];
                body.title = say("mail-device-title");
                body.before = vec![filled.say("mail-device-what", &named)];
            }
            Self::SecondStep { change, at } => {
                let named = [("time", filled.time(*at))];
                let named = named.each_ref().map(|(name, time)| (*name, time.as_str()));
                body.title = say("mail-step-title");
                body.before = vec![filled.say(change.key(), &named)];
            }
            Self::PasswordChanged { at } => {
                let named = [("time", filled.time(*at))];
                let named = named.each_ref().map(|(name, time)| (*name, time.as_str()));
                body.title = say("mail-password-title");
                body.before = vec![filled.say("mail-password-what", &named)];
            }
            _ => {}
        }
        body.before.push(say("mail-safety-do"));
        body.button = Some((
            say("mail-button-forgot"),
            filled.url.join("/password/forgot"),
        ));
    }

    fn write_sign_in(&self, body: &mut Body, filled: &Filled<'_>) {
        let (provider, at, connected) = match self {
            Self::SignInConnected { provider, at } => (provider, *at, true),
            Self::SignInDisconnected { provider, at } => (provider, *at, false),
            _ => return,
        };
        let time = filled.time(at);
        let named = [("provider", provider.as_str()), ("time", &time)];
        let (title, what) = if connected {
            ("mail-with-title", "mail-with-what")
        } else {
            ("mail-without-title", "mail-without-what")
        };
        body.title = filled.say(title, &named);
        body.before = vec![filled.say(what, &named), filled.say("mail-with-do", &named)];
        let address = filled.url.join("/account/security");
        body.button = Some((filled.say("mail-button-security", &[]), address));
    }

    fn write_link(&self, body: &mut Body, filled: &Filled<'_>) {
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
