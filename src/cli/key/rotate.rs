//! `linkgate key rotate`

use std::io::{self, IsTerminal};

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        output::{self, Output},
    },
    foundation::keys::{KeyKind, Keys},
    link::key_use,
};

#[derive(clap::Args)]
#[group(required = true, multiple = false, args = ["kind", "compromised"])]
pub struct Rotate {
    /// What the key is for.
    kind: Option<KeyKind>,
    /// The keys of this kind got out: use a new one at once, and believe nothing that was made with
    /// the others. Says first whom that unlinks.
    #[arg(long, value_name = "KIND")]
    compromised: Option<KeyKind>,
    /// Don't ask.
    #[arg(long, requires = "compromised")]
    yes: bool,
    #[command(flatten)]
    output: Output,
}

impl Rotate {
    pub async fn run(self, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        match (self.kind, self.compromised) {
            (_, Some(kind)) => self.replace(kind, context, keys).await,
            (Some(kind), None) => self.add(kind, context, keys).await,
            (None, None) => Ok(()),
        }
    }

    async fn add(self, kind: KeyKind, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let id = keys.rotate(kind, &*context.random, context.now).await?;
        let name = kind.as_str();
        super::record(context, format!("{name} key {id} made on the command line")).await?;
        let usable_from = keys.ring().find(kind, id).map(|key| key.usable_from);
        let answer = json!({"key_id": id, "kind": name, "usable_from": usable_from});
        self.output.print(&answer, || {
            format!(
                "{name} key {id} is used from {}",
                output::time_or_dash(usable_from)
            )
        })?;
        Ok(())
    }

    async fn replace(self, kind: KeyKind, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let price = price(kind, context).await?;
        if !self.yes && !is_agreed(&price)? {
            bail!("{price}. Nothing was changed; say --yes to do it");
        }
        let (random, now) = (&*context.random, context.now);
        let replaced = keys.replace_compromised(kind, random, now).await?;
        let ended = match kind {
            KeyKind::Refresh => key_use::end_under(&context.db, &replaced.removed, now).await,
            KeyKind::Code => key_use::end_pending(&context.db, now).await,
            _ => Ok(0),
        };
        let ended = ended.context(
            "the keys are replaced, but not all their links are ended yet: the server goes on with that",
        )?;
        let (id, name) = (replaced.key_id, kind.as_str());
        let detail =
            format!("{name} keys compromised: key {id} replaces them, {ended} links ended");
        super::record(context, detail).await?;
        let answer = json!({
            "key_id": id,
            "kind": name,
            "usable_from": now,
            "removed": replaced.removed,
            "links_ended": ended,
        });
        self.output.print(&answer, || {
            format!(
                "{name} key {id} is in use. Nothing that {} made is believed any more, at the latest in 30 s on \
                 every node; {ended} links ended.",
                listed(&replaced.removed)
            )
        })?;
        Ok(())
    }
}

/// What believing nothing of that kind costs, in a sentence without its full stop.
async fn price(kind: KeyKind, context: &Context) -> anyhow::Result<String> {
    Ok(match kind {
        KeyKind::Refresh => {
            let links: i64 = key_use::count_by_key(&context.db).await?.values().sum();
            format!("{links} links would end, and those people would have to link again")
        }
        KeyKind::Access => {
            "every opaque access token would die at once; no link would end, and platforms would refresh".to_owned()
        }
        KeyKind::SigningEs256 | KeyKind::SigningEddsa | KeyKind::SigningRs256 => {
            "every JWT it signed would die at once, and elsewhere when the published keys are fetched again; no \
             link would end, and platforms would refresh"
                .to_owned()
        }
        KeyKind::Code => {
            let pending = key_use::store::count_pending(&context.db).await?;
            format!(
                "{pending} links whose code is not redeemed yet would end, and people who are linking right now \
                 would have to begin again"
            )
        }
        KeyKind::Seal => {
            "people who are linking right now would have to begin again; no link would end"
                .to_owned()
        }
        KeyKind::Device => {
            "failed logins that were counted would be forgotten, and every device would be a new one until the \
             next login there; no link would end"
                .to_owned()
        }
        KeyKind::Csrf => {
            "pages that are open right now would have to be loaded again; no link would end"
                .to_owned()
        }
    })
}

/// Asks, where somebody is there to answer.
fn is_agreed(price: &str) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{price}. Type yes to do it: ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn listed(ids: &[i16]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    match ids.as_slice() {
        [one] => format!("key {one}"),
        all => format!("keys {}", all.join(", ")),
    }
}
