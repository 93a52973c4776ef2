//! The two changes that make a link, each sharing its statement and commit with those of other
//! links that come at once.

use std::collections::HashSet;

use sqlx::PgPool;
use tokio::task::JoinHandle;

use super::store::{self, Activation, NewLink};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane},
    db::Kept,
};

/// Stores approved links, and makes them active.
pub struct Changes {
    db: PgPool,
    approvals: Coalesced<Approvals>,
    activations: Coalesced<Activations>,
}

impl Changes {
    /// Starts to, over `shared`; what has to wait for another node does so over `db`. The tasks end
    /// once this is dropped.
    pub fn start(db: &PgPool, shared: &PgPool) -> (Self, Vec<JoinHandle<()>>) {
        let (approvals, mut lanes) = Coalesced::start([Approvals(Kept::of(shared))]);
        let (activations, more) = Coalesced::start([Activations(Kept::of(shared))]);
        lanes.extend(more);
        let changes = Self {
            db: db.clone(),
            approvals,
            activations,
        };
        (changes, lanes)
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
        // Of several that redeem the same link at once, the first may win.
        let mut seen = HashSet::new();
        let first: Vec<_> = links
            .iter()
            .filter(|link| seen.insert(link.link_id))
            .copied()
            .collect();
        let mut db = self.0.take().await?;
        let done = store::activate(&mut *db, &first).await?;
        self.0.keep(db);
        let mut done: HashSet<_> = done.into_iter().collect();
        Ok(links
            .iter()
            .map(|link| done.remove(&link.link_id))
            .collect())
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
