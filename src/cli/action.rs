//! `linkgate action …`

use std::path::Path;

use anyhow::bail;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    client,
    context::{Context, with_database},
    output::{self, Output},
};
use crate::{
    chatbot::{
        action::{self, Action, NewAction},
        store,
        user_variable::UserVariable,
    },
    client::Client,
};

#[derive(Subcommand)]
pub enum Verb {
    /// Save an action, new or changed.
    Set(Set),
    /// List a client's actions.
    List(List),
    /// Delete an action.
    Delete(Delete),
}

#[derive(clap::Args)]
pub struct Set {
    /// The client's id.
    client_id: String,
    /// What the chatbot calls it by: in the URL of action method v1.0, or METHOD.VARIABLE for v2.0.
    name: String,
    /// What it answers, such as '{{name}}님, {{attributes.points}}점'.
    #[arg(long)]
    template: String,
    /// Answer a JSON string instead of plain text (method v1.0).
    #[arg(long)]
    json_string: bool,
    /// Have the chatbot keep the answer in a variable of its user, too (method v2.0), such as
    /// points:NUMBER:EQ:NUMBER.
    #[arg(long, value_name = "NAME:TYPE:ACTION:VALUETYPE")]
    user_variable: Option<UserVariable>,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct List {
    /// The client's id.
    client_id: String,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Delete {
    /// The client's id.
    client_id: String,
    /// The action's name.
    name: String,
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
        let client = client::find(context, &self.client_id).await?;
        let action = NewAction {
            name: self.name,
            template: self.template,
            json_string: self.json_string,
            user_variable: self.user_variable,
        };
        let action = action.check()?;
        let mut transaction = context.db.begin().await?;
        if !store::save_action(&mut *transaction, &client.id, &action, context.now).await? {
            bail!("there is no client {}", client.id);
        }
        let what = format!("given the action {}", action.name());
        client::record(&mut transaction, context, &client, &what).await?;
        transaction.commit().await?;
        for scope in action.needed_scopes() {
            if !client.scopes.contains(scope) {
                tracing::warn!(
                    "{} may not ask for {scope}, which this action needs",
                    client.id
                );
            }
        }
        let url = context
            .public_url()?
            .join(&action::path(&client.id, action.name()));
        let answer = json!({
            "client_id": client.id,
            "name": action.name(),
            "template": action.template(),
            "json_string": action.json_string(),
            "user_variable": action.user_variable(),
            "url": url,
        });
        self.output
            .print(&answer, || format!("{} is saved: {url}", action.name()))?;
        Ok(())
    }
}

impl List {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let client = client::find(context, &self.client_id).await?;
        let actions = store::list_actions(&context.db, &client.id).await?;
        let all: Vec<_> = actions
            .iter()
            .map(|action| shown(&client, action))
            .collect();
        self.output.print(&all, || {
            let row = |action: &Action| {
                [
                    action.name.clone(),
                    answer_of(action),
                    action.template.clone(),
                ]
            };
            output::table(
                ["NAME", "ANSWER", "TEMPLATE"],
                actions.iter().map(row).collect(),
            )
        })?;
        Ok(())
    }
}

impl Delete {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let client = client::find(context, &self.client_id).await?;
        let mut transaction = context.db.begin().await?;
        if !store::delete_action(&mut *transaction, &client.id, &self.name).await? {
            bail!("{} has no action {}", client.id, self.name);
        }
        let what = format!("rid of the action {}", self.name);
        client::record(&mut transaction, context, &client, &what).await?;
        transaction.commit().await?;
        let answer = json!({"client_id": client.id, "name": self.name, "deleted": true});
        self.output
            .print(&answer, || format!("{} is deleted.", self.name))?;
        Ok(())
    }
}

/// How it is answered, in a word or two.
fn answer_of(action: &Action) -> String {
    match &action.user_variable {
        Some(variable) => format!("value, kept as {variable}"),
        None if action.name.contains('.') => "value".to_owned(),
        None if action.json_string => "JSON string".to_owned(),
        None => "text".to_owned(),
    }
}

fn shown(client: &Client, action: &Action) -> Value {
    json!({
        "client_id": client.id,
        "name": action.name,
        "template": action.template,
        "json_string": action.json_string,
        "user_variable": action.user_variable,
        "updated_at": action.updated_at,
    })
}
