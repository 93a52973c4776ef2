//! `/admin/clients/{id}/edit`: every setting of a client, with when to touch it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use super::{
    address,
    edit_form::EditForm,
    find, links_in_words, rules,
    scope_choice::{ScopeChoice, choices},
    store_change,
};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        flash::Done,
        guard::{Opened, Operator, Posted},
        when::When,
    },
    cek::platform_key::store::{PlatformKey, find_platform_key},
    client::{
        Client,
        preset::Preset,
        refused::Setting,
        store::{list_scopes, lock_client},
    },
    foundation::ids::ClientId,
    link::listing::store::count_active_links,
    web::{form::PostedForm, page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/edit.html")]
struct EditPage {
    chrome: Chrome,
    here: String,
    client: Client,
    typed: EditForm,
    form_problems: Vec<(&'static str, String)>,
    scopes: Vec<ScopeChoice>,
    preset_values: Vec<(&'static str, String)>,
    /// When the client was last changed, as the form saw it.
    seen: String,
    notice: Option<Notice>,
    /// Where CEK finds this client.
    cek_url: String,
    /// Where its platform publishes the key that signs, if it does.
    cek_key_url: Option<&'static str>,
    /// What came of fetching that.
    cek_key_state: String,
    /// Where the chatbot finds this client.
    chatbot_url: String,
}

/// Why the form is shown again though nothing in it is wrong.
#[derive(Debug)]
enum Notice {
    /// Somebody else changed the client since the form was opened.
    ChangedMeanwhile,
    /// What saving would break; asks for a second yes.
    Consequences(Vec<String>),
}

/// A choice: its value, its label, and what it is for.
type Choice = (&'static str, &'static str, &'static str);

impl EditPage {
    fn rotations() -> &'static [Choice] {
        &[
            (
                "deferred",
                "A new one with each refresh",
                "The old one dies when the new one is used, so a lost answer unlinks nobody.",
            ),
            (
                "never",
                "The same for the link’s whole life",
                "Only for platforms that can’t store a new one. Not for public clients.",
            ),
        ]
    }

    fn token_formats() -> &'static [Choice] {
        &[
            (
                "opaque",
                "Opaque",
                "Short, says nothing, and is what every platform takes.",
            ),
            (
                "jwt",
                "JWT (RFC 9068)",
                "For APIs that check tokens themselves. Unlinking kills them here at once, and there when they expire. Google takes none.",
            ),
        ]
    }

    fn token_algorithms() -> &'static [Choice] {
        &[
            (
                "es256",
                "ES256",
                "Short and quick; every current library knows it.",
            ),
            ("eddsa", "EdDSA", "Ed25519, for verifiers that ask for it."),
            (
                "rs256",
                "RS256",
                "For old verifiers: longer, and slower to sign.",
            ),
        ]
    }

    fn refusal_answers() -> &'static [Choice] {
        &[
            (
                "status",
                "Answer with the HTTP status",
                "401, 403 or 503: the chatbot’s own answer for a failed call is spoken.",
            ),
            (
                "sentence",
                "Answer with a sentence",
                "200 with one of the two sentences below, when the builder speaks whatever it gets.",
            ),
        ]
    }

    fn cek_answers() -> &'static [Choice] {
        &[
            (
                "speech",
                "Speech",
                "What CEK and the chatbot builder expect: the text below, or the relink sentence.",
            ),
            (
                "account",
                "The account as JSON",
                "For a server of yours that passes CEK’s request on, as it came, to learn whose it is.",
            ),
        ]
    }

    fn cek_languages() -> &'static [Choice] {
        &[
            ("ko", "Korean", ""),
            ("en", "English", ""),
            ("ja", "Japanese", ""),
        ]
    }

    fn has_chatbot_secret(&self) -> bool {
        self.client.settings.chatbot.secret.is_some()
    }

    fn chatbot_secret_hint(&self) -> &'static str {
        if self.has_chatbot_secret() {
            "One is stored, sealed. Type another to replace it."
        } else {
            "Chatbot settings > Secret key, in the builder. It signs those calls, and is stored sealed."
        }
    }

    fn consequences(&self) -> &[String] {
        match &self.notice {
            Some(Notice::Consequences(sentences)) => sentences,
            _ => &[],
        }
    }

    fn changed_meanwhile(&self) -> bool {
        matches!(self.notice, Some(Notice::ChangedMeanwhile))
    }
}

/// `GET /admin/clients/{id}/edit`
#[tracing::instrument(name = "admin.clients.edit", skip_all)]
pub async fn show(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    let form = EditForm::of(&client);
    console.page(&page_of(&console, client, form, None).await?)
}

/// `POST /admin/clients/{id}/edit`
#[tracing::instrument(name = "admin.clients.save", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted {
        console,
        form: posted,
        ..
    } = posted;
    let id = find(&console, id.into_inner()).await?.id;
    let mut form = EditForm::read(&posted);
    let (client, notice) = match save(&console, &id, &posted, &mut form).await? {
        Outcome::Saved(changed) => {
            return Ok(console.done(&address(&changed, ""), Done::ClientSaved));
        }
        Outcome::Refused(client) => (client, None),
        Outcome::Asked(client, notice) => (client, Some(notice)),
    };
    console.refused(&page_of(&console, client, form, notice).await?)
}

