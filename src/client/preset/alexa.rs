//! Amazon Alexa skills.

use std::time::Duration;

use super::console::{Field, Section, Value};
use super::{COMMON, Preset, PresetValue};

pub(super) const ALEXA: Preset = Preset {
    id: "alexa",
    name: "Amazon Alexa",
    platform: "Alexa",
    summary: "Alexa skills with account linking, in every region.",
    mark: 'A',
    // Which region's address comes depends on the person's account, not on the skill.
    redirect_templates: &[
        "https://pitangui.amazon.com/api/skill/link/{vendor_id}",
        "https://layla.amazon.com/api/skill/link/{vendor_id}",
        "https://alexa.amazon.co.jp/api/skill/link/{vendor_id}",
    ],
    values: &[PresetValue {
        name: "vendor_id",
        label: "Vendor ID",
        explanation: "the last part of the Alexa Redirect URLs on the skill's Account Linking page",
        required: true,
    }],
    shortest_access_lifetime: Some(Duration::from_mins(6)),
    console: &[ACCOUNT_LINKING],
    ..COMMON
};

const ACCOUNT_LINKING: Section = Section {
    title: "Alexa developer console > Build > Account Linking",
    title_en: "Alexa developer console > Build > Account Linking",
    fields: &[
        Field::english(
            "Do you allow users to create an account or link to an existing account with you?",
            Value::Choice("On"),
            "",
        ),
        Field::english(
            "Select an authorization grant type",
            Value::Choice("Auth Code Grant"),
            "",
        ),
        Field::english(
            "Your Web Authorization URI",
            Value::AuthorizeUrl,
            "HTTPS on port 443 with a certificate that Amazon accepts.",
        ),
        Field::english("Access Token URI", Value::TokenUrl, "Also used to refresh."),
        Field::english("Your Client ID", Value::ClientId, ""),
        Field::english("Your Secret", Value::ClientSecret, ""),
        Field::english(
            "Your Authentication Scheme",
            Value::ClientAuth {
                basic: "HTTP Basic (Recommended)",
                body: "Credentials in request body",
            },
            "",
        ),
        Field::english(
            "Scope",
            Value::Scopes,
            "Add them one by one, at most 15. Smart home skills need one at least.",
        ),
        Field::english(
            "Domain List",
            Value::Nothing,
            "Leave it empty: these pages load nothing from elsewhere.",
        ),
        Field::english(
            "Default Access Token Expiration Time",
            Value::AccessLifetimeSeconds,
            "Optional: every answer says it too.",
        ),
        Field::english(
            "Alexa Redirect URLs",
            Value::RedirectUris,
            "The console shows them. All three must be the same here.",
        ),
    ],
};
