//! `linkgate client enable|disable|delete|rotate-secret`

use anyhow::bail;
use chrono::TimeDelta;
use serde_json::json;

use super::{lock, record, shown};
use crate::{
    cli::{
        context::Context,
        output::{self, Output},
    },
    client::{ClientAuthentication, secret, store},
    config::parse_duration,
    link::{
        LinkState,
        listing::{Filter, store::list_links},
    },
};

#[derive(clap::Args)]
pub struct Switch {
    /// The client's id.
    client_id: String,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Delete {
    /// The client's id.
    client_id: String,
    /// Even if people are linked: the platform will tell them to link again.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct RotateSecret {
    /// The client's id.
    client_id: String,
    /// How long the old secret goes on working, such as 7d: time to change the platform's console
    /// [default: not at all].
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    overlap: Option<TimeDelta>,
    #[command(flatten)]
    output: Output,
}

impl Switch {
    pub async fn run(self, context: &Context, enable: bool) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let mut client = lock(&mut transaction, &self.client_id).await?;
        if client.is_enabled() != enable {
            client.disabled_at = (!enable).then_some(context.now);
            client.updated_at = context.now;
            store::update_client(&mut *transaction, &client).await?;
            let what = if enable { "enabled" } else { "disabled" };
            record(&mut transaction, context, &client, what).await?;
            transaction.commit().await?;
        }
        self.output.print(&shown::settings(&client), || {
            if enable {
                format!("{} is enabled.", client.id)
            } else {
                format!("{} is disabled; its links are kept.", client.id)
            }
        })?;
        Ok(())
    }
}

impl Delete {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let client = lock(&mut transaction, &self.client_id).await?;
        let active = Filter {
            client: Some(client.id.clone()),
            state: Some(LinkState::Active),
            ..Filter::default()
        };
        let is_linked = !list_links(&mut *transaction, &active, 1, 0)
            .await?
            .is_empty();
        if is_linked && !self.yes {
            bail!(
                "{} has active links, which would end for good: disable it instead, or say --yes",
                client.id
            );
        }
        store::delete_client(&mut *transaction, &client.id).await?;
        record(&mut transaction, context, &client, "deleted").await?;
        transaction.commit().await?;
        self.output
            .print(&json!({"client_id": client.id, "deleted": true}), || {
                format!("{} is deleted.", client.id)
            })?;
        Ok(())
    }
}

impl RotateSecret {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let client = lock(&mut transaction, &self.client_id).await?;
        match client.authentication() {
            ClientAuthentication::ClientSecret => {}
            ClientAuthentication::None => bail!("{} is public: it has no secret", client.id),
            ClientAuthentication::PrivateKeyJwt => bail!(
                "{} has keys instead of a secret: take them away first (client update --jwks-file '')",
                client.id
            ),
        }
        let overlap = self.overlap.unwrap_or_default();
        let old_until = context.now + overlap;
        let random = &*context.random;
        let secret =
            secret::rotate(&mut transaction, &client.id, overlap, random, context.now).await?;
        record(&mut transaction, context, &client, "secret rotated").await?;
        let answer = json!({
            "client_id": client.id,
            "client_secret": secret.expose(),
            "old_secret_until": self.overlap.map(|_| old_until),
        });
        // Before it counts: a secret that nobody saw would lock the platform out.
        self.output.print_whole(&answer, || {
            let old = match self.overlap {
                Some(_) => format!("works until {}", output::time(old_until)),
                None => "works no more".to_owned(),
            };
            output::facts(&[
                ("client id", client.id.to_string()),
                ("new secret", secret.expose().to_owned()),
                ("old secret", old),
            ])
        })?;
        transaction.commit().await?;
        Ok(())
    }
}
