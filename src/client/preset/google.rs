//! Google account linking: Google Home (cloud-to-cloud) and other Google services.

use std::time::Duration;

use super::console::{Field, Section, Value};
use super::{COMMON, ClientAuthMethod, Preset, PresetValue};

pub(super) const GOOGLE: Preset = Preset {
    id: "google",
    name: "Google Home",
    // Google's rules: say that the account is linked to Google, not to one of its products.
    platform: "Google",
    summary: "Cloud-to-cloud integrations of Google Home.",
    mark: 'G',
    redirect_templates: &[
        "https://oauth-redirect.googleusercontent.com/r/{project_id}",
        "https://oauth-redirect-sandbox.googleusercontent.com/r/{project_id}",
    ],
    values: &[PresetValue {
        name: "project_id",
        label: "Project ID",
        explanation: "the project's ID in the Google Home Developer Console, not its name",
        required: true,
    }],
    // Google's log shows the credentials in the body unless its console says otherwise.
    client_auth: ClientAuthMethod::Body,
    code_lifetime: Some(Duration::from_mins(10)),
    // Google's validation tool refuses JWTs as access tokens.
    opaque_tokens_only: true,
    console: &[ACCOUNT_LINKING],
    ..COMMON
};

const ACCOUNT_LINKING: Section = Section {
    title: "Google Home Developer Console > Cloud-to-cloud > Account linking",
    title_en: "Google Home Developer Console > Cloud-to-cloud > Account linking",
    fields: &[
        Field::english("OAuth Client ID", Value::ClientId, ""),
        Field::english("Client secret", Value::ClientSecret, ""),
        Field::english("Authorization URL", Value::AuthorizeUrl, ""),
        Field::english("Token URL", Value::TokenUrl, "Also used to refresh."),
        Field::english("Scopes", Value::Scopes, "Optional. Add them one by one."),
        Field::english(
            "Google to transmit Client ID and secret via HTTP basic auth header",
            Value::ClientAuth {
                basic: "✓",
                body: "Leave it unticked",
            },
            "Both ways work.",
        ),
        Field::english(
            "Privacy policy",
            Value::PrivacyUrl,
            "In the company profile of the integration.",
        ),
        Field::english(
            "Redirect URIs",
            Value::RedirectUris,
            "Google uses these two: the project ID at their end must be yours.",
        ),
    ],
};
