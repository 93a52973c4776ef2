//! `linkgate client call-secret`

use serde_json::json;

use super::{lock, record};
use crate::{
    chatbot::by_chat_user::call_secret::{self, store},
    cli::{
        context::Context,
        output::{self, Output},
    },
};

#[derive(clap::Args)]
pub struct CallSecret {
    /// The client's id.
    client_id: String,
    /// Take it away: nobody asks by chat user any more.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    output: Output,
}

impl CallSecret {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let client = lock(&mut transaction, &self.client_id).await?;
        if self.remove {
            let removed = store::remove(&mut *transaction, &client.id).await?;
            if removed {
                record(&mut transaction, context, &client, "call secret removed").await?;
            }
            transaction.commit().await?;
            let answer = json!({"client_id": client.id, "removed": removed});
            return Ok(self.output.print(&answer, || {
                let what = if removed {
                    "is removed"
                } else {
                    "was not there"
                };
                format!("The call secret of {} {what}.", client.id)
            })?);
        }
        let (public_url, random) = (context.public_url()?, &*context.random);
        let now = context.now;
        let url = call_secret::make(&mut transaction, &client.id, &public_url, random, now);
        let url = url.await?;
        record(&mut transaction, context, &client, "call secret made").await?;
        let answer = json!({"client_id": client.id, "call_url": url.expose()});
        // Before it counts: a secret that nobody saw would have to be replaced.
        self.output.print_whole(&answer, || {
            let facts = output::facts(&[
                ("client id", client.id.to_string()),
                ("call URL", url.expose().to_owned()),
            ]);
            format!("{facts}\n\nThe URL is not shown again, and one of before works no more.")
        })?;
        transaction.commit().await?;
        Ok(())
    }
}
