//! Why a client can't be registered or changed as asked, and which setting is to blame.

use std::fmt;

use super::{
    cek_key::NotAKey,
    chatbot::{MAX_DOMAIN_CODE, MAX_SECRET},
    preset::PresetValueError,
    public_keys::NotPublicKeys,
    registration::{MAX_AUDIENCE, MAX_JWT_SCOPES, MAX_NAME, MAX_REDIRECT_URIS, MAX_SENTENCE},
    speech::MAX_SPEECH,
    token_place::{MAX_PLACES, NotAPlace},
};
use crate::{
    foundation::outbound::NotAllowed,
    protocol::{redirect_uri::RegistrationError, scope::ScopeError},
    template::InvalidTemplate,
};

/// Why a client can't be registered or changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Empty, too long, or unprintable.
    #[error("the name must have 1 to {MAX_NAME} characters")]
    Name,
    /// A preset value is missing or wrong.
    #[error(transparent)]
    PresetValue(#[from] PresetValueError),
    /// `custom` knows none of its own.
    #[error("this preset needs at least one redirect URI")]
    NoRedirectUri,
    /// More than anybody needs.
    #[error("a client may have at most {MAX_REDIRECT_URIS} redirect URIs")]
    TooManyRedirectUris,
    /// One of them.
    #[error("the redirect URI {uri}: {reason}")]
    RedirectUri {
        /// As it was given.
        uri: String,
        /// What is wrong with it.
        reason: RegistrationError,
    },
    /// Not a scope at all.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Nobody said what it means.
    #[error("the scope {0} is not defined; known are {1}")]
    UnknownScope(String, String),
    /// The platform keeps a secret, so there must be one.
    #[error("a client of this preset can't be public")]
    PublicPreset,
    /// RFC 9700 §4.14.2.
    #[error("a public client's refresh tokens must rotate")]
    PublicRotation,
    /// The tokens would be too long.
    #[error(
        "the scopes are too long for JWT access tokens: together at most {MAX_JWT_SCOPES} characters"
    )]
    JwtScopes,
    /// No `StringOrURI` (RFC 7519 §2).
    #[error(
        "the token audience must be a URI or a word without spaces, at most {MAX_AUDIENCE} characters"
    )]
    TokenAudience,
    /// A lifetime out of bounds.
    #[error("{0} must be between {1} and {2}")]
    Lifetime(Setting, &'static str, &'static str),
    /// The platform refuses what lives shorter.
    #[error("{0} demands access tokens that live {1} at least")]
    TooShortFor(&'static str, String),
    /// A token place.
    #[error(transparent)]
    TokenPlace(#[from] NotAPlace),
    /// None, or too many.
    #[error("a client needs 1 to {MAX_PLACES} token places")]
    TokenPlaces,
    /// Too long to be spoken.
    #[error("{0} must have at most {MAX_SENTENCE} characters")]
    Sentence(Setting),
    /// Answering with sentences needs them.
    #[error("answering with sentences needs both the relink and the busy sentence")]
    SentencesMissing,
    /// Not an https URL.
    #[error("the privacy URL must be an https URL")]
    PrivacyUrl,
    /// Not in reverse-domain notation.
    #[error("the extension id must be in reverse-domain notation, such as com.example.bot")]
    ExtensionId,
    /// No key that could sign CEK requests.
    #[error(transparent)]
    CekPublicKey(#[from] NotAKey),
    /// There is no address to fetch one from.
    #[error("{0} publishes no key to fetch; paste the CEK public key instead")]
    NoPublishedKey(&'static str),
    /// Not a template.
    #[error("the CEK speech: {0}")]
    CekSpeech(#[from] InvalidTemplate),
    /// It could never be spoken whole.
    #[error(
        "the CEK speech must have at most {MAX_SENTENCE} characters a sentence and {MAX_SPEECH} in all"
    )]
    LongCekSpeech,
    /// Not a code.
    #[error("the chatbot domain code must have 1 to {MAX_DOMAIN_CODE} characters")]
    DomainCode,
    /// No call may go there.
    #[error("the Invoke URL {0}")]
    InvokeUrl(NotAllowed),
    /// Not a key that a builder shows.
    #[error(
        "the chatbot's Secret key must have 1 to {MAX_SECRET} letters, digits and signs, and no spaces"
    )]
    ChatbotSecret,
    /// The keys it signs with.
    #[error(transparent)]
    Keys(#[from] NotPublicKeys),
    /// What keeps no secret keeps no private key.
    #[error("a public client can't have keys: it keeps nothing secret")]
    PublicKeys,
}

/// What an admin sets about a client, as forms name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The name.
    Name,
    /// What the preset has to be told.
    PresetValue(&'static str),
    /// The redirect URIs.
    RedirectUris,
    /// The scopes.
    Scopes,
    /// Whether it can keep a secret.
    Public,
    /// How refresh tokens change.
    Rotation,
    /// What access tokens look like.
    TokenFormat,
    /// What signs them, if they are JWTs.
    TokenAlgorithm,
    /// Whom they are for.
    TokenAudience,
    /// How long a code lives.
    CodeLifetime,
    /// How long an access token lives.
    AccessLifetime,
    /// How long an unused link lives.
    RefreshIdle,
    /// Where a chatbot puts the token.
    TokenPlaces,
    /// How an action that can't be answered is refused.
    RefusalAnswer,
    /// Spoken instead of a 401 or 403.
    RelinkSentence,
    /// Spoken instead of a 503.
    BusySentence,
    /// Said before linking.
    LoginGuideMessage,
    /// Said after linking.
    LoginSuccessMessage,
    /// The client's own privacy policy.
    PrivacyUrl,
    /// The extension's id.
    ExtensionId,
    /// The key that signs CEK requests.
    CekPublicKey,
    /// Whether the platform's published key is fetched.
    CekFetchKey,
    /// Whether unsigned requests are taken.
    CekUnsigned,
    /// What a CEK request is answered with.
    CekAnswer,
    /// In which language it is spoken.
    CekLanguage,
    /// What is spoken.
    CekSpeech,
    /// The code of the chatbot's domain.
    ChatbotDomainCode,
    /// Where the chatbot is told of new connections.
    ChatbotInvokeUrl,
    /// The Secret key that signs that.
    ChatbotSecret,
    /// The public keys it signs assertions with.
    Jwks,
}

impl Setting {
    /// The name of its form field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::PresetValue(name) => name,
            Self::RedirectUris => "redirect_uris",
            Self::Scopes => "scopes",
            Self::Public => "kind",
            Self::Rotation => "rotation",
            Self::TokenFormat => "token_format",
            Self::TokenAlgorithm => "token_algorithm",
            Self::TokenAudience => "token_audience",
            Self::CodeLifetime => "code_lifetime",
            Self::AccessLifetime => "access_lifetime",
            Self::RefreshIdle => "refresh_idle",
            Self::TokenPlaces => "token_places",
            Self::RefusalAnswer => "refusal_answer",
            Self::RelinkSentence => "relink_sentence",
            Self::BusySentence => "busy_sentence",
            Self::LoginGuideMessage => "login_guide_message",
            Self::LoginSuccessMessage => "login_success_message",
            Self::PrivacyUrl => "privacy_url",
            Self::ExtensionId => "extension_id",
            Self::CekPublicKey => "cek_public_key",
            Self::CekFetchKey => "cek_fetch_key",
            Self::CekUnsigned => "cek_unsigned",
            Self::CekAnswer => "cek_answer",
            Self::CekLanguage => "cek_language",
            Self::CekSpeech => "cek_speech",
            Self::ChatbotDomainCode => "chatbot_domain_code",
            Self::ChatbotInvokeUrl => "chatbot_invoke_url",
            Self::ChatbotSecret => "chatbot_secret",
            Self::Jwks => "jwks",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeLifetime => "the code lifetime",
            Self::AccessLifetime => "the access token lifetime",
            Self::RefreshIdle => "the idle lifetime",
            Self::RelinkSentence => "the relink sentence",
            Self::BusySentence => "the busy sentence",
            Self::LoginGuideMessage => "the login guide message",
            Self::LoginSuccessMessage => "the login success message",
            other => other.as_str(),
        })
    }
}

