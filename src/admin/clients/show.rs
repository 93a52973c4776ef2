//! `/admin/clients/{id}`: what to paste where, and how the client stands.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use sqlx::PgConnection;

use super::{address, chat::ChatUsers, find, links_in_words, preset_name};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        guard::{Opened, Viewer},
        when::When,
    },
    chatbot::{by_chat_user::call_secret::CallUrl, store::list_actions},
    client::{
        Client, ClientAuthentication,
        guide::Guide,
        preset::{ConsoleField, ConsoleSection, Preset, Purpose},
        public_keys::{PublicKey, PublicKeys},
        secret::{ClientSecret, store::list_live_secrets},
    },
    config::write_duration,
    link::listing::store::count_active_links,
    web::page_error::PageError,
};

/// What was just made; the page says so and shows it, and never again.
pub enum Fresh {
    /// A client, with its first secret unless it is public.
    Registered(Option<ClientSecret>),
    /// A new secret for a client that had one.
    Replaced(ClientSecret),
    /// A new URL for calls that name a chat user.
    CallUrl(CallUrl),
    /// None of these: somebody else, or a second tap, made one a moment before.
    MadeMeanwhile,
}

impl Fresh {
    fn is_new_client(&self) -> bool {
        matches!(self, Self::Registered(_))
    }

    fn secret(&self) -> Option<&str> {
        match self {
            Self::Registered(secret) => secret.as_ref().map(ClientSecret::expose),
            Self::Replaced(secret) => Some(secret.expose()),
            Self::CallUrl(_) | Self::MadeMeanwhile => None,
        }
    }

    fn call_url(&self) -> Option<&str> {
        match self {
            Self::CallUrl(url) => Some(url.expose()),
            _ => None,
        }
    }

    fn is_made_meanwhile(&self) -> bool {
        matches!(self, Self::MadeMeanwhile)
    }
}

#[derive(Template)]
#[template(path = "admin/clients/show.html")]
struct ShowPage<'a> {
    chrome: Chrome,
    client: &'a Client,
    here: String,
    preset: String,
    platform: String,
    /// Of the labels in the platform's console.
    language: &'static str,
    sections: Vec<ConsoleSection>,
    secrets: Vec<SecretLine>,
    fresh: Option<Fresh>,
    links: String,
    registered: When,
    disabled: Option<When>,
    simulate: String,
    actions: Vec<String>,
    chat: ChatUsers,
}

/// A secret that works, without the secret.
struct SecretLine {
    made: When,
    used: Option<When>,
    until: Option<When>,
}

/// `GET /admin/clients/{id}`
#[tracing::instrument(name = "admin.clients.show", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    let mut db = console.state.db.acquire().await?;
    draw(&console, &mut db, &client, None).await
}

/// The page; with what was just made, if anything was. Draw that in the transaction that made it:
/// a secret that could not be shown should not count.
pub async fn draw(
    console: &Console,
    db: &mut PgConnection,
    client: &Client,
    fresh: Option<Fresh>,
) -> Result<HttpResponse, PageError> {
    let (state, now) = (&console.state, console.now);
    let actions = list_actions(&mut *db, &client.id).await?;
    let actions: Vec<_> = actions.into_iter().map(|action| action.name).collect();
    let guide = Guide {
        client,
        public_url: &state.public_url,
        has_privacy_page: state.branding.get().privacy_link().is_some(),
        actions: &actions,
    };
    let secrets = list_live_secrets(&mut *db, &client.id, now).await?;
    let secrets = secrets.into_iter().map(|secret| SecretLine {
        made: When::new(secret.created_at, now),
        used: secret.last_used_at.map(|at| When::new(at, now)),
        until: secret.expires_at.map(|at| When::new(at, now)),
    });
    let page = ShowPage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(client, ""),
        preset: preset_name(&client.preset),
        platform: Preset::find(&client.preset).map_or_else(
            || client.preset.clone(),
            |preset| preset.platform.to_owned(),
        ),
        language: Preset::find(&client.preset).map_or("en", |preset| preset.console_language),
        sections: guide.sections(),
        secrets: secrets.collect(),
        links: links_in_words(count_active_links(&mut *db, &client.id).await?),
        registered: When::new(client.created_at, now),
        disabled: client.disabled_at.map(|at| When::new(at, now)),
        simulate: format!(
            "linkgate simulate {} --email you@example.com --password-stdin",
            client.id
        ),
        client,
        fresh,
        actions,
        chat: ChatUsers::of(&mut *db, client, now).await?,
    };
    console.page(&page)
}

impl ShowPage<'_> {
    fn fresh_secret(&self) -> Option<&str> {
        self.fresh.as_ref().and_then(Fresh::secret)
    }

    /// Why the client has no secret; empty where it has one.
    fn without_secret(&self) -> &'static str {
        match self.client.authentication() {
            ClientAuthentication::ClientSecret => "",
            ClientAuthentication::None => "none: the client is public",
            ClientAuthentication::PrivateKeyJwt => "none: the client signs with its keys",
        }
    }

    fn kind(&self) -> &'static str {
        match self.client.authentication() {
            ClientAuthentication::ClientSecret => "confidential, with a secret",
            ClientAuthentication::None => "public, with PKCE",
            ClientAuthentication::PrivateKeyJwt => "confidential, with keys (private_key_jwt)",
        }
    }

    /// The name and the algorithms of each key it signs with.
    fn keys(&self) -> Vec<(String, String)> {
        let stored = self.client.settings.jwks.as_deref();
        let keys = stored.and_then(|text| PublicKeys::parse(text).ok());
        let named = |key: &PublicKey| {
            let kid = key.kid.clone();
            (
                kid.unwrap_or_else(|| "without a kid".to_owned()),
                key.algorithms(),
            )
        };
        keys.map_or_else(Vec::new, |keys| keys.iter().map(named).collect())
    }

    fn newest(&self) -> Option<&SecretLine> {
        self.secrets.first()
    }

    /// Until when the secret before the newest one works.
    fn old_until(&self) -> Option<&When> {
        self.secrets.iter().find_map(|secret| secret.until.as_ref())
    }

    fn is_choice(field: &ConsoleField) -> bool {
        field.purpose == Purpose::Choose
    }

    fn stays_empty(field: &ConsoleField) -> bool {
        field.purpose == Purpose::LeaveEmpty
    }

    /// The lifetimes, in words.
    fn lifetimes(&self) -> [(&'static str, String); 3] {
        let settings = &self.client.settings;
        [
            ("Code", write_duration(settings.code_lifetime)),
            ("Access token", write_duration(settings.access_lifetime)),
            ("Unused link", write_duration(settings.refresh_idle)),
        ]
    }
}
