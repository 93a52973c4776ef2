//! Registering and changing clients: the same rules for the console and the command line.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Client, ClientSettings, RefusalAnswer, TokenAlgorithm, TokenFormat,
    cek::CekSettings,
    chatbot::ChatbotSettings,
    preset::Preset,
    public_keys::PublicKeys,
    refused::Setting,
    store::DefinedScope,
    token_place::{DEFAULT_PLACES, MAX_PLACES, TokenPlace},
};
use crate::{
    config::{Lifetimes, write_duration},
    foundation::{
        ids::ClientId,
        outbound::Outbound,
        random::{LETTERS, Random},
    },
    protocol::{
        ScopeSet, is_https_url,
        redirect_uri::{LoopbackHttp, RedirectUri},
        scope::ScopeError,
    },
    web::state::PublicUrl,
};

pub use super::refused::Refused;

/// The scopes every installation has. `account:id` is always granted.
pub const BUILT_IN_SCOPES: [&str; 4] = [
    "account:id",
    "account:email",
    "account:profile",
    "account:attributes",
];
/// Granted whether it was asked for or not.
pub const ALWAYS_GRANTED: &str = "account:id";
/// The most redirect URIs of a client.
pub const MAX_REDIRECT_URIS: usize = 20;
/// What CLOVA may speak at once (`clova.md` 3.4).
pub const MAX_SENTENCE: usize = 200;
/// The longest audience of access tokens, in characters.
pub const MAX_AUDIENCE: usize = 200;
/// How long the scopes of a client with JWTs may be together: longer ones, with the rest of a token,
/// come near the length that is still decoded.
pub const MAX_JWT_SCOPES: usize = 1600;
/// The longest name of a client, in characters.
pub const MAX_NAME: usize = 100;
/// The letters of a client's id after its preset.
const ID_LETTERS: usize = 10;

/// What a client is registered with.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What people and admins call it.
    pub name: String,
    /// The platform.
    pub preset: &'static Preset,
    /// What the preset has to be told.
    pub preset_values: BTreeMap<String, String>,
    /// Beyond the preset's own.
    pub redirect_uris: Vec<String>,
    /// Empty: all built-in ones.
    pub scopes: Vec<String>,
    /// Whether it can't keep a secret.
    pub public: bool,
}

/// What registration needs to know of the server.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Lifetimes new clients start with.
    pub lifetimes: &'a Lifetimes,
    /// Whether the public URL itself is loopback.
    pub on_loopback: bool,
    /// The scopes admins defined.
    pub defined_scopes: &'a [DefinedScope],
    /// Where calls to addresses that admins typed may go.
    pub outbound: Outbound,
}

impl<'a> Rules<'a> {
    /// The rules of a server with that public URL.
    pub fn new(
        lifetimes: &'a Lifetimes,
        public_url: &PublicUrl,
        defined_scopes: &'a [DefinedScope],
        outbound: Outbound,
    ) -> Self {
        Self {
            lifetimes,
            on_loopback: public_url.is_loopback(),
            defined_scopes,
            outbound,
        }
    }
}

/// A new client, checked.
pub fn register(
    draft: Draft,
    rules: Rules<'_>,
    random: &dyn Random,
    now: DateTime<Utc>,
) -> Result<Client, Refused> {
    let preset = draft.preset;
    if draft.public && preset.confidential_only {
        return Err(Refused::PublicPreset);
    }
    let mut redirect_uris = preset.redirect_uris(&draft.preset_values)?;
    redirect_uris.extend(draft.redirect_uris);
    if redirect_uris.is_empty() {
        return Err(Refused::NoRedirectUri);
    }
    let settings = ClientSettings {
        rotation: preset.rotation,
        token_format: TokenFormat::Opaque,
        token_algorithm: TokenAlgorithm::Es256,
        token_audience: None,
        send_iss: preset.sends_issuer,
        introspect_all: false,
        code_lifetime: or_default(preset.code_lifetime, rules.lifetimes.code),
        access_lifetime: or_default(preset.access_lifetime, rules.lifetimes.access_token)
            .max(shortest_access_lifetime(preset)),
        refresh_idle: rules.lifetimes.refresh_idle,
        token_places: DEFAULT_PLACES.map(str::to_owned).to_vec(),
        refusal_answer: RefusalAnswer::Status,
        relink_sentence: String::new(),
        busy_sentence: String::new(),
        login_guide_message: String::new(),
        login_success_message: String::new(),
        extension_id: None,
        cek: CekSettings::of_new(preset),
        chatbot: ChatbotSettings::default(),
        privacy_url: None,
        jwks: None,
    };
    let names = if draft.scopes.is_empty() {
        BUILT_IN_SCOPES.map(str::to_owned).to_vec()
    } else {
        draft.scopes
    };
    let client = Client {
        id: new_id(preset, random),
        name: draft.name.trim().to_owned(),
        preset: preset.id.to_owned(),
        preset_values: draft.preset_values,
        confidential: !draft.public,
        redirect_uris,
        scopes: with_always_granted(&names)?,
        settings,
        disabled_at: None,
        created_at: now,
        updated_at: now,
    };
    checked(client, rules)
}

