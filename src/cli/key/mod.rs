//! `linkgate key …`: the keys behind tokens, codes and sealed texts.

mod list;
mod rotate;

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::{
    context::{Context, with_database},
    output::Output,
};
use crate::{
    event::{Event, EventKind},
    foundation::keys::Keys,
};

#[derive(Subcommand)]
pub enum Verb {
    /// List the keys, never their secrets.
    List(list::List),
    /// Make a new key of a kind; all nodes use it 60 s later, and what the old one made stays good.
    Rotate(rotate::Rotate),
    /// Seal all keys with `LINKGATE_SECRET_KEY`, so that `LINKGATE_SECRET_KEY_PREVIOUS` can go.
    Reseal(Reseal),
}

#[derive(clap::Args)]
pub struct Reseal {
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| {
            let keys = context.keys().await?;
            match self {
                Self::List(verb) => verb.run(context, &keys).await,
                Self::Rotate(verb) => verb.run(context, &keys).await,
                Self::Reseal(verb) => verb.run(context, &keys).await,
            }
        })
        .await
    }
}

impl Reseal {
    async fn run(self, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let resealed = keys.reseal(&*context.random).await?;
        record(context, "keys resealed on the command line".to_owned()).await?;
        self.output.print(&json!({"resealed": resealed}), || {
            format!("{resealed} keys are sealed with the current secret key")
        })?;
        Ok(())
    }
}

async fn record(context: &Context, detail: String) -> anyhow::Result<()> {
    context
        .record(Event::new(EventKind::AdminChange, context.now).detail(detail))
        .await
}
