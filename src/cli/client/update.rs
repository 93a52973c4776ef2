//! `linkgate client update`

use super::{lock, record, settings::SettingFlags, shown};
use crate::{
    cli::{context::Context, output::Output},
    client::{registration, store},
    foundation::ids::ClientId,
    protocol::ScopeSet,
};

#[derive(clap::Args)]
pub struct Update {
    /// The client's id.
    client_id: String,
    /// What people see on the consent page.
    #[arg(long)]
    name: Option<String>,
    /// A redirect URI; repeated for several. Replaces the whole list.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// A scope it may ask for; repeated for several. Replaces the whole list.
    #[arg(long)]
    scope: Vec<String>,
    #[command(flatten)]
    settings: SettingFlags,
    #[command(flatten)]
    output: Output,
}

impl Update {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let defined = store::list_scopes(&context.db).await?;
        let given = self.settings.chatbot_secret(context).await?;
        let mut transaction = context.db.begin().await?;
        let id = ClientId(self.client_id.clone());
        let sealed = given.seal(&mut transaction, &id, context).await?;
        let before = lock(&mut transaction, &self.client_id).await?;
        let mut client = before.clone();
        if let Some(name) = &self.name {
            name.trim().clone_into(&mut client.name);
        }
        if !self.redirect_uri.is_empty() {
            client.redirect_uris = self.redirect_uri;
        }
        if !self.scope.is_empty() {
            client.scopes = ScopeSet::from_names(self.scope)?;
        }
        self.settings.apply(&mut client.settings)?;
        if let Some(secret) = sealed {
            client.settings.chatbot.secret = secret;
        }
        let mut client = registration::checked(client, context.rules(&defined)?)?;
        let changed = client != before;
        if changed {
            client.updated_at = context.now;
            store::update_client(&mut *transaction, &client).await?;
            record(&mut transaction, context, &client, "changed").await?;
        }
        transaction.commit().await?;
        self.output.print(&shown::settings(&client), || {
            let what = if changed { "changed" } else { "as it was" };
            format!("{} is {what}.", client.id)
        })?;
        Ok(())
    }
}
