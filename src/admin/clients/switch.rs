//! Disabling a client, which keeps its links, and enabling it again.

use actix_web::{HttpResponse, web::Path};

use super::{address, find};
use crate::{
    admin::{
        flash::Done,
        guard::{Operator, Posted},
    },
    client::store::{lock_client, update_client},
    web::{page_error::PageError, pages::Problem},
};

/// `POST /admin/clients/{id}/disable`
#[tracing::instrument(name = "admin.clients.disable", skip_all)]
pub async fn disable(
    posted: Posted<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    switch(posted, id, false).await
}

/// `POST /admin/clients/{id}/enable`
#[tracing::instrument(name = "admin.clients.enable", skip_all)]
pub async fn enable(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch(posted, id, true).await
}

async fn switch(
    posted: Posted<Operator>,
    id: Path<String>,
    enabled: bool,
) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let id = find(&console, id.into_inner()).await?.id;
    let mut transaction = console.state.db.begin().await?;
    let locked = lock_client(&mut transaction, &id).await?;
    let mut client = locked.ok_or(Problem::NotFound)?;
    // A second tap changes nothing, not even since when.
    if client.is_enabled() != enabled {
        client.disabled_at = (!enabled).then_some(console.now);
        client.updated_at = console.now;
        update_client(&mut *transaction, &client).await?;
        transaction.commit().await?;
        let detail = if enabled {
            "client enabled"
        } else {
            "client disabled"
        };
        console.record(detail, |event| event.client(&id));
    }
    let done = if enabled {
        Done::ClientEnabled
    } else {
        Done::ClientDisabled
    };
    Ok(console.done(&address(&client, ""), done))
}
