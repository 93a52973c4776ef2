//! Clients: the registrations of assistant platforms, their secrets and how they prove themselves.

pub mod assertion;
pub mod authenticate;
pub mod authenticator;
pub mod cek;
pub mod cek_key;
pub mod chatbot;
pub mod guide;
pub mod preset;
pub mod public_keys;
pub mod refused;
pub mod registration;
pub mod scope_sentence;
pub mod secret;
pub mod speech;
pub mod store;
pub mod token_place;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    foundation::{ids::ClientId, keys::KeyKind},
    protocol::ScopeSet,
};

/// One registration of one assistant platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// Its `client_id`.
    pub id: ClientId,
    /// What admins and people call it.
    pub name: String,
    /// The id of its preset.
    pub preset: String,
    /// What the preset had to be told.
    pub preset_values: BTreeMap<String, String>,
    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub confidential: bool,
    /// Exact redirect URIs.
    pub redirect_uris: Vec<String>,
    /// What it may ask for; granted when it asks for nothing.
    pub scopes: ScopeSet,
    /// Its settings.
    pub settings: ClientSettings,
    /// Set while it is disabled: its links stay, nothing answers for them.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What an admin can set about a client beyond its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// How refresh tokens change.
    pub rotation: Rotation,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// What signs them, if they are JWTs.
    pub token_algorithm: TokenAlgorithm,
    /// Whom they are for (`aud`), beside this server; usually the API that checks them.
    pub token_audience: Option<String>,
    /// Whether answers carry `iss` (RFC 9207).
    pub send_iss: bool,
    /// Whether it may introspect other clients' tokens.
    pub introspect_all: bool,
    /// How long a code can be redeemed.
    pub code_lifetime: TimeDelta,
    /// How long an access token is good.
    pub access_lifetime: TimeDelta,
    /// How long a link lives without a refresh.
    pub refresh_idle: TimeDelta,
    /// Where the chatbot puts the token, tried in order; see [`token_place`].
    pub token_places: Vec<String>,
    /// How an action that can't be answered is refused.
    pub refusal_answer: RefusalAnswer,
    /// Spoken instead of a 401 or 403.
    pub relink_sentence: String,
    /// Spoken instead of a 503.
    pub busy_sentence: String,
    /// For the chatbot builder: said before linking.
    pub login_guide_message: String,
    /// For the chatbot builder: said after linking.
    pub login_success_message: String,
    /// The extension's id (reverse domain), if it is known.
    pub extension_id: Option<String>,
    /// How requests of CEK are checked and answered.
    pub cek: cek::CekSettings,
    /// How its chat users are connected.
    pub chatbot: chatbot::ChatbotSettings,
    /// Instead of the service's own privacy policy.
    pub privacy_url: Option<String>,
    /// The public keys it signs assertions with, as [`public_keys`] spells them; with them it has no
    /// secret.
    pub jwks: Option<String>,
}

/// How a client shows who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// Not at all: it is public, and must use PKCE.
    None,
    /// With a secret, in the header or in the body.
    ClientSecret,
    /// With assertions that it signs (RFC 7523).
    PrivateKeyJwt,
}

/// How refresh tokens change on use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "client_rotation", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// A new one each time; the old one dies only when the new one is seen.
    Deferred,
    /// The same for ever; confidential clients only.
    Never,
}

/// What access tokens look like.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "token_format", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// `lg_at_…`.
    Opaque,
    /// RFC 9068.
    Jwt,
}

impl TokenFormat {
    /// The kind of key that signs such tokens; `None` if none does.
    pub const fn signs_with(self, algorithm: TokenAlgorithm) -> Option<KeyKind> {
        match (self, algorithm) {
            (Self::Opaque, _) => None,
            (Self::Jwt, TokenAlgorithm::Es256) => Some(KeyKind::SigningEs256),
            (Self::Jwt, TokenAlgorithm::Eddsa) => Some(KeyKind::SigningEddsa),
            (Self::Jwt, TokenAlgorithm::Rs256) => Some(KeyKind::SigningRs256),
        }
    }
}

/// What signs JWT access tokens.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "token_algorithm", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TokenAlgorithm {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    Eddsa,
    /// RSA, for verifiers that know nothing newer.
    Rs256,
}

/// How an action that can't be answered is refused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "refusal_answer", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RefusalAnswer {
    /// By HTTP status.
    Status,
    /// With status 200 and a sentence for people.
    Sentence,
}

impl Client {
    /// How it shows who it is.
    pub fn authentication(&self) -> ClientAuthentication {
        match (self.confidential, &self.settings.jwks) {
            (false, _) => ClientAuthentication::None,
            (true, None) => ClientAuthentication::ClientSecret,
            (true, Some(_)) => ClientAuthentication::PrivateKeyJwt,
        }
    }

    /// Whether it may have a secret.
    pub fn has_secret(&self) -> bool {
        self.authentication() == ClientAuthentication::ClientSecret
    }

    /// The chatbot domain whose users it connects, if it does.
    pub fn domain_code(&self) -> Option<&str> {
        self.settings.chatbot.domain_code.as_deref()
    }

    /// Whether it may be used at all.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }
}
