//! `linkgate account …`

mod attribute;
mod create;
mod import;
mod invite;
mod lifecycle;
mod listing;
mod shown;
mod update;
pub mod who;

use std::path::Path;

use clap::Subcommand;
use sqlx::PgConnection;

use super::context::{self, Context, with_database};
use crate::{
    account::Account,
    event::{Event, EventKind},
};

#[derive(Subcommand)]
pub enum Verb {
    /// Make an account. It counts as verified.
    Create(create::Create),
    /// List accounts, the newest first.
    List(listing::List),
    /// Show an account.
    Show(listing::Show),
    /// Change an account; what is not named stays.
    Update(update::Update),
    /// Make many accounts, or bring them up to date, from a file with one JSON object a line.
    Import(import::Import),
    /// Invite somebody to sign up, and mail them so.
    Invite(invite::Invite),
    /// List the invitations that are good, the newest first.
    Invitations(invite::Listing),
    /// Let a disabled account log in again; its links answer again.
    Enable(lifecycle::Switch),
    /// Refuse logins and everything its links' tokens ask, and keep the links.
    Disable(lifecycle::Switch),
    /// Delete an account with its links, for good.
    Delete(lifecycle::Delete),
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        // Passwords are read before a database is started for nothing.
        let password = match &self {
            Self::Create(verb) => verb.read_password().await?,
            Self::Update(verb) => verb.read_password().await?,
            _ => None,
        };
        with_database(file, async |context| match self {
            Self::Create(verb) => verb.run(context, password).await,
            Self::Update(verb) => verb.run(context, password).await,
            Self::List(verb) => verb.run(context).await,
            Self::Show(verb) => verb.run(context).await,
            Self::Import(verb) => verb.run(context).await,
            Self::Invite(verb) => verb.run(context).await,
            Self::Invitations(verb) => verb.run(context).await,
            Self::Enable(verb) => verb.run(context, true).await,
            Self::Disable(verb) => verb.run(context, false).await,
            Self::Delete(verb) => verb.run(context).await,
        })
        .await
    }
}

async fn record(
    db: &mut PgConnection,
    context: &Context,
    account: &Account,
    what: &str,
) -> sqlx::Result<()> {
    let event = Event::new(EventKind::AdminChange, context.now).account(account.id);
    let detail = format!("account {what} on the command line");
    context::record(db, event.detail(detail)).await
}
