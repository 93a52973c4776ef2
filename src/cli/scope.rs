//! `linkgate scope …`: scopes beyond the built-in ones.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{
    context::{self, Context, with_database},
    output::{self, Output},
};
use crate::{
    client::{
        registration::BUILT_IN_SCOPES,
        scope_sentence::check_sentence,
        store::{self, DefinedScope},
    },
    event::{Event, EventKind},
    protocol::scope::Scope,
};

#[derive(Subcommand)]
pub enum Verb {
    /// Define a scope, or change its sentences.
    Set(Set),
    /// List the scopes that were defined; the built-in ones are always there.
    List(List),
    /// Delete a scope no client may ask for any more.
    Delete(Delete),
}

#[derive(clap::Args)]
pub struct Set {
    /// As platforms ask for it, such as orders:read.
    scope: Scope,
    /// What the consent page says about it in Korean.
    #[arg(long, value_name = "SENTENCE")]
    ko: String,
    /// In English.
    #[arg(long, value_name = "SENTENCE")]
    en: String,
    /// In Japanese.
    #[arg(long, value_name = "SENTENCE")]
    ja: String,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Delete {
    /// The scope.
    scope: String,
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| match self {
            Self::Set(verb) => verb.run(context).await,
            Self::List(verb) => verb.run(context).await,
            Self::Delete(verb) => verb.run(context).await,
        })
        .await
    }
}

impl Set {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        if BUILT_IN_SCOPES.contains(&self.scope.as_str()) {
            bail!("{} is built in; its sentences can't be changed", self.scope);
        }
        for (flag, sentence) in [("--ko", &self.ko), ("--en", &self.en), ("--ja", &self.ja)] {
            check_sentence(sentence.trim()).context(flag)?;
        }
        let scope = DefinedScope {
            scope: self.scope.as_str().to_owned(),
            sentence_ko: self.ko.trim().to_owned(),
            sentence_en: self.en.trim().to_owned(),
            sentence_ja: self.ja.trim().to_owned(),
        };
        let mut transaction = context.db.begin().await?;
        store::save_scope(&mut *transaction, &scope, context.now).await?;
        record(&mut transaction, context, &scope.scope, "set").await?;
        transaction.commit().await?;
        self.output
            .print(&shown(&scope), || format!("{} is defined.", scope.scope))?;
        Ok(())
    }
}

impl List {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let scopes = store::list_scopes(&context.db).await?;
        let all: Vec<_> = scopes.iter().map(shown).collect();
        self.output.print(&all, || {
            let row = |scope: &DefinedScope| {
                [
                    scope.scope.clone(),
                    scope.sentence_ko.clone(),
                    scope.sentence_en.clone(),
                    scope.sentence_ja.clone(),
                ]
            };
            output::table(
                ["SCOPE", "KO", "EN", "JA"],
                scopes.iter().map(row).collect(),
            )
        })?;
        Ok(())
    }
}

impl Delete {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        if !store::delete_unused_scope(&mut *transaction, &self.scope).await? {
            return Err(self.refused(&mut transaction).await?);
        }
        record(&mut transaction, context, &self.scope, "deleted").await?;
        transaction.commit().await?;
        self.output
            .print(&json!({"scope": self.scope, "deleted": true}), || {
                format!("{} is deleted.", self.scope)
            })?;
        Ok(())
    }

    /// Why it was not deleted.
    async fn refused(&self, db: &mut PgConnection) -> sqlx::Result<anyhow::Error> {
        let clients = store::list_clients(db).await?;
        let users = clients
            .iter()
            .filter(|client| client.scopes.contains(&self.scope));
        let users: Vec<_> = users.map(|client| client.id.as_str()).collect();
        Ok(if users.is_empty() {
            anyhow!("there is no scope {}", self.scope)
        } else {
            let users = users.join(", ");
            anyhow!("{} may still be asked for by {users}", self.scope)
        })
    }
}

async fn record(
    db: &mut PgConnection,
    context: &Context,
    scope: &str,
    what: &str,
) -> sqlx::Result<()> {
    let detail = format!("scope {scope} {what} on the command line");
    let event = Event::new(EventKind::AdminChange, context.now);
    context::record(db, event.detail(detail)).await
}

fn shown(scope: &DefinedScope) -> Value {
    json!({
        "scope": scope.scope,
        "ko": scope.sentence_ko,
        "en": scope.sentence_en,
        "ja": scope.sentence_ja,
    })
}
