//! `/admin/clients/new`: registering a platform, ending with the secret that is shown once.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    address, choose, rules,
    scope_choice::{ScopeChoice, choices},
    show,
};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        guard::{Opened, Operator, Posted},
    },
    client::{
        Client,
        preset::{Preset, PresetValue, PresetValueError},
        refused::{Refused, Setting},
        registration::{BUILT_IN_SCOPES, Draft, drawn_id, new_id, register},
        secret,
        store::{is_id_taken, list_scopes},
    },
    foundation::ids::ClientId,
    web::{form::PostedForm, page, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/new.html")]
struct NewPage {
    chrome: Chrome,
    preset: &'static Preset,
    /// The redirect URIs that come by themselves, with placeholders for the values.
    own_redirect_uris: Vec<String>,
    /// The id the client will have, so that one form registers one client.
    id: ClientId,
    /// Where the client is that this form registered already.
    registered: Option<String>,
    typed: Typed,
    scopes: Vec<ScopeChoice>,
}

impl NewPage {
    fn explained(value: &PresetValue) -> String {
        sentence(value.explanation)
    }

    fn redirect_label(&self) -> &'static str {
        if self.preset.needs_redirect_uri() {
            "Redirect URIs, one a line"
        } else {
            "Further redirect URIs, one a line (optional)"
        }
    }

    fn redirect_rows(&self) -> u8 {
        if self.preset.needs_redirect_uri() {
            3
        } else {
            2
        }
    }

    fn redirect_hint(&self) -> &'static str {
        if self.preset.needs_redirect_uri() {
            "Where the client gets its answers. Compared to the last character, so copy them from \
             its configuration."
        } else {
            "Only if the platform’s console shows one that is not above."
        }
    }

    fn kinds() -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            (
                CONFIDENTIAL,
                "Yes: a server",
                "It gets a client secret, shown once on the next page.",
            ),
            (
                PUBLIC,
                "No: an app or a page in the browser",
                "It has no secret and must use PKCE.",
            ),
        ]
    }
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    name: Field,
    values: Vec<(&'static PresetValue, Field)>,
    redirect_uris: Field,
    scopes: Field,
    kind: Field,
    ticked: Vec<String>,
}

const PUBLIC: &str = "public";
const CONFIDENTIAL: &str = "confidential";

/// `GET /admin/clients/new`
#[tracing::instrument(name = "admin.clients.new", skip_all)]
pub async fn show(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let chosen = page::query_value(&console.request, "preset");
    match chosen.as_deref().and_then(Preset::find) {
        Some(preset) => {
            let id = new_id(preset, &*console.state.random);
            let page = page_of(&console, preset, id, Typed::nothing(preset)).await?;
            console.page(&page)
        }
        None => choose::draw(&console),
    }
}

/// `POST /admin/clients/new`: answers the client's page with its secret, and never again.
#[tracing::instrument(name = "admin.clients.create", skip_all)]
pub async fn submit(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let Some(preset) = Preset::find(form.text("preset")) else {
        return choose::draw(&console);
    };
    let id = drawn_id(preset, form.text("client_id")).ok_or_else(|| {
        PageError::Unreadable("the client id must be the one the form was drawn with".to_owned())
    })?;
    let mut typed = Typed::read(&form, preset);
    let state = &console.state;
    let defined = list_scopes(&state.db).await?;
    let registered = register(
        typed.draft(preset),
        rules(&console, &defined),
        &*state.random,
        console.now,
    );
    let client = match registered {
        Ok(client) => Client { id, ..client },
        Err(refused) => {
            typed.blame(&refused, preset);
            return console.refused(&page_of(&console, preset, id, typed).await?);
        }
    };
    let mut transaction = state.db.begin().await?;
    let secret = secret::create(&mut transaction, &client, &*state.random, console.now).await;
    let secret = match secret {
        // A reload or a second tap must not register another client with another secret.
        Err(error) if is_id_taken(&error) => {
            let mut page = page_of(&console, preset, client.id.clone(), typed).await?;
            page.registered = Some(address(&client, ""));
            return console.refused(&page);
        }
        secret => show::Fresh::Registered(secret?),
    };
    let shown = show::draw(&console, &mut transaction, &client, Some(secret)).await?;
    transaction.commit().await?;
    console.record("client registered", |event| event.client(&client.id));
    Ok(shown)
}

