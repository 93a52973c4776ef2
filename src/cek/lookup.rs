//! Extensions looked up with the links of their requests; requests that come at once share a statement.

use sqlx::PgPool;

use super::store::{self, Asked, Found};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane, Lanes},
    db::Kept,
};

/// Looks requests up, each time anew.
pub struct Requests(Coalesced<Reads>);

impl Requests {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let reads = lanes.many(|| Reads(Kept::of(db)));
        Self(Coalesced::start("cek", reads, lanes))
    }

    /// The extension and the link as they stand after this was called. `None` without such a client.
    pub async fn find(&self, asked: Asked) -> sqlx::Result<Option<Found>> {
        self.0.call(asked).await
    }
}

struct Reads(Kept);

impl Lane for Reads {
    type Item = Asked;
    type Answer = Option<Found>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Asked]) -> sqlx::Result<Vec<Option<Found>>> {
        let mut db = self.0.take().await?;
        let found = store::find_asked(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
