//! `linkgate account enable|disable|delete`

use serde_json::json;

use super::{record, shown, who};
use crate::{
    account::store::{delete_account, delete_sessions_of, update_account},
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
        let mut account = who::find(&context.db, &self.who).await?;
        if account.disabled_at.is_none() != enable {
            account.disabled_at = (!enable).then_some(context.now);
            let mut transaction = context.db.begin().await?;
            update_account(&mut *transaction, &account, context.now).await?;
            if !enable {
                delete_sessions_of(&mut *transaction, account.id).await?;
            }
            transaction.commit().await?;
            let what = if enable { "enabled" } else { "disabled" };
            record(context, &account, what).await?;
        }
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
        let account = who::find(&context.db, &self.who).await?;
        delete_account(&context.db, account.id).await?;
        record(context, &account, "deleted").await?;
        self.output
            .print(&json!({"account_id": account.id, "deleted": true}), || {
                format!("{} is deleted, with its links.", account.email)
            })?;
        Ok(())
    }
}
