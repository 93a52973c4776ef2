//! `linkgate key …`: the keys behind tokens, codes and sealed texts.

use std::{path::Path, sync::Arc};

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    context::{Context, with_database},
    output::{self, Output},
};
use crate::{
    event::{Event, EventKind},
    foundation::keys::{Key, KeyKind, Keys},
};

#[derive(Subcommand)]
pub enum Verb {
    /// List the keys, never their secrets.
    List(List),
    /// Make a new key of a kind; all nodes use it 60 s later, and what the old one made stays good.
    Rotate(Rotate),
    /// Seal all keys with `LINKGATE_SECRET_KEY`, so that `LINKGATE_SECRET_KEY_PREVIOUS` can go.
    Reseal(Reseal),
}

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Rotate {
    /// What the key is for.
    kind: KeyKind,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Reseal {
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| {
            let secret_keys = context.secret_keys().await?;
            let random = &*context.random;
            let keys = Keys::open(context.db.clone(), secret_keys, random, context.now).await?;
            match self {
                Self::List(verb) => verb.run(context, &keys),
                Self::Rotate(verb) => verb.run(context, &keys).await,
                Self::Reseal(verb) => verb.run(context, &keys).await,
            }
        })
        .await
    }
}

impl List {
    fn run(self, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let ring = keys.ring();
        let is_current = |key: &Key| keys.current(key.kind, context.now).id == key.id;
        let shown = |key: &Arc<Key>| -> Value {
            json!({
                "key_id": key.id,
                "kind": key.kind.as_str(),
                "created_at": key.created_at,
                "usable_from": key.usable_from,
                "current": is_current(key),
            })
        };
        let all: Vec<_> = ring.iter().map(shown).collect();
        self.output.print(&all, || {
            let row = |key: &Arc<Key>| {
                [
                    key.id.to_string(),
                    key.kind.as_str().to_owned(),
                    output::time(key.created_at),
                    if is_current(key) { "in use" } else { "" }.to_owned(),
                ]
            };
            output::table(
                ["KEY ID", "KIND", "MADE", ""],
                ring.iter().map(row).collect(),
            )
        })?;
        Ok(())
    }
}

impl Rotate {
    async fn run(self, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let id = keys
            .rotate(self.kind, &*context.random, context.now)
            .await?;
        let kind = self.kind.as_str();
        record(context, format!("{kind} key {id} made on the command line")).await?;
        let usable_from = keys.ring().find(self.kind, id).map(|key| key.usable_from);
        let answer = json!({"key_id": id, "kind": kind, "usable_from": usable_from});
        self.output.print(&answer, || {
            format!(
                "{kind} key {id} is used from {}",
                output::time_or_dash(usable_from)
            )
        })?;
        Ok(())
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
