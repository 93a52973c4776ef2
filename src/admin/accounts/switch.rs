//! `/admin/accounts/{id}/disable` and `…/enable`: asks first, then does it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{address, named};
use crate::{
    account::{Account, store},
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    web::page_error::PageError,
};

#[derive(Debug, Template)]
#[template(path = "admin/account_switch.html")]
struct SwitchPage {
    chrome: Chrome,
    account: Account,
    disable: bool,
}

/// `GET /admin/accounts/{id}/disable`
#[tracing::instrument(name = "admin.account.disable.ask", skip_all)]
pub async fn ask_to_disable(
    opened: Opened<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    ask(&opened.console, &id, true).await
}

/// `GET /admin/accounts/{id}/enable`
#[tracing::instrument(name = "admin.account.enable.ask", skip_all)]
pub async fn ask_to_enable(
    opened: Opened<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    ask(&opened.console, &id, false).await
}

/// `POST /admin/accounts/{id}/disable`
#[tracing::instrument(name = "admin.account.disable", skip_all)]
pub async fn disable(
    posted: Posted<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let mut account = named(&id, &console.state).await?;
    if account.disabled_at.is_none() {
        account.disabled_at = Some(console.now);
        store::update_account(&console.state.db, &account, console.now).await?;
        // Otherwise they would be good again when the account is enabled.
        store::delete_sessions_of(&console.state.db, account.id).await?;
        console.record("Disabled the account", |event| event.account(account.id));
    }
    Ok(console.done(&address(account.id), Done::AccountDisabled))
}

/// `POST /admin/accounts/{id}/enable`
#[tracing::instrument(name = "admin.account.enable", skip_all)]
pub async fn enable(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let mut account = named(&id, &console.state).await?;
    if account.disabled_at.take().is_some() {
        store::update_account(&console.state.db, &account, console.now).await?;
        console.record("Enabled the account", |event| event.account(account.id));
    }
    Ok(console.done(&address(account.id), Done::AccountEnabled))
}

async fn ask(console: &Console, id: &str, disable: bool) -> Result<HttpResponse, PageError> {
    let account = named(id, &console.state).await?;
    console.page(&SwitchPage {
        chrome: console.chrome(Some(Section::Accounts)),
        account,
        disable,
    })
}
