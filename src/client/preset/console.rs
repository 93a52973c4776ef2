//! What to paste into a platform's console: its fields in its order, filled for one client.

use serde::Serialize;

use super::{ClientAuthMethod, Preset};
use crate::protocol::ScopeSet;

/// Stands in for the client secret, which is kept as a hash and can't be shown again.
pub const SHOWN_ONCE: &str = "shown once, when made or replaced";

/// What the fields of one client are filled with.
#[derive(Debug)]
pub struct ConsoleFacts<'a> {
    /// The issuer, such as `https://link.example`.
    pub public_url: &'a str,
    /// The client's id.
    pub client_id: &'a str,
    /// How this client is told to authenticate.
    pub client_auth: ClientAuthMethod,
    /// The scopes it is registered for.
    pub scopes: &'a ScopeSet,
    /// Its redirect URIs.
    pub redirect_uris: &'a [String],
    /// Where the operator's privacy policy stands.
    pub privacy_url: &'a str,
    /// Where people see and end their links.
    pub account_page_url: &'a str,
    /// How long its access tokens live, in seconds.
    pub access_lifetime_seconds: u64,
    /// The id of the CLOVA extension, once the admin stored it.
    pub extension_id: Option<&'a str>,
    /// What the chatbot says to someone who is not linked yet.
    pub login_guide_message: Option<&'a str>,
    /// What the chatbot says once they are.
    pub login_success_message: Option<&'a str>,
    /// The names of the client's actions.
    pub actions: &'a [String],
}

/// One form of the platform's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSection {
    /// As the platform titles it, in the console's own language.
    pub title: &'static str,
    /// In English.
    pub title_en: &'static str,
    /// Its fields in order.
    pub fields: Vec<ConsoleField>,
}

/// One field of such a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleField {
    /// As the platform labels it, in the console's own language.
    pub label: String,
    /// In English.
    pub label_en: String,
    /// What belongs there; empty where Linkgate has nothing to say.
    pub value: String,
    /// What the admin should know, in English; may be empty.
    pub note: &'static str,
    /// What the admin does with the field.
    pub purpose: Purpose,
}

/// What an admin does with a field of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Paste the value.
    Paste,
    /// Choose the option that reads like the value.
    Choose,
    /// Nothing to type: the console shows it, and it must equal the value.
    Compare,
    /// Paste the client secret, which only its making shows.
    Secret,
    /// Leave it empty.
    LeaveEmpty,
    /// Fill it in as the operator likes.
    Yours,
}

/// A filled field as the commands print it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsoleValue {
    /// Both labels, such as `로그인 URL (Login URL)`.
    pub label: String,
    /// What to paste or choose.
    pub value: String,
}

impl ConsoleField {
    /// Both labels in one line, or one where they are the same.
    pub fn heading(&self) -> String {
        if self.label == self.label_en {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.label_en)
        }
    }

    /// Whether the field takes the client secret.
    pub fn secret(&self) -> bool {
        self.purpose == Purpose::Secret
    }
}

impl Preset {
    /// The platform's forms in their order, filled for one client.
    pub fn console_fields(&self, facts: &ConsoleFacts<'_>) -> Vec<ConsoleSection> {
        let fill = |section: &Section| ConsoleSection {
            title: section.title,
            title_en: section.title_en,
            fields: section
                .fields
                .iter()
                .flat_map(|field| self.fill(field, facts))
                .collect(),
        };
        self.console.iter().map(fill).collect()
    }

