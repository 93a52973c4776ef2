//! `/admin/settings`: the service as people see it, and the scopes beyond the built-in ones.

pub mod scopes;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chrome::{Chrome, Section},
    console::Console,
    field::Field,
    flash::Done,
    guard::{Opened, Operator, Posted, Viewer},
};
use crate::{
    client::{
        registration::BUILT_IN_SCOPES,
        scope_sentence::ScopeLine,
        store::{DefinedScope, list_scopes},
    },
    protocol::is_https_url,
    web::{
        branding::{Branding, store::update_branding},
        form::PostedForm,
        i18n::{Lang, Words},
        page_error::PageError,
    },
};

/// What fits above a page on a phone.
const MAX_NAME: usize = 60;
/// Longer than any policy.
const MAX_TEXT: usize = 64 * 1024;

#[derive(Debug, Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    chrome: Chrome,
    form: SettingsForm,
    public_url: String,
    built_in: Vec<BuiltIn>,
    scopes: Vec<DefinedScope>,
}

#[derive(Debug)]
struct BuiltIn {
    scope: &'static str,
    sentence: String,
}

/// The form as it was typed.
#[derive(Debug)]
struct SettingsForm {
    name: Field,
    privacy_url: Field,
    privacy_text: Field,
}

/// `GET /admin/settings`
#[tracing::instrument(name = "admin.settings", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let form = SettingsForm::of(&console.state.branding.get());
    console.page(&page(&console, form).await?)
}

/// `POST /admin/settings`
#[tracing::instrument(name = "admin.settings.save", skip_all)]
pub async fn save(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let mut typed = SettingsForm::typed(form);
    let before = console.state.branding.get();
    let Some(after) = typed.apply(&before) else {
        return console.refused(&page(console, typed).await?);
    };
    update_branding(&console.state.db, &after, console.now).await?;
    console.state.branding.reload(&console.state.db).await?;
    let changes = changes(&before, &after);
    if !changes.is_empty() {
        let detail = format!("Changed the settings: {}", changes.join(", "));
        console.record(detail, |event| event);
    }
    Ok(console.done("/admin/settings", Done::SettingsSaved))
}

async fn page(console: &Console, form: SettingsForm) -> Result<SettingsPage, PageError> {
    let service = &console.state.branding.get().name;
    let built_in = |scope: &'static str| {
        let line = ScopeLine::built_in(scope, service, Words::new(Lang::En))?;
        Some(BuiltIn {
            scope,
            sentence: line.sentence,
        })
    };
    Ok(SettingsPage {
        chrome: console.chrome(Some(Section::Settings)),
        form,
        public_url: console.state.public_url.issuer().to_owned(),
        built_in: BUILT_IN_SCOPES.into_iter().filter_map(built_in).collect(),
        scopes: list_scopes(&console.state.db).await?,
    })
}

impl SettingsForm {
    fn of(branding: &Branding) -> Self {
        Self {
            name: Field::new(&branding.name),
            privacy_url: Field::new(branding.privacy_url.clone().unwrap_or_default()),
            privacy_text: Field::new(&branding.privacy_text),
        }
    }

    fn typed(form: &PostedForm) -> Self {
        Self {
            name: Field::new(form.text("name")),
            privacy_url: Field::new(form.text("privacy_url")),
            privacy_text: Field::new(form.text("privacy_text")),
        }
    }

    /// The service as the form wants it, or the reasons at the fields.
    fn apply(&mut self, before: &Branding) -> Option<Branding> {
        let name = &self.name.value;
        if !(1..=MAX_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            let reason = format!("The name must have 1 to {MAX_NAME} characters.");
            self.name.refuse(reason);
        }
        if self
            .privacy_url
            .filled()
            .is_some_and(|url| !is_https_url(url))
        {
            let reason =
                "The address must be a full https URL, such as https://example.com/privacy.";
            self.privacy_url.refuse(reason);
        }
        if self.privacy_text.value.len() > MAX_TEXT {
            self.privacy_text
                .refuse("The text must have at most 64 KiB.");
        }
        self.is_fine().then(|| Branding {
            name: self.name.value.clone(),
            privacy_url: self.privacy_url.filled().map(str::to_owned),
            privacy_text: self.privacy_text.value.clone(),
            updated_at: before.updated_at,
            privacy_changed_at: before.privacy_changed_at,
        })
    }

    fn is_fine(&self) -> bool {
        let fields = [&self.name, &self.privacy_url, &self.privacy_text];
        fields.iter().all(|field| field.error.is_none())
    }
}

fn changes(before: &Branding, after: &Branding) -> Vec<&'static str> {
    let compared = [
        (before.name != after.name, "name"),
        (
            before.privacy_url != after.privacy_url,
            "privacy policy address",
        ),
        (
            before.privacy_text != after.privacy_text,
            "privacy policy text",
        ),
    ];
    let changed = compared.iter().filter(|(changed, _)| *changed);
    changed.map(|(_, what)| *what).collect()
}
