//! Chat users looked up for chatbots that ask; questions that come at once share a statement.

use sqlx::PgPool;

use crate::{
    foundation::{
        coalesce::{Coalesced, Effect, Lane, Lanes},
        db::Kept,
    },
    link::chat_user::store::{self, Asked, Question},
};

/// Looks chat users up, each time anew.
pub struct Questions(Coalesced<Reads>);

impl Questions {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let reads = lanes.many(|| Reads(Kept::of(db)));
        Self(Coalesced::start("confirm", reads, lanes))
    }

    /// What is known of the chat user after this was called; `None` without such a client.
    pub async fn find(&self, question: Question) -> sqlx::Result<Option<Asked>> {
        self.0.call(question).await
    }
}

struct Reads(Kept);

impl Lane for Reads {
    type Item = Question;
    type Answer = Option<Asked>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Question]) -> sqlx::Result<Vec<Option<Asked>>> {
        let mut db = self.0.take().await?;
        let found = store::find_asked(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
