//! `linkgate account import`: one JSON object a line, as many as there are, a few at a time.

mod apply;
mod entry;
mod lines;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use futures_util::StreamExt;
use serde_json::json;
use tokio::fs::File;

use self::{
    apply::{Importer, Outcome},
    lines::Lines,
};
use crate::{
    cli::{context::Context, output::Output},
    event::{Event, EventKind},
};

/// How many lines are worked on at once beyond what hashes passwords.
const LINES_AHEAD: usize = 2;
/// How often progress is told.
const PROGRESS: u64 = 500;
/// The most refusals that `--json` repeats; all of them are on stderr.
const REPEATED: usize = 1000;

/// Make many accounts, or bring them up to date. Each line is an object with `email` and `name`, and
/// as wanted `external_id`, `locale`, `attributes`, `account_id` (of a new account), and either
/// `password` or `password_hash` (argon2 or bcrypt).
///
/// A line whose account exists (by `external_id`, else by `email`) updates what it names; a password
/// is only given to an account that has none. So the same file can be imported again.
#[derive(clap::Args)]
pub struct Import {
    /// The file, one JSON object a line; - reads stdin.
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

#[derive(Default)]
struct Tally {
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
    refusals: Vec<(u64, String)>,
}

impl Import {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let path = if self.file.as_os_str() == "-" {
            Path::new("/dev/stdin")
        } else {
            &self.file
        };
        let file = File::open(path).await;
        let file = file.with_context(|| format!("reading {}", path.display()))?;
        let tally = import(context, Lines::of(file)).await?;
        let detail = format!(
            "import on the command line: {} made, {} updated, {} unchanged, {} refused",
            tally.created, tally.updated, tally.unchanged, tally.refused
        );
        let event = Event::new(EventKind::AdminChange, context.now).detail(&detail);
        context.record(event).await?;
        let refusals = tally.refusals.iter();
        let answer = json!({
            "created": tally.created,
            "updated": tally.updated,
            "unchanged": tally.unchanged,
            "refused": tally.refused,
            "refusals": refusals
                .map(|(line, reason)| json!({"line": line, "reason": reason}))
                .collect::<Vec<_>>(),
        });
        self.output.print(&answer, || detail)?;
        match tally.refused {
            0 => Ok(()),
            1 => bail!("1 line was refused"),
            more => bail!("{more} lines were refused"),
        }
    }
}

async fn import(context: &Context, lines: Lines<File>) -> anyhow::Result<Tally> {
    let importer = Arc::new(Importer {
        db: context.db.clone(),
        hasher: context.hasher()?,
        random: context.random.clone(),
        now: context.now,
    });
    // In order, so that refusals come in the file's order, and bounded, whatever its size.
    let at_once = context.config.password_hashes + LINES_AHEAD;
    let prepared = lines.stream().map(|line| {
        let importer = importer.clone();
        async move {
            let (number, text) = line?;
            let prepared = match text {
                Ok(text) => importer.prepare(&text).await?,
                Err(none) => Err(none.to_string()),
            };
            anyhow::Ok((number, prepared))
        }
    });
    let mut prepared = Box::pin(prepared.buffered(at_once));
    let mut tally = Tally::default();
    while let Some(line) = prepared.next().await {
        let stopped = "the import stopped; it can be run again";
        let (number, line) = line.context(stopped)?;
        let outcome = match line {
            Ok(line) => importer.apply(&line).await.context(stopped)?,
            Err(reason) => Outcome::Refused(reason),
        };
        tally.count(number, outcome);
        let all = tally.created + tally.updated + tally.unchanged + tally.refused;
        if all % PROGRESS == 0 {
            eprintln!(
                "{all} lines: {} made, {} refused",
                tally.created, tally.refused
            );
        }
    }
    Ok(tally)
}

impl Tally {
    fn count(&mut self, line: u64, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused(reason) => {
                self.refused += 1;
                eprintln!("line {line}: {reason}");
                if self.refusals.len() < REPEATED {
                    self.refusals.push((line, reason));
                }
            }
        }
    }
}
