//! `linkgate client update`

use super::{brand_flags::BrandFlags, lock, record, settings::SettingFlags, shown};
use crate::{
    cli::{context::Context, output::Output},
    client::{registration, store},
    foundation::ids::ClientId,
    protocol::ScopeSet,
    web::branding::store::{find_client_branding, save_client_branding},
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
    brand: BrandFlags,
    #[command(flatten)]
    output: Output,
}

impl Update {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let defined = store::list_scopes(&context.db).await?;
        let given = self.settings.chatbot_secret(context).await?;
        let logo = self.brand.logo().await?;
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
        let known = find_client_branding(&mut *transaction, &id).await?;
        let branding = self.brand.apply(&known, &logo)?;
        let changed = client != before || branding != known;
        if client != before {
            client.updated_at = context.now;
            store::update_client(&mut *transaction, &client).await?;
        }
        if branding != known {
            let (drawn, now) = (logo.drawn(), context.now);
            save_client_branding(&mut transaction, &id, &branding, drawn, now).await?;
        }
        if changed {
            record(&mut transaction, context, &client, "changed").await?;
        }
        transaction.commit().await?;
        let shown = shown::with_look(&client, &branding);
        self.output.print(&shown, || {
            let what = if changed { "changed" } else { "as it was" };
            format!("{} is {what}.", client.id)
        })?;
        Ok(())
    }
}
