//! Samsung SmartThings Schema (cloud-connected devices).

use super::console::{Field, Section, Value};
use super::{COMMON, Preset};

pub(super) const SMARTTHINGS: Preset = Preset {
    id: "smartthings",
    name: "Samsung SmartThings",
    platform: "SmartThings",
    summary: "SmartThings Schema connectors, in all three of Samsung's regions.",
    mark: 'S',
    redirect_templates: &[
        "https://c2c-us.smartthings.com/oauth/callback",
        "https://c2c-eu.smartthings.com/oauth/callback",
        "https://c2c-ap.smartthings.com/oauth/callback",
    ],
    console: &[CREDENTIALS],
    ..COMMON
};

const CREDENTIALS: Section = Section {
    title: "SmartThings developer console > Schema App > Device cloud credentials",
    title_en: "SmartThings developer console > Schema App > Device cloud credentials",
    fields: &[
        Field::english("Client ID", Value::ClientId, ""),
        Field::english("Client Secret", Value::ClientSecret, ""),
        Field::english("OAuth URL", Value::AuthorizeUrl, "The authorization URL."),
        Field::english(
            "Token refresh URL",
            Value::TokenUrl,
            "For codes and refreshes alike.",
        ),
        Field::english("OAuth scopes", Value::Scopes, ""),
        Field::english(
            "Alert notification email",
            Value::Yours,
            "Where SmartThings writes when something is wrong.",
        ),
        Field::english(
            "Redirect URIs",
            Value::RedirectUris,
            "SmartThings uses these three, one for each region.",
        ),
    ],
};
