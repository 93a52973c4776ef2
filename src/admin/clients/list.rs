//! `/admin/clients`: every platform that may link.

use actix_web::HttpResponse;
use askama::Template;

use super::{links_in_words, preset_name};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        guard::{Opened, Viewer},
    },
    client::{Client, store::list_clients},
    link::listing::store::count_active_links_by_client,
    web::{frame::mark, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/list.html")]
struct ListPage {
    chrome: Chrome,
    clients: Vec<Line>,
}

/// One client, ready to print.
#[derive(Debug)]
struct Line {
    href: String,
    mark: String,
    name: String,
    preset: String,
    id: String,
    links: String,
    enabled: bool,
}

/// `GET /admin/clients`
#[tracing::instrument(name = "admin.clients.list", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let counts = count_active_links_by_client(&console.state.db).await?;
    let line = |client: &Client| Line {
        href: super::address(client, ""),
        mark: mark(&client.name),
        preset: preset_name(&client.preset),
        id: client.id.to_string(),
        links: links_in_words(counts.get(&client.id).copied().unwrap_or_default()),
        enabled: client.is_enabled(),
        name: client.name.clone(),
    };
    let clients = list_clients(&console.state.db).await?;
    console.page(&ListPage {
        clients: clients.iter().map(line).collect(),
        chrome: console.chrome(Some(Section::Clients)),
    })
}
