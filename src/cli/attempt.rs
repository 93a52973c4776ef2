//! `linkgate attempt …`

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    account::who,
    context::{Context, with_database},
    output::{self, Output},
};
use crate::{
    event::attempt::{
        listing::{
            Filter, ListedAttempt, ListedStep, Standing,
            store::{list_attempts, list_steps},
        },
        reason::Reason,
        story,
    },
    foundation::{
        ids::{ClientId, LinkId},
        support_code::SupportCode,
    },
};

#[derive(Subcommand)]
pub enum Verb {
    /// List attempts to link, the newest first.
    List(List),
    /// Show one attempt step by step, and what to do about it.
    Show(Show),
}

#[derive(clap::Args)]
pub struct List {
    /// Only those of this account: its id, its e-mail address, or ext: and its external id.
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// Only those at this client.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only the one that made this link.
    #[arg(long, value_name = "LINK_ID")]
    link: Option<LinkId>,
    /// Only those that stand so.
    #[arg(long)]
    outcome: Option<Standing>,
    /// At most so many.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    /// After so many.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    offset: i64,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
pub struct Show {
    /// The support code, such as 7K2M-9QXD.
    support_code: SupportCode,
    #[command(flatten)]
    output: Output,
}

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| match self {
            Self::List(verb) => verb.run(context).await,
            Self::Show(verb) => verb.run(context).await,
        })
        .await
    }
}

impl List {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let account = match &self.account {
            Some(who) => Some(who::find(&context.db, who).await?.id),
            None => None,
        };
        let filter = Filter {
            account,
            client: self.client.map(ClientId),
            link: self.link,
            standing: self.outcome,
            ..Filter::default()
        };
        let (part, now) = ((self.limit, self.offset), context.now);
        let attempts = list_attempts(&context.db, &filter, part, now).await?;
        let all: Vec<_> = attempts
            .iter()
            .map(|attempt| shown(attempt, context))
            .collect();
        self.output.print(&all, || {
            let row = |attempt: &ListedAttempt| {
                [
                    attempt.code.to_string(),
                    output::time(attempt.began_at),
                    story::standing_in_words(attempt.standing(now)).to_owned(),
                    attempt
                        .reason
                        .map_or("-", |reason| reason.as_str())
                        .to_owned(),
                    attempt
                        .client_id
                        .as_ref()
                        .map_or("-", ClientId::as_str)
                        .to_owned(),
                    attempt
                        .account_email
                        .clone()
                        .unwrap_or_else(|| "-".to_owned()),
                ]
            };
            let head = ["CODE", "BEGAN", "OUTCOME", "REASON", "CLIENT ID", "ACCOUNT"];
            output::table(head, attempts.iter().map(row).collect())
        })?;
        Ok(())
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let filter = Filter {
            code: Some(self.support_code.clone()),
            ..Filter::default()
        };
        let found = list_attempts(&context.db, &filter, (1, 0), context.now).await?;
        let unknown = || format!("there is no attempt {}", self.support_code);
        let attempt = found.into_iter().next().with_context(unknown)?;
        let steps = list_steps(&context.db, &attempt.code).await?;
        let verdict = story::verdict(&attempt, &steps, context.now);
        let mut answer = shown(&attempt, context);
        if let Value::Object(answer) = &mut answer {
            answer.insert("what".to_owned(), json!(verdict.headline));
            answer.insert("what_to_do".to_owned(), json!(verdict.advice));
            answer.insert("steps".to_owned(), steps.iter().map(step).collect());
        }
        self.output.print(&answer, || {
            let app = attempt.client_name.as_deref();
            let row = |step: &ListedStep| {
                [
                    step.first_at.format("%H:%M:%S%.3f").to_string(),
                    story::elapsed(step.first_at - attempt.began_at),
                    story::named(story::step_in_words(step.kind), app),
                    step.times.to_string(),
                    story::named(step.reason.map_or("", |reason| reason.sentence()), app),
                    step.detail.clone(),
                ]
            };
            let head = ["AT", "AFTER", "WHAT", "TIMES", "WHY", "DETAIL"];
            let table = output::table(head, steps.iter().map(row).collect());
            format!(
                "{}  began {}\n{}\n{}\n\n{table}",
                attempt.code,
                output::time(attempt.began_at),
                verdict.headline,
                verdict.advice
            )
        })?;
        Ok(())
    }
}

fn shown(attempt: &ListedAttempt, context: &Context) -> Value {
    json!({
        "support_code": attempt.code,
        "began_at": attempt.began_at,
        "last_at": attempt.last_at,
        "outcome": attempt.standing(context.now),
        "reason": attempt.reason.map(Reason::as_str),
        "client_id": attempt.client_id,
        "account_id": attempt.account_id,
        "link_id": attempt.link_id,
    })
}

fn step(step: &ListedStep) -> Value {
    json!({
        "step": step.kind.as_str(),
        "reason": step.reason.map(Reason::as_str),
        "first_at": step.first_at,
        "last_at": step.last_at,
        "times": step.times,
        "detail": step.detail,
        "presented": step.presented,
        "registered": step.registered,
    })
}
