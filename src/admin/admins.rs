//! `/admin/admins`: those who may sign in here.

pub mod edit;
pub mod factors;
pub mod switch;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    Admin,
    chrome::{Chrome, Section},
    console::Console,
    guard::{Opened, Owner},
    store,
    when::When,
};
use crate::{
    foundation::ids::AdminId,
    web::{page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/admins.html")]
struct AdminsPage {
    chrome: Chrome,
    admins: Vec<AdminRow>,
}

#[derive(Debug)]
struct AdminRow {
    admin: Admin,
    created: When,
    is_self: bool,
}

/// `GET /admin/admins`
#[tracing::instrument(name = "admin.admins", skip_all)]
pub async fn list(opened: Opened<Owner>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let admins = store::list_admins(&console.state.db).await?;
    let row = |admin: Admin| AdminRow {
        created: When::new(admin.created_at, console.now),
        is_self: admin.id == console.admin.id,
        admin,
    };
    console.page(&AdminsPage {
        chrome: console.chrome(Some(Section::Admins)),
        admins: admins.into_iter().map(row).collect(),
    })
}

/// The admin an address names, or the page that says there is none.
async fn named(id: &str, console: &Console) -> Result<Admin, PageError> {
    let id: AdminId = id.parse().map_err(|_| Problem::NotFound)?;
    let found = store::find_admin(&console.state.db, id).await?;
    Ok(found.ok_or(Problem::NotFound)?)
}
