//! `/admin/clients/{id}/delete`: the end of a client, which takes its links with it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{address, find, links_in_words};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::Field,
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    client::{
        Client,
        store::{delete_client, lock_client},
    },
    link::listing::store::count_active_links,
    web::{page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/clients/delete.html")]
struct DeletePage {
    chrome: Chrome,
    here: String,
    client: Client,
    links: i64,
    links_in_words: String,
    typed: Field,
}

/// `GET /admin/clients/{id}/delete`
#[tracing::instrument(name = "admin.clients.ask_delete", skip_all)]
pub async fn show(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = find(&console, id.into_inner()).await?;
    console.page(&page_of(&console, client, Field::default()).await?)
}

/// `POST /admin/clients/{id}/delete`: only of a disabled client, and only with its id typed.
#[tracing::instrument(name = "admin.clients.delete", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let id = find(&console, id.into_inner()).await?.id;
    let mut transaction = console.state.db.begin().await?;
    let locked = lock_client(&mut transaction, &id).await?;
    let client = locked.ok_or(Problem::NotFound)?;
    let mut typed = Field::new(form.text("typed"));
    if client.is_enabled() {
        typed.refuse("Disable the client first: that can be undone.");
    } else if typed.value != client.id.as_str() {
        typed.refuse("This is not the client's id. Nothing was deleted.");
    }
    if typed.error.is_some() {
        return console.refused(&page_of(&console, client, typed).await?);
    }
    delete_client(&mut *transaction, &client.id).await?;
    transaction.commit().await?;
    console.record(format!("client deleted: {}", client.name), |event| {
        event.client(&client.id)
    });
    Ok(console.done("/admin/clients", Done::ClientDeleted))
}

async fn page_of(console: &Console, client: Client, typed: Field) -> Result<DeletePage, PageError> {
    let links = count_active_links(&console.state.db, &client.id).await?;
    Ok(DeletePage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        links_in_words: links_in_words(links),
        links,
        client,
        typed,
    })
}
