//! `linkgate link …`

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    account::who,
    context::{self, Context, with_database},
    output::{self, Output},
};
use crate::{
    config::parse_duration,
    event::{self, Event, EventKind},
    foundation::ids::{ClientId, LinkId},
    link::{
        EndReason, LinkState,
        listing::{
            Filter, ListedLink,
            store::{find_listed, list_links},
        },
        store,
    },
};

#[derive(Subcommand)]
pub enum Verb {
    /// List links, the newest first.
    List(List),
    /// Show a link and its history.
    Show(Show),
    /// End links for good: every token of them is dead at its next use.
    End(End),
}

#[derive(clap::Args)]
pub struct List {
    /// Only those of this account: its id, its e-mail address, or ext: and its external id.
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// Only those at this client.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only those in this state.
    #[arg(long)]
    state: Option<LinkState>,
    /// Only active ones that die of idleness within this time, such as 14d, unless they are refreshed.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    expiring: Option<TimeDelta>,
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
    /// The link's id.
    link_id: LinkId,
    #[command(flatten)]
    output: Output,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false, args = ["link_id", "ids"])]
pub struct End {
    /// The link's id.
    link_id: Option<LinkId>,
    /// A file with a link's id on each line.
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// The most lines of history shown.
const HISTORY: i64 = 100;

impl Verb {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        with_database(file, async |context| match self {
            Self::List(verb) => verb.run(context).await,
            Self::Show(verb) => verb.run(context).await,
            Self::End(verb) => verb.run(context).await,
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
            state: self.state,
            idle_by: self.expiring.map(|within| context.now + within),
            ..Filter::default()
        };
        let (limit, offset) = (self.limit.unwrap_or(u32::MAX), self.offset);
        let links = list_links(&context.db, &filter, limit.into(), offset.into()).await?;
        let all: Vec<_> = links.iter().map(shown).collect();
        self.output.print(&all, || {
            let row = |link: &ListedLink| {
                [
                    link.link_id.to_string(),
                    link.account_email.clone(),
                    link.client_id.to_string(),
                    state(link),
                    output::time_or_dash(link.linked_at),
                    output::time_or_dash(link.last_used_at),
                ]
            };
            let head = [
                "LINK ID",
                "ACCOUNT",
                "CLIENT ID",
                "STATE",
                "LINKED",
                "LAST USED",
            ];
            output::table(head, links.iter().map(row).collect())
        })?;
        Ok(())
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let link = find(context, self.link_id).await?;
        let history = event::store::list_events_of_link(&context.db, self.link_id, HISTORY).await?;
        let mut answer = shown(&link);
        if let Value::Object(answer) = &mut answer {
            let events = history.iter().map(|event| {
                json!({"at": event.happened_at, "kind": event.kind, "times": event.times, "detail": event.detail})
            });
            answer.insert("events".to_owned(), events.collect());
        }
        self.output.print(&answer, || {
            let facts = output::facts(&[
                ("link id", link.link_id.to_string()),
                (
                    "account",
                    format!("{} ({})", link.account_email, link.account_id),
                ),
                (
                    "client",
                    format!("{} ({})", link.client_name, link.client_id),
                ),
                ("state", state(&link)),
                ("chat user", chat_user(&link)),
                ("scopes", output::list(&link.scopes)),
                ("approved", output::time(link.approved_at)),
                ("linked", output::time_or_dash(link.linked_at)),
                (
                    "last refreshed",
                    output::time_or_dash(link.last_refreshed_at),
                ),
                ("last used", output::time_or_dash(link.last_used_at)),
                (
                    "dies unrefreshed",
                    output::time_or_dash(link.idle_expires_at),
                ),
                ("ended", output::time_or_dash(link.ended_at)),
            ]);
            let row = |event: &event::store::EventRecord| {
                [
                    output::time(event.happened_at),
                    event.kind.clone(),
                    event.times.to_string(),
                    event.detail.clone(),
                ]
            };
            let rows = history.iter().map(row).collect();
            let table = output::table(["WHEN", "WHAT", "TIMES", "DETAIL"], rows);
            format!("{facts}\n\n{table}")
        })?;
        Ok(())
    }
}

impl End {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        let ids = match (&self.ids, self.link_id) {
            (Some(file), _) => read_ids(file)?,
            (None, Some(id)) => vec![id],
            (None, None) => Vec::new(),
        };
        let mut tally = Tally::default();
        let mut failed = None;
        for id in ids {
            if let Err(error) = tally.end(context, id).await {
                failed = Some(error.context(format!("link {id} and those after it were left")));
                break;
            }
        }
        let Tally {
            ended,
            over,
            unknown,
        } = tally;
        let answer = json!({"ended": ended, "already_ended": over, "unknown": unknown});
        self.output.print(&answer, || {
            format!("{} ended, {} had ended before", ended.len(), over.len())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        match unknown.first() {
            None => Ok(()),
            Some(first) if unknown.len() == 1 => bail!("there is no link {first}"),
            Some(first) => bail!(
                "there are no links {first} and {} others",
                unknown.len() - 1
            ),
        }
    }
}

/// What became of each link.
#[derive(Default)]
struct Tally {
    ended: Vec<LinkId>,
    over: Vec<LinkId>,
    unknown: Vec<LinkId>,
}

impl Tally {
    async fn end(&mut self, context: &Context, id: LinkId) -> anyhow::Result<()> {
        let mut transaction = context.db.begin().await?;
        let Some(link) = find_listed(&mut *transaction, id).await? else {
            self.unknown.push(id);
            return Ok(());
        };
        if !store::end(&mut *transaction, id, EndReason::Admin, context.now).await? {
            self.over.push(id);
            return Ok(());
        }
        let event = Event::new(EventKind::LinkEnded, context.now)
            .link(id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::Admin.as_str());
        context::record(&mut transaction, event).await?;
        transaction.commit().await?;
        self.ended.push(id);
        Ok(())
    }
}

/// All of them or none, so that a wrong file ends nothing.
fn read_ids(file: &Path) -> anyhow::Result<Vec<LinkId>> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.trim(), number));
    lines
        .filter(|(line, _)| !line.is_empty())
        .map(|(line, number): (&str, u64)| {
            line.parse::<LinkId>().with_context(|| {
                format!(
                    "{} line {number}: not a link id; nothing was ended",
                    file.display()
                )
            })
        })
        .collect()
}