/// A new or changed client, if everything about it holds; redirect URIs without repetition, keys in
/// the one spelling that is stored.
pub fn checked(mut client: Client, rules: Rules<'_>) -> Result<Client, Refused> {
    let printable = client.name.chars().all(|c| !c.is_control());
    if !(1..=MAX_NAME).contains(&client.name.chars().count()) || !printable {
        return Err(Refused::Name);
    }
    check_redirect_uris(&mut client, rules)?;
    check_keys(&mut client)?;
    let known = |name: &str| {
        BUILT_IN_SCOPES.contains(&name)
            || rules
                .defined_scopes
                .iter()
                .any(|defined| defined.scope == name)
    };
    if let Some(unknown) = client.scopes.iter().find(|scope| !known(scope.as_str())) {
        let defined = rules
            .defined_scopes
            .iter()
            .map(|defined| defined.scope.as_str());
        let all: Vec<_> = BUILT_IN_SCOPES.into_iter().chain(defined).collect();
        return Err(Refused::UnknownScope(
            unknown.as_str().to_owned(),
            all.join(", "),
        ));
    }
    client.scopes = with_always_granted(&client.scopes.to_names())?;
    check_settings(&client.settings, client.confidential)?;
    client.settings.cek.check(Preset::find(&client.preset))?;
    client.settings.chatbot.check(rules.outbound)?;
    if let Some(preset) = Preset::find(&client.preset)
        && client.settings.access_lifetime < shortest_access_lifetime(preset)
    {
        let shortest = write_duration(shortest_access_lifetime(preset));
        return Err(Refused::TooShortFor(preset.platform, shortest));
    }
    check_access_tokens(&client)?;
    Ok(client)
}

/// The scopes of a request or a client: with what is granted always, first.
pub fn with_always_granted(names: &[String]) -> Result<ScopeSet, ScopeError> {
    ScopeSet::from_names(std::iter::once(ALWAYS_GRANTED).chain(names.iter().map(String::as_str)))
}

fn check_redirect_uris(client: &mut Client, rules: Rules<'_>) -> Result<(), Refused> {
    let mut seen = std::collections::BTreeSet::new();
    client.redirect_uris.retain(|uri| seen.insert(uri.clone()));
    if client.redirect_uris.is_empty() {
        return Err(Refused::NoRedirectUri);
    }
    if client.redirect_uris.len() > MAX_REDIRECT_URIS {
        return Err(Refused::TooManyRedirectUris);
    }
    let preset = Preset::find(&client.preset);
    let loopback = match preset.map(|preset| preset.loopback_http) {
        Some(LoopbackHttp::Allowed) if rules.on_loopback => LoopbackHttp::Allowed,
        _ => LoopbackHttp::Refused,
    };
    for uri in &client.redirect_uris {
        RedirectUri::register(uri, loopback).map_err(|reason| Refused::RedirectUri {
            uri: uri.clone(),
            reason,
        })?;
    }
    Ok(())
}

/// Leaves the keys in the one spelling that is stored.
fn check_keys(client: &mut Client) -> Result<(), Refused> {
    let Some(given) = &client.settings.jwks else {
        return Ok(());
    };
    if !client.confidential {
        return Err(Refused::PublicKeys);
    }
    client.settings.jwks = Some(PublicKeys::parse(given)?.to_text());
    Ok(())
}

