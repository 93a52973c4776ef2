//! Any other OAuth 2.0 client: no quirks, the RFCs' own words.

use crate::protocol::redirect_uri::LoopbackHttp;

use super::console::{Field, Section, Value};
use super::{COMMON, Preset};

pub(super) const CUSTOM: Preset = Preset {
    id: "custom",
    name: "Custom OAuth 2.0 client",
    platform: "OAuth 2.0",
    summary: "Any other client that speaks OAuth 2.0: your own app, or a platform not listed here.",
    mark: 'O',
    loopback_http: LoopbackHttp::Allowed,
    confidential_only: false,
    console: &[OAUTH],
    ..COMMON
};

const OAUTH: Section = Section {
    title: "OAuth 2.0 settings",
    title_en: "OAuth 2.0 settings",
    fields: &[
        Field::english(
            "Metadata URL",
            Value::MetadataUrl,
            "A client that reads RFC 8414 metadata needs only this and its credentials.",
        ),
        Field::english("Authorization endpoint", Value::AuthorizeUrl, ""),
        Field::english(
            "Token endpoint",
            Value::TokenUrl,
            "For codes and refreshes alike.",
        ),
        Field::english("Client ID", Value::ClientId, ""),
        Field::english(
            "Client secret",
            Value::ClientSecret,
            "A public client has none.",
        ),
        Field::english(
            "Client authentication method",
            Value::ClientAuth {
                basic: "client_secret_basic",
                body: "client_secret_post",
            },
            "Both ways work. A public client uses none, and PKCE.",
        ),
        Field::english(
            "PKCE method",
            Value::Choice("S256"),
            "A public client must use it.",
        ),
        Field::english("Scope", Value::Scopes, ""),
        Field::english(
            "Redirect URIs",
            Value::RedirectUris,
            "What the client sends must be the same to the last character.",
        ),
        Field::english("Privacy policy", Value::PrivacyUrl, ""),
    ],
};
