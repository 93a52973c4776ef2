//! `linkgate account enable|disable|delete`

use anyhow::Context as _;
use serde_json::json;

use super::{record, shown, who};
use crate::{
    account::{
        store::delete_account,
        switch::{Switched, switch},
    },
    cli::{context::Context, output::Output},
};

#[derive(clap::Args)]
pub struct Switch {
    /// The account: its id, its e-mail address, or ext: and its external id.
    who: String,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Delete {
    /// The account: its id, its e-mail address, or ext: and its external id.
    who: String,
    #[command(flatten)]
    output: Output,
}

impl Switch {
    pub async fn run(self, context: &Context, enable: bool) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let found = who::find(&mut *transaction, &self.who).await?;
        let switched = switch(&mut transaction, found.id, enable, context.now).await?;
        let Switched { account, changed } = switched.with_context(|| who::missing(&self.who))?;
        if changed {
            let what = if enable { "enabled" } else { "disabled" };
            record(&mut transaction, context, &account, what).await?;
        }
        transaction.commit().await?;
        self.output.print(&shown::everything(&account), || {
            let what = if enable {
                "enabled"
            } else {
                "disabled; its links are kept"
            };
            format!("{} is {what}.", account.email)
        })?;
        Ok(())
    }
}

impl Delete {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let account = who::lock(&mut transaction, &self.who).await?;
        delete_account(&mut *transaction, account.id).await?;
        record(&mut transaction, context, &account, "deleted").await?;
        transaction.commit().await?;
        self.output
            .print(&json!({"account_id": account.id, "deleted": true}), || {
                format!("{} is deleted, with its links.", account.email)
            })?;
        Ok(())
    }
}