    fn fill(&self, field: &Field, facts: &ConsoleFacts<'_>) -> Vec<ConsoleField> {
        let below = |path: &str| format!("{}{path}", facts.public_url.trim_end_matches('/'));
        let client_id = facts.client_id;
        let value = match field.value {
            Value::Choice(option) => option.to_owned(),
            Value::AuthorizeUrl => below("/oauth/authorize"),
            Value::TokenUrl => below("/oauth/token"),
            Value::MetadataUrl => below("/.well-known/oauth-authorization-server"),
            Value::CekUrl => below(&format!("/cek/{client_id}")),
            Value::ChatbotUrl => below(&format!("/chatbot/{client_id}")),
            Value::ClientId => client_id.to_owned(),
            Value::ClientSecret => SHOWN_ONCE.to_owned(),
            Value::ClientAuth { basic, body } => match facts.client_auth {
                ClientAuthMethod::Basic => basic.to_owned(),
                ClientAuthMethod::Body => body.to_owned(),
            },
            Value::Scopes => facts
                .scopes
                .to_names()
                .join(&self.scope_separator.to_string()),
            Value::PrivacyUrl => facts.privacy_url.to_owned(),
            Value::AccountPageUrl => facts.account_page_url.to_owned(),
            Value::AccessLifetimeSeconds => facts.access_lifetime_seconds.to_string(),
            Value::ExtensionId => facts.extension_id.unwrap_or_default().to_owned(),
            Value::LoginGuideMessage => facts.login_guide_message.unwrap_or_default().to_owned(),
            Value::LoginSuccessMessage => {
                facts.login_success_message.unwrap_or_default().to_owned()
            }
            Value::Nothing | Value::Yours => String::new(),
            Value::RedirectUris => {
                return facts
                    .redirect_uris
                    .iter()
                    .map(|uri| field.with(uri.clone()))
                    .collect();
            }
            Value::ActionUrls => return field.for_each_action(facts, below),
        };
        vec![field.with(value)]
    }
}

/// A form of a console, as a preset's file writes it down.
#[derive(Debug)]
pub(super) struct Section {
    pub title: &'static str,
    pub title_en: &'static str,
    pub fields: &'static [Field],
}

/// A field of such a form.
#[derive(Debug)]
pub(super) struct Field {
    label: &'static str,
    label_en: &'static str,
    value: Value,
    note: &'static str,
}

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Choice(&'static str),
    AuthorizeUrl,
    TokenUrl,
    MetadataUrl,
    CekUrl,
    ChatbotUrl,
    ActionUrls,
    ClientId,
    ClientSecret,
    ClientAuth {
        basic: &'static str,
        body: &'static str,
    },
    Scopes,
    RedirectUris,
    PrivacyUrl,
    AccountPageUrl,
    AccessLifetimeSeconds,
    ExtensionId,
    LoginGuideMessage,
    LoginSuccessMessage,
    Nothing,
    Yours,
}

impl Field {
    /// A field whose console has labels in its own language.
    pub(super) const fn local(
        label: &'static str,
        label_en: &'static str,
        value: Value,
        note: &'static str,
    ) -> Self {
        Self {
            label,
            label_en,
            value,
            note,
        }
    }

    /// A field of a console in English.
    pub(super) const fn english(label: &'static str, value: Value, note: &'static str) -> Self {
        Self {
            label,
            label_en: label,
            value,
            note,
        }
    }

    fn with(&self, value: String) -> ConsoleField {
        let purpose = match self.value {
            Value::Choice(_) | Value::ClientAuth { .. } => Purpose::Choose,
            Value::RedirectUris => Purpose::Compare,
            Value::ClientSecret => Purpose::Secret,
            Value::Nothing => Purpose::LeaveEmpty,
            Value::Scopes if value.is_empty() => Purpose::LeaveEmpty,
            // Not stored yet, such as the extension's id.
            _ if value.is_empty() => Purpose::Yours,
            _ => Purpose::Paste,
        };
        ConsoleField {
            label: self.label.to_owned(),
            label_en: self.label_en.to_owned(),
            value,
            note: self.note,
            purpose,
        }
    }

    fn for_each_action(
        &self,
        facts: &ConsoleFacts<'_>,
        below: impl Fn(&str) -> String,
    ) -> Vec<ConsoleField> {
        if facts.actions.is_empty() {
            return vec![self.with(String::new())];
        }
        let of_action = |action: &String| {
            let field = self.with(below(&format!("/action/{}/{action}", facts.client_id)));
            ConsoleField {
                label: format!("{} ${{{action}}}", field.label),
                label_en: format!("{} ${{{action}}}", field.label_en),
                ..field
            }
        };
        facts.actions.iter().map(of_action).collect()
    }
}
