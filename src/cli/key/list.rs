//! `linkgate key list`

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{
    cli::{
        context::Context,
        output::{self, Output},
    },
    foundation::keys::{
        KeyId, Keys,
        schedule::{KeyLife, Lives, Standing},
    },
    link::key_use,
};

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    output: Output,
}

/// The keys, and the links that name some of them.
struct Listing<'a> {
    context: &'a Context,
    lives: Lives,
    links: HashMap<KeyId, i64>,
}

impl List {
    pub async fn run(self, context: &Context, keys: &Keys) -> anyhow::Result<()> {
        let listing = Listing {
            context,
            lives: keys.lives().await?,
            links: key_use::count_by_key(&context.db).await?,
        };
        let all: Vec<_> = listing
            .lives
            .iter()
            .map(|life| listing.json(life))
            .collect();
        self.output.print(&all, || {
            let rows = listing.lives.iter().map(|life| listing.row(life)).collect();
            output::table(["KEY ID", "KIND", "IN USE FROM", "STATE", "NEXT"], rows)
        })?;
        Ok(())
    }
}

impl Listing<'_> {
    fn standing(&self, life: &KeyLife) -> Standing {
        self.lives.standing(life, self.context.now)
    }

    /// How many links name the key; `None` for kinds that no link names.
    fn links(&self, life: &KeyLife) -> Option<i64> {
        let named = life.kind.longest_life().is_none();
        named.then(|| self.links.get(&life.id).copied().unwrap_or_default())
    }

    fn next(&self, life: &KeyLife) -> Option<chrono::DateTime<chrono::Utc>> {
        let current = self.standing(life) == Standing::Current;
        let next = self
            .lives
            .next_due(life.kind, &self.context.config.key_intervals);
        next.filter(|_| current)
    }

    fn json(&self, life: &KeyLife) -> Value {
        let standing = self.standing(life);
        let (state, until) = match standing {
            Standing::Published => ("published", None),
            Standing::Current => ("current", None),
            Standing::Verifies(until) => ("verifying", until),
            Standing::Compromised => ("compromised", None),
        };
        json!({
            "key_id": life.id,
            "kind": life.kind.as_str(),
            "state": state,
            "current": standing == Standing::Current,
            "created_at": life.created_at,
            "usable_from": life.usable_from,
            "verifies_until": until,
            "links": self.links(life),
            "next_key_at": self.next(life),
        })
    }

    fn row(&self, life: &KeyLife) -> [String; 5] {
        let links = self
            .links(life)
            .map_or_else(String::new, |links| format!("; {links} links name it"));
        let state = match self.standing(life) {
            Standing::Published => "every node is about to have it".to_owned(),
            Standing::Current => "in use".to_owned(),
            Standing::Verifies(Some(until)) => format!("verifies until {}", output::time(until)),
            Standing::Verifies(None) => "verifies while a link needs it".to_owned(),
            Standing::Compromised => "compromised: verifies nothing".to_owned(),
        };
        [
            life.id.to_string(),
            life.kind.as_str().to_owned(),
            output::time(life.usable_from),
            format!("{state}{links}"),
            output::time_or_dash(self.next(life)),
        ]
    }
}