/// What came of a posted form.
enum Outcome {
    /// The client is as asked.
    Saved(Client),
    /// A field says why not; the client is as it was.
    Refused(Client),
    /// The admin should look again; the client is as it was.
    Asked(Client, Notice),
}

async fn save(
    console: &Console,
    id: &ClientId,
    posted: &PostedForm,
    form: &mut EditForm,
) -> Result<Outcome, PageError> {
    let state = &console.state;
    let defined = list_scopes(&state.db).await?;
    let mut transaction = state.db.begin().await?;
    let sealed = match form.chatbot_secret() {
        Some(typed) => {
            let sealing =
                state
                    .keys
                    .seal_chatbot_secret(&mut transaction, id, &typed, &*state.random);
            Some(sealing.await.map_err(sqlx::Error::from)?)
        }
        None => None,
    };
    let locked = lock_client(&mut transaction, id).await?;
    let client = locked.ok_or(Problem::NotFound)?;
    // First, because a page drawn for a mistake has seen the client as it is now.
    if posted.text("seen") != moment(client.updated_at) {
        return Ok(Outcome::Asked(client, Notice::ChangedMeanwhile));
    }
    let Some(mut changed) = form.apply(&client, rules(console, &defined)) else {
        return Ok(Outcome::Refused(client));
    };
    if sealed.is_some() {
        changed.settings.chatbot.secret = sealed;
    }
    let links = count_active_links(&mut *transaction, id).await?;
    let consequences = consequences(&client, &changed, links);
    if !consequences.is_empty() && !posted.ticked("confirmed") {
        return Ok(Outcome::Asked(client, Notice::Consequences(consequences)));
    }
    store_change(console, transaction, &client, &mut changed).await?;
    Ok(Outcome::Saved(changed))
}

async fn page_of(
    console: &Console,
    client: Client,
    form: EditForm,
    notice: Option<Notice>,
) -> Result<EditPage, PageError> {
    let defined = list_scopes(&console.state.db).await?;
    let service = &console.state.branding.get().name;
    let preset = Preset::find(&client.preset);
    let known = preset.map_or(&[][..], |preset| preset.values);
    let preset_values = known.iter().filter_map(|value| {
        let given = client.preset_values.get(value.name)?;
        Some((value.label, given.clone()))
    });
    let key = find_platform_key(&console.state.db, &client.preset).await?;
    let cek_path = format!("/cek/{}", client.id);
    let chatbot_path = format!("/chatbot/{}", client.id);
    Ok(EditPage {
        chatbot_url: console.state.public_url.join(&chatbot_path),
        cek_url: console.state.public_url.join(&cek_path),
        cek_key_url: preset.and_then(|preset| preset.cek_key_url),
        cek_key_state: key_state(key.as_ref(), console.now),
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        scopes: choices(&form.lines(Setting::Scopes), &defined, service),
        preset_values: preset_values.collect(),
        seen: moment(client.updated_at),
        form_problems: form.problems(),
        typed: form,
        client,
        notice,
    })
}

/// What an admin should know before something that links rely on goes.
fn consequences(old: &Client, new: &Client, links: i64) -> Vec<String> {
    let gone = |uri: &&String| !new.redirect_uris.contains(uri);
    let uris = old.redirect_uris.iter().filter(gone).map(|uri| {
        let kept = match links {
            0 => String::new(),
            links => format!(" {} of before keep working.", links_in_words(links)),
        };
        format!("Whoever comes with {uri} is refused from now on and can’t link any more.{kept}")
    });
    let gone = |scope: &String| links > 0 && !new.scopes.contains(scope);
    let names = old.scopes.to_names().into_iter().filter(gone);
    let scopes = names.map(|scope| {
        format!(
            "New links are no longer granted {scope}; {} of before keep it until they end.",
            links_in_words(links)
        )
    });
    uris.chain(scopes).chain(authentication(old, new)).collect()
}

/// What becomes of those who prove themselves in the way of before.
fn authentication(old: &Client, new: &Client) -> Option<String> {
    let told = match (&old.settings.jwks, &new.settings.jwks) {
        (None, Some(_)) => {
            "From now on the client proves itself with these keys alone. Its secrets stop working at once, and for good."
        }
        (Some(_), None) => {
            "The client can’t prove itself any more until you make a secret for it and its platform has that."
        }
        _ => return None,
    };
    Some(told.to_owned())
}

/// What came of fetching a platform's key, in words.
fn key_state(key: Option<&PlatformKey>, now: DateTime<Utc>) -> String {
    let Some(key) = key else {
        return "Never fetched yet.".to_owned();
    };
    let fetched = match key.fetched_at {
        Some(at) => format!("Fetched {}.", When::new(at, now).ago),
        None => "Never fetched yet.".to_owned(),
    };
    if key.failure.is_empty() {
        return fetched;
    }
    let tried = When::new(key.tried_at, now).ago;
    format!("{fetched} The last try, {tried}, failed: {}.", key.failure)
}

/// To the microsecond, which is what the database keeps.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
