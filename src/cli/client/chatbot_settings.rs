//! The flags for how a client's chat users are connected.

use std::ffi::OsString;

use sqlx::PgConnection;

use super::settings::{content, replace, unless_empty};
use crate::{
    cli::context::Context,
    client::chatbot::{ChatbotSettings, check_secret},
    foundation::{
        ids::ClientId,
        keys::{Keys, SealedSecret},
    },
};

/// What may be set about chat users. A flag not given leaves what is there.
#[derive(clap::Args, Debug)]
pub struct ChatbotFlags {
    /// The code of the chatbot's domain: its users connect by logging in; empty switches that off.
    #[arg(long = "chatbot-domain-code", value_name = "CODE")]
    domain_code: Option<String>,
    /// Where the chatbot is told of a new connection: its API Gateway's Invoke URL, https; empty tells it
    /// nothing.
    #[arg(long = "chatbot-invoke-url", value_name = "URL")]
    invoke_url: Option<String>,
    /// A file with the chatbot's Secret key, which signs that; empty takes it away.
    // Left to itself, the parser of paths refuses an empty one.
    #[arg(long = "chatbot-secret-file", value_name = "FILE", value_parser = clap::value_parser!(OsString))]
    secret_file: Option<OsString>,
}

/// A Secret key on its way into a client's row; sealing it has to begin before the row is locked.
pub enum GivenSecret {
    /// None was named: what is there stays.
    Not,
    /// What is there goes.
    Removed,
    /// This one takes its place.
    Given(String, Box<Keys>),
}

impl ChatbotFlags {
    /// The Secret key that was given, with the keys that seal it.
    pub async fn secret(&self, context: &Context) -> anyhow::Result<GivenSecret> {
        let Some(file) = &self.secret_file else {
            return Ok(GivenSecret::Not);
        };
        let Some(text) = content("--chatbot-secret-file", file)? else {
            return Ok(GivenSecret::Removed);
        };
        let secret = text.trim().to_owned();
        check_secret(&secret)?;
        Ok(GivenSecret::Given(secret, Box::new(context.keys().await?)))
    }

    /// Puts what else was given in the place of what is there; whether it holds is checked afterwards.
    pub fn apply(self, settings: &mut ChatbotSettings) {
        replace(
            &mut settings.domain_code,
            self.domain_code.map(unless_empty),
        );
        replace(&mut settings.invoke_url, self.invoke_url.map(unless_empty));
    }
}

impl GivenSecret {
    /// As the client's row keeps it; `None` where what is there stays.
    pub async fn seal(
        self,
        db: &mut PgConnection,
        client: &ClientId,
        context: &Context,
    ) -> anyhow::Result<Option<Option<SealedSecret>>> {
        Ok(match self {
            Self::Not => None,
            Self::Removed => Some(None),
            Self::Given(secret, keys) => {
                let random = &*context.random;
                let sealed = keys.seal_chatbot_secret(db, client, &secret, random);
                Some(Some(sealed.await?))
            }
        })
    }
}
