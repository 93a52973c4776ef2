//! How a client's pages differ from the service's own: its name, logo and colours, and where its terms
//! and its help are.

use super::{
    colour::Colour,
    palette::{Accents, Scheme, TO_BE_FOUND},
};
use crate::protocol::is_https_url;

/// What fits above a page on a phone.
pub const MAX_NAME: usize = 60;
/// What an e-mail address may have, in bytes.
const MAX_EMAIL: usize = 254;

/// What an admin set; what is absent is as the service has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientBranding {
    /// What people know the service by.
    pub name: Option<String>,
    /// The id of the logo.
    pub logo: Option<String>,
    /// What buttons are filled with.
    pub accent: Option<Colour>,
    /// The same on dark pages; without one, it is derived.
    pub accent_dark: Option<Colour>,
    /// The terms of service, https.
    pub terms_url: Option<String>,
    /// Whom to ask: an e-mail address, or an https URL.
    pub contact: Option<String>,
}

/// The same as it is typed, but for the logo; empty is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// See [`ClientBranding::name`].
    pub name: String,
    /// See [`ClientBranding::accent`].
    pub accent: String,
    /// See [`ClientBranding::accent_dark`].
    pub accent_dark: String,
    /// See [`ClientBranding::terms_url`].
    pub terms_url: String,
    /// See [`ClientBranding::contact`].
    pub contact: String,
}

/// Why it can't be so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Too long, or unprintable.
    #[error("the brand name must have 1 to {MAX_NAME} characters")]
    Name,
    /// No colour.
    #[error("{} must be # and six hexadecimal digits, such as #0b6b54", .0.colour_words())]
    Colour(Setting),
    /// It can hardly be told from the page.
    #[error(
        "{} {colour} stands out from {} pages by {found:.2} : 1 only, and a button needs {TO_BE_FOUND} : 1; take a {} one",
        .setting.colour_words(), .scheme.as_str(), stronger(*.scheme)
    )]
    Faint {
        /// Which one.
        setting: Setting,
        /// What it is.
        colour: Colour,
        /// On which pages.
        scheme: Scheme,
        /// Its contrast, rounded down so that it never reads as enough.
        found: f64,
    },
    /// There is nothing that it would be the dark one of.
    #[error("the accent colour for dark pages needs one for light pages beside it")]
    DarkAlone,
    /// Not https.
    #[error("the terms URL must be an https URL")]
    TermsUrl,
    /// Nothing that leads to anybody.
    #[error("the contact must be an e-mail address or an https URL")]
    Contact,
}

/// What may be wrong, as forms name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The name.
    Name,
    /// The accent.
    Accent,
    /// The accent on dark pages.
    AccentDark,
    /// The terms.
    TermsUrl,
    /// The contact.
    Contact,
}

impl Setting {
    fn colour_words(self) -> &'static str {
        match self {
            Self::AccentDark => "the accent colour for dark pages",
            _ => "the accent colour",
        }
    }
}

fn stronger(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Light => "darker",
        Scheme::Dark => "lighter",
    }
}

impl Refused {
    /// Where a form shows the reason.
    pub fn setting(&self) -> Setting {
        match self {
            Self::Name => Setting::Name,
            Self::Colour(setting) | Self::Faint { setting, .. } => *setting,
            Self::DarkAlone => Setting::AccentDark,
            Self::TermsUrl => Setting::TermsUrl,
            Self::Contact => Setting::Contact,
        }
    }
}

impl ClientBranding {
    /// Its accents, if it has colours of its own.
    pub fn accents(&self) -> Option<Accents> {
        self.accent
            .map(|accent| Accents::new(accent, self.accent_dark))
    }

    /// What differs in another state of it, in words for the history.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let compared = [
            (self.name != other.name, "brand name"),
            (self.logo != other.logo, "logo"),
            (self.accent != other.accent, "accent colour"),
            (self.accent_dark != other.accent_dark, "dark accent colour"),
            (self.terms_url != other.terms_url, "terms address"),
            (self.contact != other.contact, "contact"),
        ];
        let changed = compared.into_iter().filter(|(changed, _)| *changed);
        changed.map(|(_, what)| what).collect()
    }
}

impl Typed {
    /// A branding as it would be typed.
    pub fn of(branding: &ClientBranding) -> Self {
        let colour = |colour: Option<Colour>| colour.map(|colour| colour.to_string());
        Self {
            name: branding.name.clone().unwrap_or_default(),
            accent: colour(branding.accent).unwrap_or_default(),
            accent_dark: colour(branding.accent_dark).unwrap_or_default(),
            terms_url: branding.terms_url.clone().unwrap_or_default(),
            contact: branding.contact.clone().unwrap_or_default(),
        }
    }

