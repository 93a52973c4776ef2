//! `linkgate client …`

mod brand_flags;
mod cek_settings;
mod call_secret;
mod chatbot_settings;
mod create;
mod lifecycle;
mod settings;
mod shown;
mod update;

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use sqlx::PgConnection;

use super::{
    context::{self, Context, with_database},
    output::{self, Output},
};
use crate::{
    client::{Client, secret, store},
    event::{Event, EventKind},
    foundation::ids::ClientId,
    web::branding::store::find_client_branding,
};

#[derive(Subcommand)]
pub enum Verb {
    /// Register a client; prints its secret, which is not shown again, and what to paste into the
    /// platform's console.
    Create(Box<create::Create>),
    /// List all clients.
    List(List),
    /// Show everything about a client but its secret.
    Show(Show),
    /// Change a client's settings; those not named stay.
    Update(Box<update::Update>),
    /// Let a disabled client work again; its links are all still there.
    Enable(lifecycle::Switch),
    /// Refuse everything a client asks, and keep its links.
    Disable(lifecycle::Switch),
    /// Delete a client with its links and actions, for good.
    Delete(lifecycle::Delete),
    /// Make a new secret and print it; it is not shown again.
    RotateSecret(lifecycle::RotateSecret),
    /// Make the URL at which action methods v2.0 ask by chat user, with a secret in it, and print it; it is
    /// not shown again.
    CallSecret(call_secret::CallSecret),
}

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Show {
    /// The client's id.
    client_id: String,
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| match self {
            Self::Create(verb) => verb.run(context).await,
            Self::List(verb) => verb.run(context).await,
            Self::Show(verb) => verb.run(context).await,
            Self::Update(verb) => verb.run(context).await,
            Self::Enable(verb) => verb.run(context, true).await,
            Self::Disable(verb) => verb.run(context, false).await,
            Self::Delete(verb) => verb.run(context).await,
            Self::RotateSecret(verb) => verb.run(context).await,
            Self::CallSecret(verb) => verb.run(context).await,
        })
        .await
    }
}

impl List {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let clients = store::list_clients(&context.db).await?;
        let all: Vec<_> = clients.iter().map(shown::settings).collect();
        self.output.print(&all, || {
            let row = |client: &Client| {
                [
                    client.id.to_string(),
                    client.name.clone(),
                    client.preset.clone(),
                    if client.is_enabled() {
                        "enabled"
                    } else {
                        "disabled"
                    }
                    .to_owned(),
                    output::time(client.created_at),
                ]
            };
            let rows = clients.iter().map(row).collect();
            output::table(["CLIENT ID", "NAME", "PRESET", "STATE", "SINCE"], rows)
        })?;
        Ok(())
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let client = find(context, &self.client_id).await?;
        let secrets =
            secret::store::list_live_secrets(&context.db, &client.id, context.now).await?;
        let mut db = context.db.acquire().await?;
        let console = shown::console(&mut db, context, &client, None).await?;
        let branding = find_client_branding(&mut *db, &client.id).await?;
        let whole = (&client, &branding);
        let answer = shown::everything(whole, &secrets, &console);
        self.output
            .print(&answer, || shown::text(whole, &secrets, &console))?;
        Ok(())
    }
}

pub(super) async fn find(context: &Context, id: &str) -> anyhow::Result<Client> {
    store::find_client(&context.db, &ClientId(id.to_owned()))
        .await?
        .with_context(|| format!("there is no client {id}"))
}

/// The client of that id, which nobody else changes until the transaction ends.
async fn lock(db: &mut PgConnection, id: &str) -> anyhow::Result<Client> {
    store::lock_client(db, &ClientId(id.to_owned()))
        .await?
        .with_context(|| format!("there is no client {id}"))
}

pub(super) async fn record(
    db: &mut PgConnection,
    context: &Context,
    client: &Client,
    what: &str,
) -> sqlx::Result<()> {
    let event = Event::new(EventKind::AdminChange, context.now).client(&client.id);
    let detail = format!("client {what} on the command line");
    context::record(db, event.detail(detail)).await
}
