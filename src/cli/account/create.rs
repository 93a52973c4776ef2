//! `linkgate account create`

use secrecy::SecretString;

use super::{
    attribute::{self, Attribute},
    record, shown,
};
use crate::{
    account::{
        Account,
        store::{Taken, insert_account},
    },
    cli::{context::Context, output::Output, password},
    foundation::ids::AccountId,
};

#[derive(clap::Args)]
pub struct Create {
    /// The e-mail address to log in with; unique without regard to case.
    #[arg(long)]
    email: String,
    /// Shown on the consent page.
    #[arg(long)]
    name: String,
    /// Read the password from stdin's first line; without it the account has none.
    #[arg(long)]
    password_stdin: bool,
    /// Your own id of the person; unique. Commands then take ext:ID for the account.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Something you know about the person: key=value is a string, key:=JSON is typed. Repeated for
    /// several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = attribute::parse)]
    attribute: Vec<Attribute>,
    /// The person's language, such as ko, en or ja.
    #[arg(long, default_value = "ko")]
    locale: String,
    #[command(flatten)]
    output: Output,
}

impl Create {
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
        let attributes = self.attribute.into_iter();
        let account = Account {
            id: AccountId::random(&*context.random),
            external_id: self.external_id,
            email: self.email,
            name: self.name,
            locale: self.locale,
            attributes: attributes.map(|given| (given.name, given.value)).collect(),
            disabled_at: None,
            delete_at: None,
            created_at: context.now,
        };
        account.check()?;
        let hash = match password {
            Some(password) => Some(context.hash(password).await?),
            None => None,
        };
        let mut transaction = context.db.begin().await?;
        insert_account(&mut *transaction, &account, hash.as_deref())
            .await
            .map_err(taken)?;
        record(&mut transaction, context, &account, "made").await?;
        transaction.commit().await?;
        self.output
            .print(&shown::made(&account), || shown::text(&account))?;
        Ok(())
    }
}

/// What a failed write means to the person who asked for it.
pub fn taken(error: sqlx::Error) -> anyhow::Error {
    match Taken::from_error(&error) {
        Some(taken) => taken.into(),
        None => error.into(),
    }
}
