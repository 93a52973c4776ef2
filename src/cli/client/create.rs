//! `linkgate client create`

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{record, settings::SettingFlags, shown};
use crate::{
    cli::{
        WrongUsage,
        context::Context,
        output::{self, Output},
    },
    client::{
        Client,
        preset::{ConsoleValue, Preset, PresetValueError},
        refused::Refused,
        registration::{self, Draft},
        secret::{self, ClientSecret},
        store,
    },
    foundation::secret::Plain,
};

#[derive(clap::Args)]
pub struct Create {
    /// What people see on the consent page.
    #[arg(long)]
    name: String,
    /// The platform.
    #[arg(long, value_parser = preset, value_name = "PRESET", help = preset_help())]
    preset: &'static Preset,
    /// What the preset has to be told, such as project_id=my-project; repeated for several.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    preset_value: Vec<(String, String)>,
    /// A redirect URI beside the preset's own, compared byte for byte; repeated for several.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// A scope it may ask for; repeated for several [default: every built-in one].
    #[arg(long)]
    scope: Vec<String>,
    /// It can't keep a secret: it gets none and must use PKCE.
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    settings: SettingFlags,
    #[command(flatten)]
    output: Output,
}

impl Create {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let draft = Draft {
            name: self.name,
            preset: self.preset,
            preset_values: self.preset_value.into_iter().collect::<BTreeMap<_, _>>(),
            redirect_uris: self.redirect_uri,
            scopes: self.scope,
            public: self.public,
        };
        let defined = store::list_scopes(&context.db).await?;
        let rules = context.rules(&defined)?;
        let mut client =
            registration::register(draft, rules, &*context.random, context.now).map_err(refused)?;
        let given = self.settings.chatbot_secret(context).await?;
        self.settings.apply(&mut client.settings)?;
        let mut client = registration::checked(client, rules)?;

        let mut transaction = context.db.begin().await?;
        let sealed = given.seal(&mut transaction, &client.id, context).await?;
        client.settings.chatbot.secret = sealed.flatten();
        let (random, now) = (&*context.random, context.now);
        let secret = secret::create(&mut transaction, &client, random, now).await?;
        record(&mut transaction, context, &client, "registered").await?;
        let exposed = secret.as_ref().map(Plain::expose);
        let console = shown::console(&mut transaction, context, &client, exposed).await?;
        let made = Made {
            authorize_url: context.public_url()?.join("/oauth/authorize"),
            token_url: context.public_url()?.join("/oauth/token"),
            client,
            secret,
            console,
        };
        // Before it counts: a secret that nobody saw would have to be replaced.
        self.output.print_whole(&made.json(), || made.text())?;
        transaction.commit().await?;
        Ok(())
    }
}

struct Made {
    client: Client,
    secret: Option<ClientSecret>,
    authorize_url: String,
    token_url: String,
    console: Vec<ConsoleValue>,
}

impl Made {
    fn json(&self) -> Value {
        json!({
            "client_id": self.client.id,
            "client_secret": self.secret.as_ref().map(Plain::expose),
            "redirect_uris": self.client.redirect_uris,
            "scopes": self.client.scopes,
            "authorize_url": self.authorize_url,
            "token_url": self.token_url,
            "preset": self.client.preset,
            "console_fields": self.console,
        })
    }

    fn text(&self) -> String {
        let (secret, once) = match &self.secret {
            Some(secret) => (secret.expose(), "\nThe secret is not shown again.\n"),
            None if self.client.confidential => ("none: the client signs with its keys", ""),
            None => ("none: the client is public", ""),
        };
        let facts = output::facts(&[
            ("client id", self.client.id.to_string()),
            ("client secret", secret.to_owned()),
            ("redirect URIs", output::list(&self.client.redirect_uris)),
            ("scopes", output::list(&self.client.scopes.to_names())),
            ("authorize URL", self.authorize_url.clone()),
            ("token URL", self.token_url.clone()),
        ]);
        format!("{facts}\n{once}\n{}", shown::console_text(&self.console))
    }
}

/// Something the preset must be told and was not is wrong usage, like any missing argument.
fn refused(refused: Refused) -> anyhow::Error {
    match refused {
        Refused::PresetValue(error) => {
            let name = match &error {
                PresetValueError::Missing { name, .. } | PresetValueError::Malformed { name } => {
                    name
                }
                PresetValueError::Unknown { name } => name.as_str(),
            };
            WrongUsage(format!("--preset-value {name}=…: {error}")).into()
        }
        Refused::NoRedirectUri => WrongUsage(format!("--redirect-uri: {refused}")).into(),
        other => other.into(),
    }
}

fn preset(id: &str) -> Result<&'static Preset, String> {
    Preset::find(id).ok_or_else(|| format!("known are {}", preset_ids()))
}

fn preset_ids() -> String {
    let ids: Vec<_> = Preset::all().iter().map(|preset| preset.id).collect();
    ids.join(", ")
}

fn preset_help() -> String {
    format!("The platform: {}", preset_ids())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write NAME=VALUE, such as project_id=my-project")?;
    Ok((name.to_owned(), value.to_owned()))
}