async fn find(context: &Context, id: LinkId) -> anyhow::Result<ListedLink> {
    let found = find_listed(&context.db, id).await?;
    found.with_context(|| format!("there is no link {id}"))
}

fn chat_user(link: &ListedLink) -> String {
    let named = link.chat_user().map(|user| {
        let (platform, domain) = (user.platform, user.domain_code);
        format!("{} on {platform}, of the domain {domain}", user.user_id)
    });
    named.unwrap_or_else(|| "-".to_owned())
}

fn state(link: &ListedLink) -> String {
    match (link.state, link.end_reason) {
        (LinkState::Pending, _) => "pending".to_owned(),
        (LinkState::Active, _) => "active".to_owned(),
        (LinkState::Ended, None) => "ended".to_owned(),
        (LinkState::Ended, Some(reason)) => format!("ended ({})", reason.as_str()),
    }
}

fn shown(link: &ListedLink) -> Value {
    json!({
        "link_id": link.link_id,
        "account_id": link.account_id,
        "client_id": link.client_id,
        "state": link.state,
        "scopes": link.scopes,
        "linked_at": link.linked_at,
        "last_used_at": link.last_used_at,
        "idle_expires_at": link.idle_expires_at,
        "ended_at": link.ended_at,
        "end_reason": link.end_reason,
        "chat_user": link.chat_user(),
    })
}
