//! `/admin/providers/new`: which kind, and then the form for it.

use actix_web::HttpResponse;
use askama::Template;

use super::form::ProviderForm;
use crate::{
    account::provider::{Kind, known::Known, seal_secret, store},
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        flash::Done,
        guard::{Opened, Owner, Posted},
    },
    web::{page::query_value, page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/providers/choose.html")]
struct ChoosePage {
    chrome: Chrome,
    kinds: Vec<Kind>,
}

/// The form, for a new one and for one that is there.
#[derive(Debug, Template)]
#[template(path = "admin/providers/edit.html")]
pub(super) struct EditPage {
    pub(super) chrome: Chrome,
    pub(super) form: ProviderForm,
    pub(super) callback: String,
    pub(super) known: &'static Known,
    /// Whether it is there, and if so, whether it is switched on.
    pub(super) enabled: Option<bool>,
}

impl EditPage {
    pub(super) fn draw(console: &Console, form: ProviderForm, enabled: Option<bool>) -> Self {
        Self {
            chrome: console.chrome(Some(Section::Providers)),
            callback: form.callback(&console.state.public_url),
            known: form.kind.known(),
            form,
            enabled,
        }
    }

    fn action(&self) -> String {
        match self.enabled {
            Some(_) => format!("/admin/providers/{}", self.form.id.value),
            None => "/admin/providers/new".to_owned(),
        }
    }
}

/// `GET /admin/providers/new`
#[tracing::instrument(name = "admin.provider.new", skip_all)]
pub async fn show(opened: Opened<Owner>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let kind = query_value(&console.request, "kind").and_then(|word| Kind::parse(&word));
    match kind {
        Some(kind) => console.page(&EditPage::draw(&console, ProviderForm::new(kind), None)),
        None => console.page(&ChoosePage {
            chrome: console.chrome(Some(Section::Providers)),
            kinds: Kind::ALL.to_vec(),
        }),
    }
}

/// `POST /admin/providers/new`
#[tracing::instrument(name = "admin.provider.create", skip_all)]
pub async fn create(posted: Posted<Owner>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let kind = Kind::parse(form.text("kind")).ok_or(Problem::NotFound)?;
    let mut typed = ProviderForm::typed(kind, form);
    let Some(filled) = typed.checked(false, console) else {
        return console.refused(&EditPage::draw(console, typed, None));
    };
    let secret = filled.secret.clone().unwrap_or_default();
    let state = &console.state;
    let mut transaction = state.db.begin().await?;
    let sealed = seal_secret(&mut transaction, &filled.id, &secret, state).await;
    let provider = filled.provider(kind, sealed.map_err(sqlx::Error::from)?, console.now);
    if !store::insert_provider(&mut *transaction, &provider).await? {
        typed
            .id
            .refuse("There is a provider with this word already.");
        return console.refused(&EditPage::draw(console, typed, None));
    }
    transaction.commit().await?;
    super::reload(console).await?;
    console.record(format!("Set up sign-in with {}", provider.id), |event| {
        event
    });
    Ok(console.done(super::LIST, Done::ProviderSaved))
}
