//! `linkgate account list|show`

use super::{shown, who};
use crate::{
    account::{Account, store::search_accounts},
    cli::{
        context::Context,
        output::{self, Output},
    },
};

#[derive(clap::Args)]
pub struct List {
    /// Only those whose e-mail address, name or external id contains this.
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "TEXT"
    )]
    search: String,
    /// At most so many [default: all].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// After so many.
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Show {
    /// The account: its id, its e-mail address, or ext: and its external id.
    who: String,
    #[command(flatten)]
    output: Output,
}

impl List {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let (limit, offset) = (self.limit.unwrap_or(u32::MAX), self.offset);
        let search = &self.search;
        let accounts = search_accounts(&context.db, search, limit.into(), offset.into()).await?;
        let all: Vec<_> = accounts.iter().map(shown::everything).collect();
        self.output.print(&all, || {
            let row = |account: &Account| {
                [
                    account.email.clone(),
                    account.name.clone(),
                    account
                        .external_id
                        .clone()
                        .unwrap_or_else(|| "-".to_owned()),
                    if account.disabled_at.is_none() {
                        "enabled"
                    } else {
                        "disabled"
                    }
                    .to_owned(),
                    account.id.to_string(),
                ]
            };
            let rows = accounts.iter().map(row).collect();
            output::table(["EMAIL", "NAME", "EXTERNAL ID", "STATE", "ID"], rows)
        })?;
        Ok(())
    }
}

impl Show {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let account = who::find(&context.db, &self.who).await?;
        self.output
            .print(&shown::everything(&account), || shown::text(&account))?;
        Ok(())
    }
}
