//! Links looked up for access tokens; requests that ask at once share a statement.

use sqlx::PgPool;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{Found, store};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane},
    db::Kept,
    ids::LinkId,
};

/// How many statements may be under way at once.
pub const LANES: u32 = 2;

/// Looks links up, each time anew.
pub struct Lookup(Coalesced<Reads>);

impl Lookup {
    /// Starts to; the tasks end once this is dropped.
    pub fn start(db: &PgPool) -> (Self, Vec<JoinHandle<()>>) {
        let (reads, lanes) = Coalesced::start((0..LANES).map(|_| Reads(Kept::of(db))));
        (Self(reads), lanes)
    }

    /// The link as it stands after this was called, with its account and client.
    pub async fn find(&self, link: LinkId) -> sqlx::Result<Option<Found>> {
        self.0.call(link.0).await
    }
}

struct Reads(Kept);

impl Lane for Reads {
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
