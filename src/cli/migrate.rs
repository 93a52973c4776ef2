//! `linkgate migrate`

use std::path::Path;

use anyhow::bail;
use serde_json::json;

use super::{
    context::load_config,
    database::{AHEAD, Database},
    output::Output,
};
use crate::foundation::{db::SchemaState, embedded_postgres::Mode};

#[derive(clap::Args)]
pub struct Migrate {
    /// Change nothing; exit 1 if migrations are missing.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    output: Output,
}

impl Migrate {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let config = load_config(file)?;
        let database = Database::reach(&config, Mode::Command).await?;
        let done = self.migrate(&database).await;
        database.release().await;
        done
    }

    async fn migrate(self, database: &Database) -> anyhow::Result<()> {
        let missing = match database.schema().await? {
            SchemaState::Current => 0,
            SchemaState::Behind(missing) => missing,
            SchemaState::Ahead => bail!(AHEAD),
        };
        if self.check {
            self.output.print(&json!({"missing": missing}), || {
                format!("{missing} migrations are missing")
            })?;
            if missing > 0 {
                bail!("the database lacks {missing} migrations: run `linkgate migrate`");
            }
            return Ok(());
        }
        database.migrate().await?;
        self.output.print(&json!({"applied": missing}), || {
            format!("{missing} migrations were applied")
        })?;
        Ok(())
    }
}
