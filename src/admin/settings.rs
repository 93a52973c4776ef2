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
    seen,
};
use crate::{
    client::{
        registration::BUILT_IN_SCOPES,
        scope_sentence::ScopeLine,
        store::{DefinedScope, list_scopes},
    },
    protocol::is_https_url,
    web::{
        branding::{
            Branding,
            store::{find_branding, lock_branding, update_branding},
        },
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
    link_mails: bool,
    /// What the service was when the form was drawn.
    seen: String,
    /// Set where it has been changed since.
    changed_meanwhile: bool,
}

/// `GET /admin/settings`
#[tracing::instrument(name = "admin.settings", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    // What this node keeps in memory may be older than another one's change.
    let form = SettingsForm::of(&find_branding(&console.state.db).await?)?;
    console.page(&page(&console, form).await?)
}

/// `POST /admin/settings`
#[tracing::instrument(name = "admin.settings.save", skip_all)]
pub async fn save(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let mut typed = SettingsForm::typed(form);
    let db = &console.state.db;
    let mut transaction = db.begin().await?;
    let before = lock_branding(&mut *transaction).await?;
    if !typed.has_seen(&before)? {
        return console.refused(&page(console, typed).await?);
    }
    let Some(after) = typed.apply(&before) else {
        return console.refused(&page(console, typed).await?);
    };
    update_branding(&mut *transaction, &after, console.now).await?;
    transaction.commit().await?;
    console.state.branding.reload(db).await?;
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
    fn of(branding: &Branding) -> Result<Self, PageError> {
        Ok(Self {
            name: Field::new(&branding.name),
            privacy_url: Field::new(branding.privacy_url.clone().unwrap_or_default()),
            privacy_text: Field::new(&branding.privacy_text),
            link_mails: branding.link_mails,
            seen: fingerprint(branding)?,
            changed_meanwhile: false,
        })
    }

    fn typed(form: &PostedForm) -> Self {
        Self {
            name: Field::new(form.text("name")),
            privacy_url: Field::new(form.text("privacy_url")),
            privacy_text: Field::new(form.text("privacy_text")),
            link_mails: form.ticked("link_mails"),
            seen: form.text("seen").to_owned(),
            changed_meanwhile: false,
        }
    }

    /// Whether the form was drawn from the service as it is; if not, the next one will have been.
    fn has_seen(&mut self, branding: &Branding) -> Result<bool, PageError> {
        let now_seen = fingerprint(branding)?;
        self.changed_meanwhile = self.seen != now_seen;
        self.seen = now_seen;
        Ok(!self.changed_meanwhile)
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
            link_mails: self.link_mails,
            updated_at: before.updated_at,
            privacy_changed_at: before.privacy_changed_at,
        })
    }

    fn is_fine(&self) -> bool {
        let fields = [&self.name, &self.privacy_url, &self.privacy_text];
        fields.iter().all(|field| field.error.is_none())
    }
}

/// What a form shows of the service, in one short value.
fn fingerprint(branding: &Branding) -> Result<String, PageError> {
    let Branding {
        name,
        privacy_url,
        privacy_text,
        link_mails,
        ..
    } = branding;
    seen::fingerprint(&(name, privacy_url, privacy_text, link_mails))
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
        (before.link_mails != after.link_mails, "mails about links"),
    ];
    let changed = compared.iter().filter(|(changed, _)| *changed);
    changed.map(|(_, what)| *what).collect()
}
