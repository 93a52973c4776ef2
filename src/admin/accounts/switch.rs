//! `/admin/accounts/{id}/disable` and `…/enable`: asks first, then does it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{address, named};
use crate::{
    account::{Account, switch::switch},
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    web::{page_error::PageError, pages::Problem},
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
    switch_to(&posted.console, &id, false).await
}

/// `POST /admin/accounts/{id}/enable`
#[tracing::instrument(name = "admin.account.enable", skip_all)]
pub async fn enable(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    switch_to(&posted.console, &id, true).await
}

async fn switch_to(console: &Console, id: &str, enable: bool) -> Result<HttpResponse, PageError> {
    let id = named(id, &console.state).await?.id;
    let mut transaction = console.state.db.begin().await?;
    let switched = switch(&mut transaction, id, enable, console.now).await?;
    let changed = switched.ok_or(Problem::NotFound)?.changed;
    transaction.commit().await?;
    let (detail, done) = if enable {
        ("Enabled the account", Done::AccountEnabled)
    } else {
        ("Disabled the account", Done::AccountDisabled)
    };
    if changed {
        console.record(detail, |event| event.account(id));
    }
    Ok(console.done(&address(id), done))
}

async fn ask(console: &Console, id: &str, disable: bool) -> Result<HttpResponse, PageError> {
    let account = named(id, &console.state).await?;
    console.page(&SwitchPage {
        chrome: console.chrome(Some(Section::Accounts)),
        account,
        disable,
    })
}
