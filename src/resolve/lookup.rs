//! Links looked up for tokens; requests that ask at once share a statement.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    Found,
    store::{self, Asked, Introspection},
};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane, Lanes},
    db::Kept,
    ids::{ClientId, LinkId},
};

/// Looks links up, each time anew.
pub struct Lookup {
    links: Coalesced<Links>,
    introspections: Coalesced<Introspections>,
}

impl Lookup {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let links = lanes.many(|| Links(Kept::of(db)));
        let introspections = lanes.many(|| Introspections(Kept::of(db)));
        Self {
            links: Coalesced::start("resolve", links, lanes),
            introspections: Coalesced::start("introspect", introspections, lanes),
        }
    }

    /// The link as it stands after this was called, with its account and client.
    pub async fn find(&self, link: LinkId) -> sqlx::Result<Option<Found>> {
        self.links.call(link.0).await
    }

    /// The client that asks about a token, and the link if the token is genuine. `None` without such
    /// a client.
    pub async fn introspect(
        &self,
        caller: &str,
        link: Option<LinkId>,
        at: DateTime<Utc>,
    ) -> sqlx::Result<Option<Introspection>> {
        let caller = ClientId(caller.to_owned());
        self.introspections.call(Asked { caller, link, at }).await
    }
}

struct Links(Kept);

impl Lane for Links {
    type Item = Uuid;
    type Answer = Option<Found>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, ids: &[Uuid]) -> sqlx::Result<Vec<Option<Found>>> {
        let mut db = self.0.take().await?;
        let found = store::find_links(&mut *db, ids).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}

struct Introspections(Kept);

impl Lane for Introspections {
    type Item = Asked;
    type Answer = Option<Introspection>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Asked]) -> sqlx::Result<Vec<Self::Answer>> {
        let mut db = self.0.take().await?;
        let found = store::find_for_introspection(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
