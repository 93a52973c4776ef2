//! Actions looked up with the links of their calls; calls that come at once share a statement.

use sqlx::PgPool;

use super::store::{self, Asked, Called};
use crate::foundation::{
    coalesce::{Coalesced, Effect, Lane, Lanes},
    db::Kept,
};

/// Looks calls up, each time anew.
pub struct Calls(Coalesced<Reads>);

impl Calls {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let reads = lanes.many(|| Reads(Kept::of(db)));
        Self(Coalesced::start("action", reads, lanes))
    }

    /// The action and the links as they stand after this was called. `None` without such a client or
    /// action.
    pub async fn find(&self, asked: Asked) -> sqlx::Result<Option<Called>> {
        self.0.call(asked).await
    }
}

struct Reads(Kept);

impl Lane for Reads {
    type Item = Asked;
    type Answer = Option<Called>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Asked]) -> sqlx::Result<Vec<Option<Called>>> {
        let mut db = self.0.take().await?;
        let called = store::find_called(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(called)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
