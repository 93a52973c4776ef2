//! `/admin/admins/{id}/factors`: helps an admin who has lost what they are asked for beside the password.

use actix_web::{HttpResponse, web::Path};

use super::named;
use crate::{
    admin::{
        chrome::Section,
        clear_factors::ClearPage,
        flash::Done,
        guard::{Opened, Owner, Posted},
        store::delete_sessions_of,
    },
    event::EventKind,
    factor::{self, store},
    web::page_error::PageError,
};

/// `GET /admin/admins/{id}/factors`
#[tracing::instrument(name = "admin.admin.factors.ask", skip_all)]
pub async fn ask(opened: Opened<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let admin = named(&id, &console).await?;
    console.page(&ClearPage {
        chrome: console.chrome(Some(Section::Admins)),
        back: format!("/admin/admins/{}", admin.id),
        who: admin.email,
        what: "This admin is signed out everywhere, and the password alone leads in, until there is another factor.",
    })
}

/// `POST /admin/admins/{id}/factors`
#[tracing::instrument(name = "admin.admin.factors.clear", skip_all)]
pub async fn clear(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let admin = named(&id, &console).await?;
    let mut transaction = console.state.db.begin().await?;
    let owner = factor::Owner::Admin(admin.id);
    let cleared = store::delete_all(&mut transaction, owner).await?;
    if cleared {
        delete_sessions_of(&mut *transaction, admin.id).await?;
    }
    transaction.commit().await?;
    if cleared {
        let detail = format!("Cleared the second factors of the admin {}", admin.email);
        console.record_as(EventKind::FactorChanged, detail, |event| event);
    }
    Ok(console.done("/admin/admins", Done::FactorsCleared))
}
