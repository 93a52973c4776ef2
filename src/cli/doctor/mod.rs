//! `linkgate doctor`: looks at everything a start needs, and says how to mend what is wrong.

mod data;
mod keys;
mod reach;

use std::path::Path;

use anyhow::bail;
use serde::Serialize;
use serde_json::json;

use super::output::Output;
use crate::{
    config::{Config, Problems, Purpose},
    telemetry,
};

/// Checks settings, database, schema, keys, addresses and ports, a line each.
#[derive(clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    output: Output,
}

/// What one look found.
#[derive(Debug, Serialize)]
pub struct Finding {
    name: &'static str,
    state: State,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Hint,
    Failed,
}

impl Finding {
    /// All is well.
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// It works, but may not be meant so.
    pub fn hint(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            state: State::Hint,
            remedy: Some(remedy.into()),
            ..Self::ok(name, detail)
        }
    }

    /// It does not work.
    pub fn failed(
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Failed,
            remedy: Some(remedy.into()),
            ..Self::ok(name, detail)
        }
    }

    fn text(&self) -> String {
        let state = match self.state {
            State::Ok => "ok",
            State::Hint => "hint",
            State::Failed => "FAILED",
        };
        let remedy = self.remedy.as_deref();
        let remedy = remedy.map_or_else(String::new, |remedy| format!("\n{:21}{remedy}", ""));
        format!("{state:<7} {:<12} {}{remedy}", self.name, self.detail)
    }
}

impl Doctor {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let findings = match Config::load(file, Purpose::Serving) {
            Ok(config) => {
                telemetry::start(config.log.as_deref().unwrap_or("error"), config.log_format);
                let mut findings = vec![Finding::ok("settings", "complete and known")];
                findings.extend(data::look(&config).await);
                findings.extend(reach::look(&config).await);
                findings
            }
            Err(Problems(problems)) => problems
                .into_iter()
                .map(|problem| Finding::failed("settings", problem, "mend it, then look again"))
                .collect(),
        };
        let failed = findings
            .iter()
            .filter(|finding| finding.state == State::Failed)
            .count();
        let answer = json!({"ok": failed == 0, "checks": findings});
        self.output.print(&answer, || {
            let lines: Vec<_> = findings.iter().map(Finding::text).collect();
            lines.join("\n")
        })?;
        if failed > 0 {
            bail!("{failed} of {} checks failed", findings.len());
        }
        Ok(())
    }
}
