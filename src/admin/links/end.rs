//! `/admin/links/{id}/end`: asks first, then ends the link for good.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{LinkRow, named};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    event::EventKind,
    link::{EndReason, store},
    web::page_error::PageError,
};

#[derive(Debug, Template)]
#[template(path = "admin/link_end.html")]
struct EndPage {
    chrome: Chrome,
    link: LinkRow,
}

/// `GET /admin/links/{id}/end`
#[tracing::instrument(name = "admin.link.end.ask", skip_all)]
pub async fn ask(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let link = named(&id, &console).await?;
    console.page(&EndPage {
        chrome: console.chrome(Some(Section::Links)),
        link: LinkRow::new(link, console.now),
    })
}

/// `POST /admin/links/{id}/end`
#[tracing::instrument(name = "admin.link.end", skip_all)]
pub async fn end(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = posted.console;
    let link = named(&id, &console).await?;
    let (reason, db) = (EndReason::Admin, &console.state.db);
    let done = if store::end(db, link.link_id, reason, console.now).await? {
        console.record_as(EventKind::LinkEnded, reason.as_str(), |event| {
            event
                .link(link.link_id)
                .account(link.account_id)
                .client(&link.client_id)
        });
        Done::LinkEnded
    } else {
        Done::LinkHadEnded
    };
    Ok(console.done(&format!("/admin/links/{}", link.link_id), done))
}
