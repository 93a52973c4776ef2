//! The console's pages about clients: registering a platform, pasting what it needs, changing it.

pub mod actions;
pub mod chat;
pub mod choose;
pub mod edit;
pub mod edit_form;
pub mod list;
pub mod look;
pub mod new;
pub mod recorder;
pub mod remove;
pub mod scope_choice;
pub mod secret;
pub mod setup;
pub mod show;
pub mod switch;

use sqlx::{Postgres, Transaction};

use self::edit_form::EditForm;
use super::console::Console;
use crate::{
    client::{
        Client,
        preset::Preset,
        registration::Rules,
        store::{DefinedScope, find_client, update_client},
    },
    foundation::ids::ClientId,
    web::{page_error::PageError, pages::Problem},
};

/// The client an address names, or the page that says there is none.
async fn find(console: &Console, id: String) -> Result<Client, PageError> {
    let found = find_client(&console.state.db, &ClientId(id)).await?;
    found.ok_or_else(|| Problem::NotFound.into())
}

/// The page of a client, and pages below it.
fn address(client: &Client, below: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(client.id.as_str().as_bytes()).collect();
    format!("/admin/clients/{id}{below}")
}

/// Stores a changed client, which was checked and is locked since it was read, and tells the history
/// what is different. Where nothing is, nothing is stored.
async fn store_change(
    console: &Console,
    mut transaction: Transaction<'_, Postgres>,
    client: &Client,
    changed: &mut Client,
) -> Result<(), PageError> {
    let differences = EditForm::of(client).differences(&EditForm::of(changed));
    if differences.is_empty() {
        return Ok(());
    }
    changed.updated_at = console.now;
    update_client(&mut *transaction, changed).await?;
    transaction.commit().await?;
    if client.settings.privacy_url != changed.settings.privacy_url {
        console.state.branding.reload(&console.state.db).await?;
    }
    let detail = format!("client changed: {}", differences.join(", "));
    console.record(detail, |event| event.client(&client.id));
    Ok(())
}

/// What registration needs to know of this server.
fn rules<'a>(console: &'a Console, defined_scopes: &'a [DefinedScope]) -> Rules<'a> {
    let state = &console.state;
    let outbound = state.outbound;
    Rules::new(
        &state.lifetimes,
        &state.public_url,
        defined_scopes,
        outbound,
    )
}

/// The name of a preset; its id where this version doesn't know it.
fn preset_name(id: &str) -> String {
    Preset::find(id).map_or_else(|| id.to_owned(), |preset| preset.name.to_owned())
}

/// "1 active link", "3 active links".
fn links_in_words(count: i64) -> String {
    match count {
        1 => "1 active link".to_owned(),
        count => format!("{count} active links"),
    }
}
