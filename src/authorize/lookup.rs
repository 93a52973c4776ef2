//! Who asks and who is logged in, looked up together; requests that ask at once share the statements.

use std::sync::Arc;

use actix_web::HttpRequest;
use sqlx::PgPool;

use crate::{
    account::{
        self,
        session::{self, SessionRecord},
    },
    client::{self, Client},
    foundation::{
        coalesce::{Coalesced, Effect, Lane, Lanes},
        db::Kept,
        ids::ClientId,
        secret::{Hashed, SessionKind},
    },
    web::state::AppState,
};

/// Looks up, each time anew.
pub struct Lookup(Coalesced<Reads>);

/// What was found.
#[derive(Clone)]
pub struct Found {
    /// The client, disabled or not.
    pub client: Option<Arc<Client>>,
    /// The session the browser presented, live or not: see [`session::of_record`].
    pub session: Option<SessionRecord>,
}

impl Lookup {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let reads = [Reads(Kept::of(db))];
        Self(Coalesced::start("session", reads, lanes))
    }

    /// The client of that id and the session the request carries.
    pub async fn find(
        &self,
        client: &ClientId,
        request: &HttpRequest,
        state: &AppState,
    ) -> sqlx::Result<Found> {
        let session = session::presented(request, state);
        self.0.call((client.clone(), session)).await
    }
}

struct Reads(Kept);

impl Lane for Reads {
    type Item = (ClientId, Option<Hashed<SessionKind>>);
    type Answer = Found;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, items: &[Self::Item]) -> sqlx::Result<Vec<Found>> {
        let ids: Vec<_> = items.iter().map(|(id, _)| id.clone()).collect();
        let hashes: Vec<_> = items.iter().filter_map(|(_, hash)| *hash).collect();
        let mut db = self.0.take().await?;
        let clients = client::store::find_clients(&mut *db, &ids).await?;
        let sessions = if hashes.is_empty() {
            Vec::new()
        } else {
            account::store::find_sessions(&mut *db, &hashes).await?
        };
        self.0.keep(db);
        let clients: Vec<_> = clients.into_iter().map(Arc::new).collect();
        let found = items.iter().map(|(id, hash)| Found {
            client: clients.iter().find(|client| client.id == *id).cloned(),
            session: hash.and_then(|hash| {
                let mine = |session: &&SessionRecord| hash.matches(&session.hash);
                sessions.iter().find(mine).cloned()
            }),
        });
        Ok(found.collect())
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
