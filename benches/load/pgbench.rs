//! The same statements from pgbench: what the database alone can do.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, ensure};

use super::{
    Scenario,
    data::{ACCOUNTS, Data, LINKS},
};

/// Transactions a second of a scenario's statements on as many connections as the server's pool has.
pub fn run(scenario: Scenario, data: &Data, span: Duration) -> anyhow::Result<Option<f64>> {
    let Some(script) = scenario.statements() else {
        return Ok(None);
    };
    let path = std::env::temp_dir().join(format!("linkgate-{}.sql", std::process::id()));
    let client = format!("'{}'", data.client.id);
    let script = script
        .replace(":client", &client)
        .replace(":links", &LINKS.to_string())
        .replace(":accounts", &ACCOUNTS.to_string());
    fs::write(&path, script)?;
    let output = Command::new(program())
        .args(["-n", "-M", "prepared", "-c", "10", "-j", "2", "-T"])
        .arg(span.as_secs().max(1).to_string())
        .arg("-f")
        .arg(&path)
        .arg(&data.database_url)
        .output();
    fs::remove_file(&path)?;
    let Ok(output) = output else {
        return Ok(None); // not installed
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench failed: {errors}");
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = line.and_then(|line| line.split(' ').next()?.parse().ok());
    Ok(Some(rate.with_context(|| format!("no tps in {said}"))?))
}

/// pgbench, where the other programs of PostgreSQL are.
fn program() -> PathBuf {
    let finder = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/find-postgres");
    let found = Command::new(finder).output().ok();
    let folder = found.and_then(|output| String::from_utf8(output.stdout).ok());
    PathBuf::from(folder.unwrap_or_default().trim()).join("pgbench")
}
