//! A client's settings as a form shows them and as an admin typed them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use clap::ValueEnum;

use crate::{
    admin::field::{Field, sentence},
    client::{
        Client, ClientSettings,
        cek::CekSettings,
        chatbot::{ChatbotSettings, check_secret},
        refused::Setting,
        registration::{Rules, checked, with_always_granted},
    },
    config::{parse_duration, write_duration},
    foundation::keys::SealedSecret,
    web::form::PostedForm,
};

/// Every setting as text: what was typed is shown again, right or wrong.
#[derive(Debug, Clone, Default)]
pub struct EditForm(BTreeMap<&'static str, Field>);

/// The settings that are text, in the order of the form.
const SETTINGS: [Setting; 26] = [
    Setting::Name,
    Setting::RedirectUris,
    Setting::Scopes,
    Setting::LoginGuideMessage,
    Setting::LoginSuccessMessage,
    Setting::PrivacyUrl,
    Setting::ExtensionId,
    Setting::TokenPlaces,
    Setting::RefusalAnswer,
    Setting::RelinkSentence,
    Setting::BusySentence,
    Setting::CekPublicKey,
    Setting::CekAnswer,
    Setting::CekLanguage,
    Setting::CekSpeech,
    Setting::ChatbotDomainCode,
    Setting::ChatbotInvokeUrl,
    Setting::ChatbotSecret,
    Setting::CodeLifetime,
    Setting::AccessLifetime,
    Setting::RefreshIdle,
    Setting::Rotation,
    Setting::TokenFormat,
    Setting::TokenAlgorithm,
    Setting::TokenAudience,
    Setting::Jwks,
];
/// The settings that are on or off.
const SEND_ISS: &str = "send_iss";
const INTROSPECT_ALL: &str = "introspect_all";
const CEK_FETCH_KEY: &str = Setting::CekFetchKey.as_str();
const CEK_UNSIGNED: &str = Setting::CekUnsigned.as_str();
const REMOVE_CHATBOT_SECRET: &str = "remove_chatbot_secret";
const SWITCHES: [&str; 5] = [
    CEK_FETCH_KEY,
    CEK_UNSIGNED,
    REMOVE_CHATBOT_SECRET,
    SEND_ISS,
    INTROSPECT_ALL,
];
const ON: &str = "on";

impl EditForm {
    /// The form of a client as it is.
    pub fn of(client: &Client) -> Self {
        let settings = &client.settings;
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let text = |setting| match setting {
            Setting::Name => client.name.clone(),
            Setting::RedirectUris => client.redirect_uris.join("\n"),
            Setting::Scopes => client.scopes.to_names().join("\n"),
            Setting::LoginGuideMessage => settings.login_guide_message.clone(),
            Setting::LoginSuccessMessage => settings.login_success_message.clone(),
            Setting::PrivacyUrl => optional(&settings.privacy_url),
            Setting::ExtensionId => optional(&settings.extension_id),
            Setting::TokenPlaces => settings.token_places.join("\n"),
            Setting::RefusalAnswer => word(&settings.refusal_answer),
            Setting::RelinkSentence => settings.relink_sentence.clone(),
            Setting::BusySentence => settings.busy_sentence.clone(),
            Setting::CekPublicKey => optional(&settings.cek.public_key),
            Setting::CekAnswer => word(&settings.cek.answer),
            Setting::CekLanguage => word(&settings.cek.language),
            Setting::CekSpeech => settings.cek.speech.clone(),
            Setting::ChatbotDomainCode => optional(&settings.chatbot.domain_code),
            Setting::ChatbotInvokeUrl => optional(&settings.chatbot.invoke_url),
            // Shown to nobody; it tells that another one was stored.
            Setting::ChatbotSecret => {
                let sealed = settings.chatbot.secret.as_ref();
                sealed.map_or_else(String::new, SealedSecret::fingerprint)
            }
            Setting::CodeLifetime => write_duration(settings.code_lifetime),
            Setting::AccessLifetime => write_duration(settings.access_lifetime),
            Setting::RefreshIdle => write_duration(settings.refresh_idle),
            Setting::Rotation => word(&settings.rotation),
            Setting::TokenFormat => word(&settings.token_format),
            Setting::TokenAlgorithm => word(&settings.token_algorithm),
            Setting::TokenAudience => optional(&settings.token_audience),
            Setting::Jwks => optional(&settings.jwks),
            Setting::PresetValue(_)
            | Setting::Public
            | Setting::CekFetchKey
            | Setting::CekUnsigned => String::new(),
        };
        Self::filled(text, |switch| match switch {
            SEND_ISS => settings.send_iss,
            INTROSPECT_ALL => settings.introspect_all,
            CEK_FETCH_KEY => settings.cek.fetch_key,
            CEK_UNSIGNED => settings.cek.take_unsigned,
            _ => false,
        })
    }

    /// What an admin posted.
    pub fn read(posted: &PostedForm) -> Self {
        let text = |setting: Setting| match setting {
            Setting::RedirectUris | Setting::Scopes | Setting::TokenPlaces => {
                posted.list(setting.as_str()).join("\n")
            }
            _ => posted.text(setting.as_str()).replace("\r\n", "\n"),
        };
        Self::filled(text, |switch| posted.ticked(switch))
    }

    fn filled(text: impl Fn(Setting) -> String, is_on: impl Fn(&str) -> bool) -> Self {
        let texts = SETTINGS.map(|setting| (setting.as_str(), Field::new(text(setting))));
        let switches = SWITCHES.map(|name| {
            let value = if is_on(name) { ON } else { "" };
            (name, Field::new(value))
        });
        Self(texts.into_iter().chain(switches).collect())
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Field {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Whether the switch of that name is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|field| field.value == ON)
    }

    /// The lines of a list's field.
    pub fn lines(&self, setting: Setting) -> Vec<String> {
        let field = self.field(setting.as_str());
        field.value.lines().map(str::to_owned).collect()
    }

    /// The Secret key that was typed, if one was.
    pub fn chatbot_secret(&self) -> Option<String> {
        Some(self.field(Setting::ChatbotSecret.as_str()).value).filter(|typed| !typed.is_empty())
    }

    /// The client changed as asked, but for a typed Secret key, which has to be sealed; `None` where a field now says why not.
    pub fn apply(&mut self, client: &Client, rules: Rules<'_>) -> Option<Client> {
        if let Some(Err(refused)) = self.chatbot_secret().map(|typed| check_secret(&typed)) {
            self.refuse(refused.setting(), &refused.to_string());
        }
        let settings = self.settings(&client.settings);
        let names = self.lines(Setting::Scopes);
        let scopes = with_always_granted(&names).unwrap_or_else(|error| {
            self.refuse(Setting::Scopes, &error.to_string());
            client.scopes.clone()
        });
        let changed = Client {
            name: self.field(Setting::Name.as_str()).value,
            redirect_uris: self.lines(Setting::RedirectUris),
            scopes,
            settings,
            ..client.clone()
        };
        match checked(changed, rules) {
            Ok(changed) => self.problems().is_empty().then_some(changed),
            Err(refused) => {
                self.refuse(refused.setting(), &refused.to_string());
                None
            }
        }
    }

    /// What is wrong, with the field where it stands, in the order of the form.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let names = SETTINGS.into_iter().map(Setting::as_str).chain(SWITCHES);
        let wrong = names.filter_map(|name| Some((name, self.field(name).error?)));
        wrong.collect()
    }

    /// The settings in which another state of the client differs, for the history.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differs = |name: &&&str| self.field(name).value != other.field(name).value;
        self.0.keys().filter(differs).copied().collect()
    }

    /// What can't be read stays as it was, and its field says so.
    fn settings(&mut self, old: &ClientSettings) -> ClientSettings {
        let text = |setting: Setting| self.field(setting.as_str()).value;
        let optional = |setting| Some(text(setting)).filter(|text| !text.is_empty());
        let remove = self.is_on(REMOVE_CHATBOT_SECRET);
        let read = ClientSettings {
            send_iss: self.is_on(SEND_ISS),
            introspect_all: self.is_on(INTROSPECT_ALL),
            token_places: self.lines(Setting::TokenPlaces),
            relink_sentence: text(Setting::RelinkSentence),
            busy_sentence: text(Setting::BusySentence),
            login_guide_message: text(Setting::LoginGuideMessage),
            login_success_message: text(Setting::LoginSuccessMessage),
            extension_id: optional(Setting::ExtensionId),
            cek: CekSettings {
                public_key: optional(Setting::CekPublicKey),
                fetch_key: self.is_on(CEK_FETCH_KEY),
                take_unsigned: self.is_on(CEK_UNSIGNED),
                speech: text(Setting::CekSpeech),
                ..old.cek.clone()
            },
            chatbot: ChatbotSettings {
                domain_code: optional(Setting::ChatbotDomainCode),
                invoke_url: optional(Setting::ChatbotInvokeUrl),
                secret: old.chatbot.secret.clone().filter(|_| !remove),
            },
            privacy_url: optional(Setting::PrivacyUrl),
            token_audience: optional(Setting::TokenAudience),
            jwks: optional(Setting::Jwks),
            ..old.clone()
        };
        let cek = CekSettings {
            answer: self.chosen(Setting::CekAnswer, old.cek.answer),
            language: self.chosen(Setting::CekLanguage, old.cek.language),
            ..read.cek.clone()
        };
        ClientSettings {
            cek,
            rotation: self.chosen(Setting::Rotation, old.rotation),
            token_format: self.chosen(Setting::TokenFormat, old.token_format),
            token_algorithm: self.chosen(Setting::TokenAlgorithm, old.token_algorithm),
            refusal_answer: self.chosen(Setting::RefusalAnswer, old.refusal_answer),
            code_lifetime: self.span(Setting::CodeLifetime, old.code_lifetime),
            access_lifetime: self.span(Setting::AccessLifetime, old.access_lifetime),
            refresh_idle: self.span(Setting::RefreshIdle, old.refresh_idle),
            ..read
        }
    }

    fn chosen<T: ValueEnum>(&mut self, setting: Setting, old: T) -> T {
        let field = self.field(setting.as_str());
        T::from_str(&field.value, false).unwrap_or_else(|_| {
            self.refuse(setting, "choose one of the options");
            old
        })
    }

    fn span(&mut self, setting: Setting, old: TimeDelta) -> TimeDelta {
        let field = self.field(setting.as_str());
        parse_duration(&field.value).unwrap_or_else(|reason| {
            self.refuse(setting, &reason);
            old
        })
    }

    fn refuse(&mut self, setting: Setting, reason: &str) {
        let field = self.0.entry(setting.as_str()).or_default();
        field.refuse(sentence(reason));
    }
}

/// A choice's word, as the command line spells it too.
fn word<T: ValueEnum>(value: &T) -> String {
    let possible = value.to_possible_value();
    possible.map_or_else(String::new, |value| value.get_name().to_owned())
}
