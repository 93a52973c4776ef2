//! Clients and links looked up for the token endpoint; requests that ask at once share a statement.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::store::{self, Asked, Found};
use crate::{
    foundation::{
        coalesce::{Coalesced, Effect, Lane, Lanes},
        db::Kept,
        ids::{ClientId, LinkId},
    },
    link::{code::CodeHash, redemption::Redeemable, refreshing::Refreshable},
};

/// Looks up, each time anew.
pub struct Lookup {
    links: Coalesced<Links>,
    codes: Coalesced<Codes>,
}

impl Lookup {
    /// Starts to, on lanes that end once this is dropped.
    pub fn start(db: &PgPool, lanes: &mut Lanes) -> Self {
        let links = lanes.many(|| Links(Kept::of(db)));
        let codes = [Codes(Kept::of(db))];
        Self {
            links: Coalesced::start("token_link", links, lanes),
            codes: Coalesced::start("code", codes, lanes),
        }
    }

    /// The client of that id and the link, which a genuine token names.
    pub async fn by_link(
        &self,
        client: &str,
        link: Option<LinkId>,
        at: DateTime<Utc>,
    ) -> sqlx::Result<Found<Refreshable>> {
        self.links.call(asked(client, link, at)).await
    }

    /// The client of that id and the link that the code redeems.
    pub async fn by_code(
        &self,
        client: &str,
        code: Option<CodeHash>,
        at: DateTime<Utc>,
    ) -> sqlx::Result<Found<Redeemable>> {
        self.codes.call(asked(client, code, at)).await
    }
}

fn asked<K>(client: &str, link: Option<K>, at: DateTime<Utc>) -> Asked<K> {
    let client = ClientId(client.to_owned());
    Asked { client, link, at }
}

struct Links(Kept);

impl Lane for Links {
    type Item = Asked<LinkId>;
    type Answer = Found<Refreshable>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Self::Item]) -> sqlx::Result<Vec<Self::Answer>> {
        let mut db = self.0.take().await?;
        let found = store::find_by_links(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}

struct Codes(Kept);

impl Lane for Codes {
    type Item = Asked<CodeHash>;
    type Answer = Found<Redeemable>;
    const EFFECT: Effect = Effect::Reads;

    async fn run(&mut self, asked: &[Self::Item]) -> sqlx::Result<Vec<Self::Answer>> {
        let mut db = self.0.take().await?;
        let found = store::find_by_codes(&mut *db, asked).await?;
        self.0.keep(db);
        Ok(found)
    }

    fn rest(&mut self) {
        self.0.release();
    }
}
