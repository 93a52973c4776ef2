//! `/admin`: what is going on.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chrome::{Chrome, Section},
    guard::{Opened, Viewer},
};
use crate::web::page_error::PageError;

#[derive(Debug, Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    chrome: Chrome,
}

/// `GET /admin`
#[tracing::instrument(name = "admin.home", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    console.page(&HomePage {
        chrome: console.chrome(Some(Section::Home)),
    })
}
