//! `/admin/admins/{id}/disable` and `…/enable`: asks first, then does it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::named;
use crate::{
    admin::{
        Admin,
        chrome::{Chrome, Section},
        console::Console,
        field::sentence,
        flash::Done,
        guard::{Opened, Owner, Posted},
        identity::ChangeError,
    },
    web::{page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/admin_switch.html")]
struct SwitchPage {
    chrome: Chrome,
    admin: Admin,
    disable: bool,
    is_self: bool,
    /// Why it was not done.
    refused: Option<String>,
}

/// `GET /admin/admins/{id}/disable`
#[tracing::instrument(name = "admin.admin.disable.ask", skip_all)]
pub async fn ask_to_disable(
    opened: Opened<Owner>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let admin = named(&id, &opened.console).await?;
    let page = page(&opened.console, admin, true);
    opened.console.page(&page)
}

/// `GET /admin/admins/{id}/enable`
#[tracing::instrument(name = "admin.admin.enable.ask", skip_all)]
pub async fn ask_to_enable(
    opened: Opened<Owner>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let admin = named(&id, &opened.console).await?;
    let page = page(&opened.console, admin, false);
    opened.console.page(&page)
}

/// `POST /admin/admins/{id}/disable`
#[tracing::instrument(name = "admin.admin.disable", skip_all)]
pub async fn disable(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let now = posted.console.now;
    switch(posted.console, &id, |admin| {
        admin.disabled_at.get_or_insert(now);
    })
    .await
}

/// `POST /admin/admins/{id}/enable`
#[tracing::instrument(name = "admin.admin.enable", skip_all)]
pub async fn enable(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch(posted.console, &id, |admin| admin.disabled_at = None).await
}

async fn switch(
    console: Console,
    id: &str,
    change: impl FnOnce(&mut Admin),
) -> Result<HttpResponse, PageError> {
    let before = named(id, &console).await?;
    let mut admin = before.clone();
    change(&mut admin);
    match admin.change(&console.state.db).await {
        Ok(()) => {}
        Err(ChangeError::Database(error)) => return Err(error.into()),
        Err(ChangeError::Gone) => return Err(Problem::NotFound.into()),
        Err(reason) => {
            let disable = !admin.is_enabled();
            let mut page = page(&console, before, disable);
            page.refused = Some(sentence(&reason.to_string()));
            return console.refused(&page);
        }
    }
    if admin != before {
        let verb = if admin.is_enabled() {
            "Enabled"
        } else {
            "Disabled"
        };
        console.record(format!("{verb} the admin {}", admin.email), |event| event);
    }
    Ok(console.done("/admin/admins", Done::AdminSaved))
}

fn page(console: &Console, admin: Admin, disable: bool) -> SwitchPage {
    SwitchPage {
        chrome: console.chrome(Some(Section::Admins)),
        is_self: admin.id == console.admin.id,
        admin,
        disable,
        refused: None,
    }
}
