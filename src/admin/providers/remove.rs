//! `/admin/providers/{id}/delete`: says whom it concerns, then does it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{LIST, named};
use crate::{
    account::provider::{
        Provider,
        connection::{Dependants, store::count_dependants},
        store,
    },
    admin::{
        chrome::{Chrome, Section},
        flash::Done,
        guard::{Opened, Owner, Posted},
    },
    web::{i18n::Lang, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/providers/delete.html")]
struct DeletePage {
    chrome: Chrome,
    name: String,
    provider: Provider,
    people: Dependants,
}

/// `GET /admin/providers/{id}/delete`
#[tracing::instrument(name = "admin.provider.delete.ask", skip_all)]
pub async fn ask(opened: Opened<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let provider = named(&id, &console).await?;
    console.page(&DeletePage {
        chrome: console.chrome(Some(Section::Providers)),
        name: provider.name(Lang::En),
        people: count_dependants(&console.state.db, &provider.id).await?,
        provider,
    })
}

/// `POST /admin/providers/{id}/delete`
#[tracing::instrument(name = "admin.provider.delete", skip_all)]
pub async fn delete(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let provider = named(&id, &console).await?;
    if store::delete_provider(&console.state.db, &provider.id).await? {
        super::reload(&console).await?;
        console.record(format!("Deleted sign-in with {}", provider.id), |event| {
            event
        });
    }
    Ok(console.done(LIST, Done::ProviderDeleted))
}
