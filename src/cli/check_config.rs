//! `linkgate check-config`

use std::path::Path;

use serde_json::json;

use super::output::Output;
use crate::config::{Config, Purpose};

#[derive(clap::Args)]
pub struct CheckConfig {
    #[command(flatten)]
    output: Output,
}

impl CheckConfig {
    pub fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let checked = Config::load(file, Purpose::Serving);
        match &checked {
            Ok(_) => self
                .output
                .print(&json!({"ok": true, "problems": []}), || "ok".to_owned())?,
            Err(problems) if self.output.is_json() => {
                self.output
                    .print(&json!({"ok": false, "problems": problems.0}), String::new)?;
            }
            Err(_) => {}
        }
        Ok(checked.map(drop)?)
    }
}
