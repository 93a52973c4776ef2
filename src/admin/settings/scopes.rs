//! `/admin/settings/scopes/…`: scopes an admin defines, each with its sentence for the consent page.

use actix_web::HttpResponse;
use askama::Template;

use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    client::{
        Client,
        registration::BUILT_IN_SCOPES,
        scope_sentence::check_sentence,
        store::{self, DefinedScope},
    },
    protocol::scope::Scope,
    web::{form::PostedForm, page::query_value, page_error::PageError, pages::Problem},
};

/// Where the list is.
const LIST: &str = "/admin/settings";

#[derive(Debug, Template)]
#[template(path = "admin/scope_edit.html")]
struct EditPage {
    chrome: Chrome,
    /// Whether the scope exists, so that its name stays.
    exists: bool,
    form: ScopeForm,
}

#[derive(Debug, Template)]
#[template(path = "admin/scope_delete.html")]
struct DeletePage {
    chrome: Chrome,
    scope: DefinedScope,
    /// The clients that may ask for it.
    used_by: Vec<Client>,
}

/// The form as it was typed.
#[derive(Debug, Default)]
struct ScopeForm {
    scope: Field,
    ko: Field,
    en: Field,
    ja: Field,
}

/// `GET /admin/settings/scopes/new`
#[tracing::instrument(name = "admin.scope.new", skip_all)]
pub async fn show_new(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    console.page(&page(&console, false, ScopeForm::default()))
}

/// `POST /admin/settings/scopes/new`
#[tracing::instrument(name = "admin.scope.create", skip_all)]
pub async fn create(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let mut typed = ScopeForm::typed(form);
    let taken = find(&typed.scope.value, console).await?.is_some();
    if taken || BUILT_IN_SCOPES.contains(&typed.scope.value.as_str()) {
        typed.scope.refuse("There is a scope of this name already.");
    }
    match typed.checked() {
        Some(scope) => save_checked(console, &scope, "Defined").await,
        None => console.refused(&page(console, false, typed)),
    }
}

/// `GET /admin/settings/scopes/edit?scope=…`
#[tracing::instrument(name = "admin.scope.edit", skip_all)]
pub async fn show(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let scope = asked(&console).await?;
    let form = ScopeForm {
        scope: Field::new(scope.scope),
        ko: Field::new(scope.sentence_ko),
        en: Field::new(scope.sentence_en),
        ja: Field::new(scope.sentence_ja),
    };
    console.page(&page(&console, true, form))
}

/// `POST /admin/settings/scopes/edit`
#[tracing::instrument(name = "admin.scope.save", skip_all)]
pub async fn save(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let mut typed = ScopeForm::typed(form);
    let known = find(&typed.scope.value, console).await?;
    known.ok_or(Problem::NotFound)?;
    match typed.checked() {
        Some(scope) => save_checked(console, &scope, "Changed").await,
        None => console.refused(&page(console, true, typed)),
    }
}

/// `GET /admin/settings/scopes/delete?scope=…`
#[tracing::instrument(name = "admin.scope.delete.ask", skip_all)]
pub async fn ask_to_delete(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let scope = asked(&console).await?;
    console.page(&delete_page(&console, scope).await?)
}

/// `POST /admin/settings/scopes/delete`
#[tracing::instrument(name = "admin.scope.delete", skip_all)]
pub async fn delete(posted: Posted<Operator>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let known = find(form.text("scope"), console).await?;
    let scope = known.ok_or(Problem::NotFound)?;
    if !store::delete_unused_scope(&console.state.db, &scope.scope).await? {
        return console.refused(&delete_page(console, scope).await?);
    }
    console.record(format!("Deleted the scope {}", scope.scope), |event| event);
    Ok(console.done(LIST, Done::ScopeDeleted))
}

async fn save_checked(
    console: &Console,
    scope: &DefinedScope,
    verb: &str,
) -> Result<HttpResponse, PageError> {
    store::save_scope(&console.state.db, scope, console.now).await?;
    console.record(format!("{verb} the scope {}", scope.scope), |event| event);
    Ok(console.done(LIST, Done::ScopeSaved))
}

async fn asked(console: &Console) -> Result<DefinedScope, PageError> {
    let name = query_value(&console.request, "scope").unwrap_or_default();
    Ok(find(&name, console).await?.ok_or(Problem::NotFound)?)
}

async fn find(name: &str, console: &Console) -> sqlx::Result<Option<DefinedScope>> {
    let defined = store::list_scopes(&console.state.db).await?;
    Ok(defined.into_iter().find(|scope| scope.scope == name))
}

fn page(console: &Console, exists: bool, form: ScopeForm) -> EditPage {
    EditPage {
        chrome: console.chrome(Some(Section::Settings)),
        exists,
        form,
    }
}

async fn delete_page(console: &Console, scope: DefinedScope) -> sqlx::Result<DeletePage> {
    let clients = store::list_clients(&console.state.db).await?.into_iter();
    Ok(DeletePage {
        chrome: console.chrome(Some(Section::Settings)),
        used_by: clients
            .filter(|client| client.scopes.contains(&scope.scope))
            .collect(),
        scope,
    })
}

impl ScopeForm {
    fn typed(form: &PostedForm) -> Self {
        Self {
            scope: Field::new(form.text("scope")),
            ko: Field::new(form.text("sentence_ko")),
            en: Field::new(form.text("sentence_en")),
            ja: Field::new(form.text("sentence_ja")),
        }
    }

    /// The scope as the form wants it, or the reasons at the fields.
    fn checked(&mut self) -> Option<DefinedScope> {
        if let Err(error) = self.scope.value.parse::<Scope>() {
            self.scope.refuse(sentence(&error.to_string()));
        }
        for field in [&mut self.ko, &mut self.en, &mut self.ja] {
            if let Err(error) = check_sentence(&field.value) {
                field.refuse(sentence(&error.to_string()));
            }
        }
        self.is_fine().then(|| DefinedScope {
            scope: self.scope.value.clone(),
            sentence_ko: self.ko.value.clone(),
            sentence_en: self.en.value.clone(),
            sentence_ja: self.ja.value.clone(),
        })
    }

    fn is_fine(&self) -> bool {
        let fields = [&self.scope, &self.ko, &self.en, &self.ja];
        fields.iter().all(|field| field.error.is_none())
    }
}
