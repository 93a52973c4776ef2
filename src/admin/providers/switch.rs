//! `/admin/providers/{id}/disable` and `…/enable`.

use actix_web::{HttpResponse, web::Path};

use super::{LIST, named};
use crate::{
    account::provider::{Provider, store},
    admin::{
        console::Console,
        flash::Done,
        guard::{Owner, Posted},
    },
    web::{page_error::PageError, pages::Problem},
};

/// `POST /admin/providers/{id}/disable`
#[tracing::instrument(name = "admin.provider.disable", skip_all)]
pub async fn disable(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch(posted.console, &id, false).await
}

/// `POST /admin/providers/{id}/enable`
#[tracing::instrument(name = "admin.provider.enable", skip_all)]
pub async fn enable(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch(posted.console, &id, true).await
}

async fn switch(console: Console, id: &str, enabled: bool) -> Result<HttpResponse, PageError> {
    let id = named(id, &console).await?.id;
    let mut transaction = console.state.db.begin().await?;
    let before = store::lock_provider(&mut *transaction, &id).await?;
    let before = before.ok_or(Problem::NotFound)?;
    if before.enabled != enabled {
        let after = Provider { enabled, ..before };
        store::update_provider(&mut *transaction, &after, console.now).await?;
        transaction.commit().await?;
        super::reload(&console).await?;
        let verb = if enabled { "on" } else { "off" };
        console.record(format!("Switched sign-in with {id} {verb}"), |event| event);
    }
    let done = if enabled {
        Done::ProviderEnabled
    } else {
        Done::ProviderDisabled
    };
    Ok(console.done(LIST, done))
}