impl Refused {
    /// The setting to blame: where a form shows the reason.
    pub fn setting(&self) -> Setting {
        match self {
            Self::Name => Setting::Name,
            Self::PresetValue(
                PresetValueError::Missing { name, .. } | PresetValueError::Malformed { name },
            ) => Setting::PresetValue(name),
            Self::PresetValue(PresetValueError::Unknown { .. })
            | Self::NoRedirectUri
            | Self::TooManyRedirectUris
            | Self::RedirectUri { .. } => Setting::RedirectUris,
            Self::Scope(_) | Self::UnknownScope(..) => Setting::Scopes,
            Self::PublicPreset => Setting::Public,
            Self::PublicRotation => Setting::Rotation,
            Self::JwtScopes => Setting::TokenFormat,
            Self::TokenAudience => Setting::TokenAudience,
            Self::Lifetime(setting, ..) | Self::Sentence(setting) => *setting,
            Self::TooShortFor(..) => Setting::AccessLifetime,
            Self::TokenPlace(_) | Self::TokenPlaces => Setting::TokenPlaces,
            Self::SentencesMissing => Setting::RefusalAnswer,
            Self::PrivacyUrl => Setting::PrivacyUrl,
            Self::ExtensionId => Setting::ExtensionId,
            Self::CekPublicKey(_) => Setting::CekPublicKey,
            Self::NoPublishedKey(_) => Setting::CekFetchKey,
            Self::CekSpeech(_) | Self::LongCekSpeech => Setting::CekSpeech,
            Self::DomainCode => Setting::ChatbotDomainCode,
            Self::InvokeUrl(_) => Setting::ChatbotInvokeUrl,
            Self::ChatbotSecret => Setting::ChatbotSecret,
            Self::Keys(_) | Self::PublicKeys => Setting::Jwks,
        }
    }
}