fn check_settings(settings: &ClientSettings, confidential: bool) -> Result<(), Refused> {
    if !confidential && settings.rotation == super::Rotation::Never {
        return Err(Refused::PublicRotation);
    }
    let within =
        |span: TimeDelta, least: i64, most: i64| (least..=most).contains(&span.num_seconds());
    if !within(settings.code_lifetime, 10, 600) {
        return Err(Refused::Lifetime(Setting::CodeLifetime, "10s", "10m"));
    }
    if !within(settings.access_lifetime, 60, 86_400) {
        return Err(Refused::Lifetime(Setting::AccessLifetime, "60s", "1d"));
    }
    if !within(settings.refresh_idle, 86_400, 315_360_000) {
        return Err(Refused::Lifetime(Setting::RefreshIdle, "1d", "3650d"));
    }
    if !(1..=MAX_PLACES).contains(&settings.token_places.len()) {
        return Err(Refused::TokenPlaces);
    }
    for place in &settings.token_places {
        place.parse::<TokenPlace>()?;
    }
    check_sentences(settings)?;
    if settings
        .privacy_url
        .as_deref()
        .is_some_and(|url| !is_https_url(url))
    {
        return Err(Refused::PrivacyUrl);
    }
    if settings
        .extension_id
        .as_deref()
        .is_some_and(|id| !is_reverse_domain(id))
    {
        return Err(Refused::ExtensionId);
    }
    Ok(())
}

fn check_access_tokens(client: &Client) -> Result<(), Refused> {
    let settings = &client.settings;
    let text = client.scopes.to_string();
    if settings.token_format == TokenFormat::Jwt && text.len() > MAX_JWT_SCOPES {
        return Err(Refused::JwtScopes);
    }
    // RFC 7519 §2, StringOrURI: what has a colon must be a URI.
    let is_audience = |text: &str| {
        (1..=MAX_AUDIENCE).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && (!text.contains(':') || text.parse::<url::Url>().is_ok())
    };
    match settings.token_audience.as_deref() {
        Some(audience) if !is_audience(audience) => Err(Refused::TokenAudience),
        _ => Ok(()),
    }
}

fn check_sentences(settings: &ClientSettings) -> Result<(), Refused> {
    for (setting, text) in [
        (Setting::RelinkSentence, &settings.relink_sentence),
        (Setting::BusySentence, &settings.busy_sentence),
        (Setting::LoginGuideMessage, &settings.login_guide_message),
        (
            Setting::LoginSuccessMessage,
            &settings.login_success_message,
        ),
    ] {
        if text.chars().count() > MAX_SENTENCE || text.contains('\0') {
            return Err(Refused::Sentence(setting));
        }
    }
    let missing = settings.relink_sentence.is_empty() || settings.busy_sentence.is_empty();
    if settings.refusal_answer == RefusalAnswer::Sentence && missing {
        return Err(Refused::SentencesMissing);
    }
    Ok(())
}

fn is_reverse_domain(id: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    id.len() <= 200 && id.contains('.') && id.split('.').all(label)
}

fn or_default(preset: Option<std::time::Duration>, default: TimeDelta) -> TimeDelta {
    preset
        .and_then(|span| TimeDelta::from_std(span).ok())
        .unwrap_or(default)
}

fn shortest_access_lifetime(preset: &Preset) -> TimeDelta {
    or_default(preset.shortest_access_lifetime, TimeDelta::zero())
}

/// An id for a new client: readable in logs and consoles, and without any character a platform might
/// mis-encode.
pub fn new_id(preset: &Preset, random: &dyn Random) -> ClientId {
    ClientId(format!(
        "{}-{}",
        preset.id,
        random.letters::<ID_LETTERS>().as_str()
    ))
}

/// An id that [`new_id`] may have drawn for a client of this preset.
pub fn drawn_id(preset: &Preset, text: &str) -> Option<ClientId> {
    let letters = text.strip_prefix(preset.id)?.strip_prefix('-')?;
    let drawn = letters.len() == ID_LETTERS && letters.bytes().all(|byte| LETTERS.contains(&byte));
    drawn.then(|| ClientId(text.to_owned()))
}
