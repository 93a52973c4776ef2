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
        identity::{ChangeError, LockedAdmin},
    },
    web::page_error::PageError,
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
    switch(posted.console, &id, false).await
}

/// `POST /admin/admins/{id}/enable`
#[tracing::instrument(name = "admin.admin.enable", skip_all)]
pub async fn enable(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch(posted.console, &id, true).await
}

async fn switch(console: Console, id: &str, enable: bool) -> Result<HttpResponse, PageError> {
    let id = named(id, &console).await?.id;
    let mut transaction = console.state.db.begin().await?;
    let locked = LockedAdmin::find(&mut transaction, id).await?;
    let before = locked.admin.clone();
    if before.is_enabled() != enable {
        let admin = Admin {
            disabled_at: (!enable).then_some(console.now),
            ..before.clone()
        };
        match locked.change(&admin, &mut transaction).await {
            Err(reason @ ChangeError::LastOwner) => {
                let mut page = page(&console, before, !enable);
                page.refused = Some(sentence(&reason.to_string()));
                return console.refused(&page);
            }
            done => done?,
        }
        transaction.commit().await?;
        let verb = if enable { "Enabled" } else { "Disabled" };
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
