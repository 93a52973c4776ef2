//! `linkgate simulate`

use std::path::Path;

use anyhow::bail;
use secrecy::SecretString;
use url::Url;

use super::{
    INTERRUPTED,
    context::{Context, Reached},
    output::{self, Output},
    password,
    signals::Signals,
};
use crate::{
    foundation::{clock::SystemClock, ids::ClientId},
    simulate::{self, Options, Step, Surroundings},
};

#[derive(clap::Args)]
pub struct Simulate {
    /// The client to play: its platform's part is played from login to the end of the link.
    client_id: String,
    /// The e-mail address of the account that logs in.
    #[arg(long)]
    email: String,
    /// Read its password from stdin's first line.
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Where the server is reached [default: its public URL].
    #[arg(long, value_name = "URL")]
    base_url: Option<Url>,
    #[command(flatten)]
    output: Output,
}

impl Simulate {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let password = password::read().await?;
        let mut signals = Signals::listen()?;
        let reached = tokio::select! {
            reached = Reached::reach(file) => reached?,
            () = signals.next() => bail!(INTERRUPTED),
        };
        let done = self.play(&reached.context, password, &mut signals).await;
        reached.release().await;
        done
    }

    async fn play(
        self,
        context: &Context,
        password: SecretString,
        signals: &mut Signals,
    ) -> anyhow::Result<()> {
        let base_url = match self.base_url {
            Some(url) => url,
            None => context.public_url()?.issuer().parse()?,
        };
        let options = Options {
            client_id: ClientId(self.client_id),
            email: self.email,
            password,
            base_url,
        };
        let surroundings = Surroundings {
            db: &context.db,
            clock: &SystemClock,
            random: &*context.random,
        };
        let is_json = self.output.is_json();
        let mut tell = |step: &Step| {
            if !is_json && let Err(error) = output::write(&step.to_string()) {
                tracing::warn!(%error, "a step could not be printed");
            }
        };
        let report = simulate::run(&options, surroundings, &mut tell, signals.next()).await?;
        if is_json {
            self.output.print(&report, String::new)?;
        }
        match report.steps.last() {
            Some(step) if !report.ok => bail!("{}: {}", step.name, step.detail),
            _ => Ok(()),
        }
    }
}
