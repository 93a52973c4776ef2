//! Presets: what is known about each assistant platform, as data.
//!
//! A preset fills in a new client and tells the admin what to paste where; afterwards the client's
//! own settings count. A platform is added with one file and one line in [`Preset::all`].

mod alexa;
mod clova;
mod clova_authentication;
mod console;
#[cfg(test)]
mod console_tests;
mod custom;
mod google;
mod smartthings;
mod value;
mod yandex_alice;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Rotation, cek::SpokenLanguage};
use crate::protocol::redirect_uri::LoopbackHttp;

pub use console::{ConsoleFacts, ConsoleField, ConsoleSection, ConsoleValue, Purpose, SHOWN_ONCE};
pub use value::{PresetValue, PresetValueError};

/// The quirks of one platform.
#[derive(Debug)]
pub struct Preset {
    /// Its name in commands and in the database, such as `clova-line`.
    pub id: &'static str,
    /// Its name in the admin console.
    pub name: &'static str,
    /// The platform's name as people know it, for the consent page.
    pub platform: &'static str,
    /// What it is for, for an admin who chooses.
    pub summary: &'static str,
    /// One letter standing for the platform where there is no logo.
    pub mark: char,
    /// Where the platform gets its answers; `{name}` stands for a [`PresetValue`]. With none, an
    /// admin must name the redirect URIs.
    redirect_templates: &'static [&'static str],
    /// The values its redirect URIs are made with.
    pub values: &'static [PresetValue],
    /// Whether `http` redirect URIs to this machine may be registered, for trials.
    pub loopback_http: LoopbackHttp,
    /// How the platform's console is best told to authenticate; both ways are always accepted.
    pub client_auth: ClientAuthMethod,
    /// Whether only a client that keeps a secret may be registered.
    pub confidential_only: bool,
    /// How long an authorization code lives, where the platform wants another time than the server.
    pub code_lifetime: Option<Duration>,
    /// How long an access token lives, where the platform wants another time than the server.
    pub access_lifetime: Option<Duration>,
    /// The shortest access token life the platform accepts.
    pub shortest_access_lifetime: Option<Duration>,
    /// How long the platform's own `state` lives: after it, consent comes too late.
    pub state_lifetime: Option<Duration>,
    /// What a refresh does to the refresh token.
    pub rotation: Rotation,
    /// Whether the platform sends a code challenge.
    pub pkce: Pkce,
    /// Whether JWT access tokens break the platform.
    pub opaque_tokens_only: bool,
    /// Whether `iss` (RFC 9207) goes along with the answer, until an admin switches it off.
    pub sends_issuer: bool,
    /// What the platform puts between scopes in its console.
    pub scope_separator: char,
    /// The language of its console's labels (BCP 47).
    pub console_language: &'static str,
    /// Where the platform publishes the key that signs its requests to extensions, if it does.
    pub cek_key_url: Option<&'static str>,
    /// What its people speak.
    pub spoken_language: SpokenLanguage,
    /// The platform's forms, in their order.
    console: &'static [console::Section],
}

/// How a client authenticates at the token endpoint (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthMethod {
    /// Credentials in the `Authorization` header.
    Basic,
    /// Credentials in the form body.
    Body,
}

/// What is known about a platform's use of PKCE (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pkce {
    /// No document mentions it: never require it.
    NotSent,
    /// Some of its requests use it: check it when it is there.
    Optional,
}

impl ClientAuthMethod {
    /// The method's name in the metadata (RFC 8414 §2).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Body => "client_secret_post",
        }
    }
}

impl Preset {
    /// Every preset, in the order an admin chooses from.
    pub fn all() -> &'static [Self] {
        static ALL: [Preset; 7] = [
            clova::CLOVA,
            clova::CLOVA_LINE,
            alexa::ALEXA,
            google::GOOGLE,
            smartthings::SMARTTHINGS,
            yandex_alice::YANDEX_ALICE,
            custom::CUSTOM,
        ];
        &ALL
    }

    /// The preset of that id.
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|preset| preset.id == id)
    }

    /// Whether the admin must name the redirect URIs, because the preset has none.
    pub const fn needs_redirect_uri(&self) -> bool {
        self.redirect_templates.is_empty()
    }

    /// The redirect URIs to register, made with the values an admin gave. A URI that needs an
    /// optional value appears only where that value is given.
    pub fn redirect_uris(
        &self,
        values: &BTreeMap<String, String>,
    ) -> Result<Vec<String>, PresetValueError> {
        value::check(self.values, values)?;
        let filled = self
            .redirect_templates
            .iter()
            .map(|template| value::fill(template, values));
        Ok(filled.flatten().collect())
    }
}

