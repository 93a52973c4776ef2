//! `linkgate account update`

use secrecy::SecretString;

use super::{
    attribute::{self, Attribute},
    create::taken,
    record, shown, who,
};
use crate::{
    account::{Account, email_change, password_change, store::update_account},
    cli::{context::Context, output::Output, password},
};

#[derive(clap::Args)]
pub struct Update {
    /// The account: its id, its e-mail address, or ext: and its external id.
    who: String,
    /// Another e-mail address; all sessions end, and both addresses are told.
    #[arg(long)]
    email: Option<String>,
    /// Another name.
    #[arg(long)]
    name: Option<String>,
    /// Read a new password from stdin's first line; all sessions end.
    #[arg(long)]
    password_stdin: bool,
    /// Another external id; empty takes it away.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// An attribute to add or replace: key=value is a string, key:=JSON is typed. Repeated for several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = attribute::parse)]
    attribute: Vec<Attribute>,
    /// An attribute to take away. Repeated for several.
    #[arg(long, value_name = "KEY")]
    remove_attribute: Vec<String>,
    /// Another language, such as ko, en or ja.
    #[arg(long)]
    locale: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Update {
    pub async fn read_password(&self) -> anyhow::Result<Option<SecretString>> {
        if self.password_stdin {
            password::read_new().await.map(Some)
        } else {
            Ok(None)
        }
    }

    pub async fn run(
        self,
        context: &Context,
        password: Option<SecretString>,
    ) -> anyhow::Result<()> {
        // Hashing takes its time, which nobody else should have to wait for.
        let hash = match password {
            Some(password) => Some(context.hash(password).await?),
            None => None,
        };
        let mut transaction = context.db.begin().await?;
        let before = who::lock(&mut transaction, &self.who).await?;
        let output = self.output;
        let account = self.apply(before.clone());
        account.check()?;
        if account != before || hash.is_some() {
            update_account(&mut *transaction, &account, context.now)
                .await
                .map_err(taken)?;
            email_change::follow(&mut transaction, &before, &account, None, context.now).await?;
            record(&mut transaction, context, &account, "changed").await?;
        }
        if let Some(hash) = hash {
            password_change::change(&mut transaction, &account, &hash, context.now).await?;
        }
        transaction.commit().await?;
        output.print(&shown::everything(&account), || shown::text(&account))?;
        Ok(())
    }

    fn apply(self, mut account: Account) -> Account {
        if let Some(email) = self.email {
            account.email = email;
        }
        if let Some(name) = self.name {
            account.name = name;
        }
        if let Some(id) = self.external_id {
            account.external_id = Some(id).filter(|id| !id.is_empty());
        }
        if let Some(locale) = self.locale {
            account.locale = locale;
        }
        for name in &self.remove_attribute {
            account.attributes.remove(name);
        }
        for given in self.attribute {
            account.attributes.insert(given.name, given.value);
        }
        account
    }
}