    /// The branding that was typed, with that logo; or all that is wrong with it.
    pub fn read(&self, logo: Option<String>) -> Result<ClientBranding, Vec<Refused>> {
        let mut refused = Vec::new();
        let mut note = |reason: Option<Refused>| refused.extend(reason);
        note(self.wrong_name());
        let accent = self.colour(Setting::Accent, Scheme::Light, &mut note);
        let accent_dark = self.colour(Setting::AccentDark, Scheme::Dark, &mut note);
        if self.accent.is_empty() && accent_dark.is_some() {
            note(Some(Refused::DarkAlone));
        }
        let terms_url = filled(&self.terms_url);
        if terms_url.as_deref().is_some_and(|url| !is_https_url(url)) {
            note(Some(Refused::TermsUrl));
        }
        let contact = filled(&self.contact);
        if contact.as_deref().is_some_and(|to| address(to).is_none()) {
            note(Some(Refused::Contact));
        }
        let read = ClientBranding {
            name: filled(&self.name),
            logo,
            accent,
            accent_dark,
            terms_url,
            contact,
        };
        if refused.is_empty() {
            Ok(read)
        } else {
            Err(refused)
        }
    }

    fn wrong_name(&self) -> Option<Refused> {
        let fits = self.name.chars().count() <= MAX_NAME;
        let printable = !self.name.chars().any(char::is_control);
        (!fits || !printable).then_some(Refused::Name)
    }

    fn colour(
        &self,
        setting: Setting,
        scheme: Scheme,
        note: &mut impl FnMut(Option<Refused>),
    ) -> Option<Colour> {
        let typed = match setting {
            Setting::AccentDark => &self.accent_dark,
            _ => &self.accent,
        };
        if typed.is_empty() {
            return None;
        }
        let Ok(colour) = typed.parse::<Colour>() else {
            note(Some(Refused::Colour(setting)));
            return None;
        };
        let ratio = scheme.contrast(colour);
        note((ratio < TO_BE_FOUND).then(|| Refused::Faint {
            setting,
            colour,
            scheme,
            found: (ratio * 100.0).floor() / 100.0,
        }));
        Some(colour)
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Where a link to the contact leads; `None` if it is none.
pub fn address(contact: &str) -> Option<String> {
    if is_https_url(contact) {
        return Some(contact.to_owned());
    }
    // Of the signs that an address may have, those that mean nothing in a link.
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    let whole = contact.len() <= MAX_EMAIL && contact.chars().all(plain);
    let parses = contact.parse::<lettre::Address>().is_ok();
    (whole && parses).then(|| format!("mailto:{contact}"))
}

#[cfg(test)]
mod tests {
    use super::{
        Setting::{AccentDark, Contact, Name, TermsUrl},
        *,
    };

    fn reasons(typed: &Typed) -> Vec<String> {
        let refused = typed.read(None).err().unwrap_or_default();
        refused.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_faint_accent_is_refused_with_the_contrast_it_has() {
        for (accent, dark, said) in [
            (
                "#ffe812",
                "",
                "the accent colour #ffe812 stands out from light pages by 1.",
            ),
            ("#03c75a", "", "by 2.1"),
            (
                "#0b6b54",
                "#1a237e",
                "for dark pages #1a237e stands out from dark pages by 1.",
            ),
            ("#0b6b54", "#1a237e", "needs 3 : 1; take a lighter one"),
        ] {
            let typed = Typed {
                accent: accent.to_owned(),
                accent_dark: dark.to_owned(),
                ..Typed::default()
            };
            let reasons = reasons(&typed);
            assert!(
                reasons.len() == 1 && reasons.iter().all(|reason| reason.contains(said)),
                "{reasons:?}"
            );
        }
        for good in ["#0b6b54", "#000000", "#e4002b", "#1a237e", "#0066FF"] {
            let typed = Typed {
                accent: good.to_owned(),
                ..Typed::default()
            };
            assert_eq!(reasons(&typed), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let typed = Typed {
            name: "x".repeat(61),
            accent: String::new(),
            accent_dark: "#ffffff".to_owned(),
            terms_url: "http://a.example".to_owned(),
            contact: "nobody".to_owned(),
        };
        let refused = typed.read(None).unwrap_err();
        let settings: Vec<_> = refused.iter().map(Refused::setting).collect();
        assert_eq!(settings, [Name, AccentDark, TermsUrl, Contact]);
    }

    #[test]
    fn a_contact_leads_to_somebody_and_nowhere_else() {
        assert_eq!(
            address("help+link@a.example").unwrap(),
            "mailto:help+link@a.example"
        );
        assert_eq!(
            address("https://a.example/?b").unwrap(),
            "https://a.example/?b"
        );
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@a.example",
            "javascript:alert(1)",
            "http://a.example",
            "mailto:a@a.example",
            "a@a.example?bcc=b@b.example",
            "a@a.example,b@b.example",
            "a b@a.example",
            "\"a\"@a.example",
            "a%0a@a.example",
            "tel:1",
            "가@a.example",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_typed_is_what_is_read() {
        let branding = ClientBranding {
            name: Some("한강피자".to_owned()),
            logo: Some("id".to_owned()),
            accent: "#0b6b54".parse().ok(),
            accent_dark: None,
            terms_url: Some("https://a.example/terms".to_owned()),
            contact: Some("a@a.example".to_owned()),
        };
        let read = Typed::of(&branding).read(branding.logo.clone()).unwrap();
        assert_eq!(read, branding);
        assert_eq!(read.differences(&branding), Vec::<&str>::new());
        let other = ClientBranding::default();
        assert_eq!(read.differences(&other).len(), 5);
    }
}