/// What most platforms share, so that each preset's file names only what is its own.
const COMMON: Preset = Preset {
    id: "",
    name: "",
    platform: "",
    summary: "",
    mark: ' ',
    redirect_templates: &[],
    values: &[],
    loopback_http: LoopbackHttp::Refused,
    client_auth: ClientAuthMethod::Basic,
    confidential_only: true,
    code_lifetime: None,
    access_lifetime: None,
    shortest_access_lifetime: None,
    state_lifetime: None,
    rotation: Rotation::Deferred,
    pkce: Pkce::Optional,
    opaque_tokens_only: false,
    sends_issuer: true,
    scope_separator: ' ',
    console_language: "en",
    cek_key_url: None,
    spoken_language: SpokenLanguage::En,
    console: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RedirectUri;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// Every value a preset knows, so that its longest list of URIs comes out.
    fn every_value(preset: &Preset) -> BTreeMap<String, String> {
        preset
            .values
            .iter()
            .map(|value| (value.name.to_owned(), "Abc-9".to_owned()))
            .collect()
    }

    #[test]
    fn every_redirect_uri_of_every_preset_may_be_registered() {
        for preset in Preset::all() {
            let uris = preset.redirect_uris(&every_value(preset)).unwrap();
            assert_eq!(
                uris.is_empty(),
                preset.needs_redirect_uri(),
                "{}",
                preset.id
            );
            assert_eq!(uris.len(), preset.redirect_templates.len(), "{}", preset.id);
            for uri in uris {
                assert!(!uri.contains(['{', '}']), "{uri}");
                RedirectUri::register(&uri, preset.loopback_http).unwrap();
            }
        }
    }

    #[test]
    fn the_platforms_own_redirect_uris_are_exact() {
        let vendor = [("vendor_id", "M2V")];
        let project = [("project_id", "my-project")];
        for (id, values, uris) in [
            (
                "clova",
                &[][..],
                &["https://prod-ni-cic.clova.ai/v1/al/token/"][..],
            ),
            (
                "clova",
                &vendor,
                &[
                    "https://prod-ni-cic.clova.ai/v1/al/token/",
                    "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=M2V",
                ],
            ),
            (
                "clova-line",
                &[],
                &["https://clova-cic.line-apps.com/v1/al/token/"],
            ),
            (
                "alexa",
                &vendor,
                &[
                    "https://pitangui.amazon.com/api/skill/link/M2V",
                    "https://layla.amazon.com/api/skill/link/M2V",
                    "https://alexa.amazon.co.jp/api/skill/link/M2V",
                ],
            ),
            (
                "google",
                &project,
                &[
                    "https://oauth-redirect.googleusercontent.com/r/my-project",
                    "https://oauth-redirect-sandbox.googleusercontent.com/r/my-project",
                ],
            ),
            (
                "smartthings",
                &[],
                &[
                    "https://c2c-us.smartthings.com/oauth/callback",
                    "https://c2c-eu.smartthings.com/oauth/callback",
                    "https://c2c-ap.smartthings.com/oauth/callback",
                ],
            ),
            (
                "yandex-alice",
                &[],
                &["https://social.yandex.net/broker/redirect"],
            ),
            ("custom", &[], &[]),
        ] {
            let made = Preset::find(id)
                .unwrap()
                .redirect_uris(&given(values))
                .unwrap();
            assert_eq!(made, uris, "{id}");
        }
    }

    #[test]
    fn a_missing_unknown_or_malformed_value_is_named() {
        for (id, values, message) in [
            ("google", &[][..], "project_id is missing"),
            ("google", &[("project_id", "")], "project_id is missing"),
            ("alexa", &[], "vendor_id is missing"),
            (
                "clova",
                &[("vendor_id", "a&code=x")],
                "vendor_id may contain",
            ),
            (
                "google",
                &[("project_id", "a/../b")],
                "project_id may contain",
            ),
            (
                "google",
                &[("project_id", "한국")],
                "project_id may contain",
            ),
            (
                "smartthings",
                &[("project_id", "a")],
                "project_id is not a value of this preset",
            ),
        ] {
            let error = Preset::find(id)
                .unwrap()
                .redirect_uris(&given(values))
                .unwrap_err();
            assert!(error.to_string().contains(message), "{id}: {error}");
        }
    }

    #[test]
    fn every_preset_is_found_by_its_id_and_is_complete() {
        for preset in Preset::all() {
            let found = Preset::find(preset.id).unwrap();
            assert!(std::ptr::eq(found, preset), "{} is not unique", preset.id);
            assert!(!preset.name.is_empty() && !preset.platform.is_empty());
            assert!(preset.summary.ends_with('.'), "{}", preset.id);
            assert!(preset.mark.is_alphanumeric() && !preset.console.is_empty());
            // RFC 6749 §4.1.2: ten minutes at most.
            assert!(preset.code_lifetime <= Some(Duration::from_mins(10)));
        }
        assert!(Preset::find("CLOVA").is_none());
    }
}