async fn page_of(
    console: &Console,
    preset: &'static Preset,
    id: ClientId,
    typed: Typed,
) -> Result<NewPage, PageError> {
    let defined = list_scopes(&console.state.db).await?;
    let service = &console.state.branding.get().name;
    let placeholders = preset
        .values
        .iter()
        .map(|value| (value.name.to_owned(), value.name.to_uppercase()));
    Ok(NewPage {
        chrome: console.chrome(Some(Section::Clients)),
        own_redirect_uris: preset
            .redirect_uris(&placeholders.collect())
            .unwrap_or_default(),
        scopes: choices(&typed.ticked, &defined, service),
        preset,
        id,
        registered: None,
        typed,
    })
}

impl Typed {
    fn nothing(preset: &'static Preset) -> Self {
        Self {
            values: preset
                .values
                .iter()
                .map(|value| (value, Field::default()))
                .collect(),
            kind: Field::new(CONFIDENTIAL),
            ticked: BUILT_IN_SCOPES.map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }

    fn read(form: &PostedForm, preset: &'static Preset) -> Self {
        let text = |setting: Setting| Field::new(form.text(setting.as_str()));
        let values = preset.values.iter();
        Self {
            name: text(Setting::Name),
            values: values
                .map(|value| (value, text(Setting::PresetValue(value.name))))
                .collect(),
            redirect_uris: Field::new(form.list(Setting::RedirectUris.as_str()).join("\n")),
            scopes: Field::default(),
            kind: text(Setting::Public),
            ticked: form.list(Setting::Scopes.as_str()),
        }
    }

    fn draft(&self, preset: &'static Preset) -> Draft {
        let given = self
            .values
            .iter()
            .filter_map(|(value, field)| Some((value.name, field.filled()?)));
        let preset_values: BTreeMap<_, _> = given
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        // With nothing ticked, what is granted always is meant, not everything.
        let always = crate::client::registration::ALWAYS_GRANTED.to_owned();
        let ticked = std::iter::once(always).chain(self.ticked.iter().cloned());
        Draft {
            name: self.name.value.clone(),
            preset,
            preset_values,
            redirect_uris: self
                .redirect_uris
                .value
                .lines()
                .map(str::to_owned)
                .collect(),
            scopes: ticked.collect(),
            public: self.kind.value == PUBLIC,
        }
    }

    /// What is wrong, with the field where it stands.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let fixed = [
            (Setting::Name, &self.name),
            (Setting::RedirectUris, &self.redirect_uris),
            (Setting::Scopes, &self.scopes),
            (Setting::Public, &self.kind),
        ];
        let fixed = fixed
            .into_iter()
            .map(|(setting, field)| (setting.as_str(), field));
        let values = self.values.iter().map(|(value, field)| (value.name, field));
        let wrong = fixed.chain(values);
        wrong
            .filter_map(|(name, field)| Some((name, field.error.clone()?)))
            .collect()
    }

    fn blame(&mut self, refused: &Refused, preset: &Preset) {
        let reason = match refused {
            // Its label and where to find it stand beside the field already.
            Refused::PresetValue(PresetValueError::Missing { .. }) => {
                format!("{} needs it.", preset.platform)
            }
            Refused::PresetValue(PresetValueError::Malformed { .. }) => {
                "Only letters, digits and - . _ ~ are accepted, at most 100.".to_owned()
            }
            refused => sentence(&refused.to_string()),
        };
        let field = match refused.setting() {
            Setting::Name => &mut self.name,
            Setting::Scopes => &mut self.scopes,
            Setting::Public => &mut self.kind,
            Setting::PresetValue(name) => {
                let found = self.values.iter_mut().find(|(value, _)| value.name == name);
                found.map_or(&mut self.redirect_uris, |(_, field)| field)
            }
            _ => &mut self.redirect_uris,
        };
        field.refuse(reason);
    }
}
