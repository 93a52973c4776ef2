//! `/admin/providers`: whom people may sign in with, beside a password.

pub mod edit;
pub mod form;
pub mod new;
pub mod remove;
pub mod switch;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chrome::{Chrome, Section},
    console::Console,
    guard::{Opened, Owner},
};
use crate::{
    account::provider::{
        Provider,
        connection::{Dependants, store::count_dependants},
        directory::Directory,
        parse_id, store,
    },
    web::{i18n::Lang, page_error::PageError, pages::Problem},
};

/// Where the list is.
const LIST: &str = "/admin/providers";

#[derive(Debug, Template)]
#[template(path = "admin/providers/list.html")]
struct ProvidersPage {
    chrome: Chrome,
    providers: Vec<ProviderRow>,
}

#[derive(Debug)]
struct ProviderRow {
    name: String,
    provider: Provider,
    people: Dependants,
}

/// `GET /admin/providers`
#[tracing::instrument(name = "admin.providers", skip_all)]
pub async fn list(opened: Opened<Owner>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let db = &console.state.db;
    let mut providers = Vec::new();
    for provider in store::list_providers(db).await? {
        providers.push(ProviderRow {
            name: provider.name(Lang::En),
            people: count_dependants(db, &provider.id).await?,
            provider,
        });
    }
    console.page(&ProvidersPage {
        chrome: console.chrome(Some(Section::Providers)),
        providers,
    })
}

/// Lets this node's pages show what was changed; others ask within half a minute.
async fn reload(console: &Console) -> sqlx::Result<()> {
    match Directory::of(&console.request) {
        Some(directory) => directory.reload(&console.state.db).await,
        None => Ok(()),
    }
}

/// The provider an address names, or the page that says there is none.
async fn named(id: &str, console: &Console) -> Result<Provider, PageError> {
    let id = parse_id(id).ok_or(Problem::NotFound)?;
    let found = store::find_provider(&console.state.db, &id).await?;
    Ok(found.ok_or(Problem::NotFound)?)
}
