//! `/admin/accounts/{id}/factors`: helps somebody who has lost what they are asked for beside the password.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{address, named};
use crate::{
    account::factor_change,
    admin::{
        chrome::Section,
        clear_factors::ClearPage,
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    factor::{Owner, store},
    mail::{Mailer, StepChange},
    web::page_error::PageError,
};

/// `GET /admin/accounts/{id}/factors`
#[tracing::instrument(name = "admin.account.factors.ask", skip_all)]
pub async fn ask(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let account = named(&id, &console.state).await?;
    console.page(&ClearPage {
        chrome: console.chrome(Some(Section::Accounts)),
        back: address(account.id),
        who: account.email,
        what: "From then on the password alone leads in, and the person is told so by mail.",
    })
}

/// `POST /admin/accounts/{id}/factors`
#[tracing::instrument(name = "admin.account.factors.clear", skip_all)]
pub async fn clear(
    posted: Posted<Operator>,
    mailer: Data<Mailer>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let account = named(&id, &console.state).await?;
    let mut transaction = console.state.db.begin().await?;
    let owner = Owner::Account(account.id);
    if store::delete_all(&mut transaction, owner).await? {
        let (change, by) = (StepChange::Cleared, Some(console.admin.id));
        factor_change::note(&mut transaction, &account, change, by, console.now).await?;
    }
    transaction.commit().await?;
    mailer.wake();
    Ok(console.done(&address(account.id), Done::FactorsCleared))
}
