//! The changes that make a link and keep it, each sharing its statement and commit with those of
//! other links that come at once. They take their rows in the order of ids, and wait for none that
//! somebody else holds: that one goes alone afterwards, and waits then. Whatever else changes several
//! links in one statement skips held rows as well, or takes them in the same order: nobody deadlocks.

use std::collections::HashSet;

use sqlx::PgPool;

use super::{
    refreshing::{self, Turned},
    store::{self, Activation, NewLink},
};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane, Lanes},
    db::Kept,
    ids::LinkId,
};

/// Stores approved links, makes them active, and moves them on.
pub struct Changes {
    db: PgPool,
    approvals: Coalesced<Approvals>,
    activations: Coalesced<Activations>,
    turns: Coalesced<Turns>,
}

impl Changes {
    /// Starts to, over `shared`, on lanes that end once this is dropped; what has to wait for another
    /// node does so over `db`.
    pub fn start(db: &PgPool, shared: &PgPool, lanes: &mut Lanes) -> Self {
        let approvals = [Approvals(Kept::of(shared))];
        let activations = [Activations(Kept::of(shared))];
        let turns = lanes.many(|| Turns(Kept::of(shared)));
        Self {
            db: db.clone(),
            approvals: Coalesced::start("approve", approvals, lanes),
            activations: Coalesced::start("redeem", activations, lanes),
            turns: Coalesced::start("refresh", turns, lanes),
        }
    }

    /// Stores an approved link. Whether it is new: its flow may have been approved before.
    pub async fn approve(&self, link: NewLink) -> sqlx::Result<bool> {
        self.approvals.call(link).await
    }

    /// Redeems a pending link whose code was found good. Whether this call did it; if not, another
    /// was faster or the link is gone.
    pub async fn activate(&self, link: Activation) -> sqlx::Result<bool> {
        // The shared statement waits for nobody; this one does.
        Ok(self.activations.call(link).await? || store::activate_alone(&self.db, link).await?)
    }

    /// Moves a link on. Whether it still was as it was read; if not, another was faster.
    pub async fn turn(&self, link: Turned) -> sqlx::Result<bool> {
        Ok(self.turns.call(link).await? || refreshing::store::turn_alone(&self.db, &link).await?)
    }
}

struct Approvals(Kept);

impl Lane for Approvals {
    type Item = NewLink;
    type Answer = bool;
    const EFFECT: Effect = Effect::Writes;

    async fn run(&mut self, links: &[NewLink]) -> sqlx::Result<Vec<bool>> {
        let mut db = self.0.take().await?;
        let new = store::insert_pending(&mut *db, links).await?;
        self.0.keep(db);
        let new: HashSet<_> = new.into_iter().collect();
        Ok(links.iter().map(|link| new.contains(&link.id)).collect())
    }

    fn rest(&mut self) {
        self.0.release();
    }
}

struct Activations(Kept);

impl Lane for Activations {
    type Item = Activation;
    type Answer = bool;
    const EFFECT: Effect = Effect::Writes;

    async fn run(&mut self, links: &[Activation]) -> sqlx::Result<Vec<bool>> {
        let mut db = self.0.take().await?;
        let done = store::activate(&mut *db, &first_of_each(links, |link| link.link_id)).await?;
        self.0.keep(db);
        Ok(which_were_done(links, done, |link| link.link_id))
    }

    fn rest(&mut self) {
        self.0.release();
    }
}

struct Turns(Kept);

impl Lane for Turns {
    type Item = Turned;
    type Answer = bool;
    const EFFECT: Effect = Effect::Writes;

    async fn run(&mut self, links: &[Turned]) -> sqlx::Result<Vec<bool>> {
        let mut db = self.0.take().await?;
        let first = first_of_each(links, |link| link.link_id);
        let done = refreshing::store::turn(&mut *db, &first).await?;
        self.0.keep(db);
        Ok(which_were_done(links, done, |link| link.link_id))
    }

    fn rest(&mut self) {
        self.0.release();
    }
}

/// Of several that change the same link at once the first one's turn has come.
fn first_of_each<T: Copy>(changes: &[T], link: impl Fn(&T) -> LinkId) -> Vec<T> {
    let mut seen = HashSet::new();
    let first = changes.iter().filter(|change| seen.insert(link(change)));
    first.copied().collect()
}

fn which_were_done<T>(changes: &[T], done: Vec<LinkId>, link: impl Fn(&T) -> LinkId) -> Vec<bool> {
    let mut done: HashSet<_> = done.into_iter().collect();
    let was_done = changes.iter().map(|change| done.remove(&link(change)));
    was_done.collect()
}
