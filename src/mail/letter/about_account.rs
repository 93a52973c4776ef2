//! Letters about the account itself: its safety, its address, its sign-ins, its end.

use super::{Body, Filled, Letter};
use crate::web::time::Day;

impl Letter {
    pub(super) fn write_safety(&self, body: &mut Body, filled: &Filled<'_>) {
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

    /// Another address: to the one before, and to the new one.
    pub(super) fn write_address(&self, body: &mut Body, filled: &Filled<'_>) {
        match self {
            Self::EmailLeft { masked, at } => {
                let named = [("email", masked.as_str()), ("time", &filled.time(*at))];
                body.title = filled.say("mail-email-left-title", &[]);
                body.before = vec![
                    filled.say("mail-email-left-what", &named),
                    filled.say("mail-email-left-do", &[]),
                ];
            }
            Self::EmailHere { at } => {
                let time = filled.time(*at);
                body.title = filled.say("mail-email-here-title", &[]);
                body.before = vec![filled.say("mail-email-here-what", &[("time", &time)])];
                let button = filled.say("mail-button-login", &[]);
                body.button = Some((button, filled.url.join("/login")));
            }
            _ => {}
        }
    }

    pub(super) fn write_deletion(&self, body: &mut Body, filled: &Filled<'_>) {
        let say = |key| filled.say(key, &[]);
        match self {
            Self::DeletionAsked { until, at } => {
                let (day, time) = (Day::of(*until, filled.words).text, filled.time(*at));
                let named = [("day", day.as_str()), ("time", &time)];
                body.title = say("mail-deletion-title");
                body.before = vec![
                    filled.say("mail-deletion-what", &named),
                    say("mail-deletion-keep"),
                    say("mail-deletion-heed"),
                ];
                body.button = Some((say("deletion-keep"), filled.url.join("/account")));
            }
            Self::DeletionCalledOff { at } => {
                let time = filled.time(*at);
                body.title = say("mail-kept-title");
                body.before = vec![
                    filled.say("mail-kept-what", &[("time", &time)]),
                    say("mail-safety-do"),
                ];
                let address = filled.url.join("/password/forgot");
                body.button = Some((say("mail-button-forgot"), address));
            }
            Self::AccountDeleted { at } => {
                let time = filled.time(*at);
                body.title = say("mail-deleted-title");
                body.before = vec![
                    filled.say("mail-deleted-what", &[("time", &time)]),
                    say("mail-deleted-last"),
                ];
            }
            _ => {}
        }
    }

    pub(super) fn write_sign_in(&self, body: &mut Body, filled: &Filled<'_>) {
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
}
