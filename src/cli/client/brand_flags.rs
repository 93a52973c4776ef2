//! The flags for how a client's pages look.

use std::{ffi::OsString, fs};

use anyhow::Context as _;

use super::settings::replace;
use crate::web::branding::{
    client::{ClientBranding, Typed},
    files::logo_address,
    logo::Logo,
};

/// What may be set about the look. A flag not given leaves what is there; an empty one takes it away, and
/// the service's own is shown.
#[derive(clap::Args, Debug)]
pub struct BrandFlags {
    /// What people know the service by where this client links; empty: the service's name.
    #[arg(long, value_name = "NAME")]
    brand_name: Option<String>,
    /// What buttons are filled with, such as #0b6b54; empty: the service's colour.
    #[arg(long, value_name = "COLOUR")]
    brand_accent: Option<String>,
    /// The same on dark pages; empty: derived from the other.
    #[arg(long, value_name = "COLOUR")]
    brand_accent_dark: Option<String>,
    /// The terms of service, https; empty takes them away.
    #[arg(long, value_name = "URL")]
    terms_url: Option<String>,
    /// Whom people can ask: an e-mail address or an https URL; empty takes it away.
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
    /// A file with the logo, PNG or WebP, at most 1 MiB; empty takes it away.
    // Left to itself, the parser of paths refuses an empty one.
    #[arg(long, value_name = "FILE", value_parser = clap::value_parser!(OsString))]
    logo: Option<OsString>,
}

/// A logo on its way: drawing it has to be over before the client is locked.
pub enum GivenLogo {
    /// None was named: what is there stays.
    Not,
    /// What is there goes.
    Removed,
    /// This one takes its place.
    Given(Logo),
}

impl GivenLogo {
    /// The logo that was given, if one was.
    pub fn drawn(&self) -> Option<&Logo> {
        match self {
            Self::Given(logo) => Some(logo),
            Self::Not | Self::Removed => None,
        }
    }
}

impl BrandFlags {
    /// Reads and draws the logo that was named.
    pub async fn logo(&self) -> anyhow::Result<GivenLogo> {
        let Some(file) = &self.logo else {
            return Ok(GivenLogo::Not);
        };
        if file.is_empty() {
            return Ok(GivenLogo::Removed);
        }
        let upload = fs::read(file).with_context(|| format!("--logo {}", file.display()))?;
        Ok(GivenLogo::Given(Logo::draw(upload).await?))
    }

    /// The look with what was given in the place of what is there, checked.
    pub fn apply(
        self,
        before: &ClientBranding,
        logo: &GivenLogo,
    ) -> anyhow::Result<ClientBranding> {
        let mut typed = Typed::of(before);
        let trimmed = |given: Option<String>| given.map(|given| given.trim().to_owned());
        replace(&mut typed.name, trimmed(self.brand_name));
        replace(&mut typed.accent, trimmed(self.brand_accent));
        replace(&mut typed.accent_dark, trimmed(self.brand_accent_dark));
        replace(&mut typed.terms_url, trimmed(self.terms_url));
        replace(&mut typed.contact, trimmed(self.contact));
        let logo = match logo {
            GivenLogo::Not => before.logo.clone(),
            GivenLogo::Removed => None,
            GivenLogo::Given(logo) => Some(logo.id.clone()),
        };
        typed.read(logo).map_err(|refused| {
            let reasons: Vec<_> = refused.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(reasons.join("; "))
        })
    }
}

/// A look as the commands print it, beside the client's settings.
pub fn shown(branding: &ClientBranding) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("brand_name", branding.name.clone()),
        (
            "brand_accent",
            branding.accent.map(|colour| colour.to_string()),
        ),
        (
            "brand_accent_dark",
            branding.accent_dark.map(|colour| colour.to_string()),
        ),
        ("terms_url", branding.terms_url.clone()),
        ("contact", branding.contact.clone()),
        ("logo", branding.logo.as_deref().map(logo_address)),
    ]
}
