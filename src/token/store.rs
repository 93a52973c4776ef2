//! The token endpoint's reads: the client's credentials and the link, in one statement for all
//! requests that ask at once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    client::{Rotation, TokenAlgorithm, TokenFormat, authenticate::Credentials},
    foundation::{
        ids::{AccountId, ClientId, FlowId, LinkId},
        keys::{KeyId, KeyKind},
    },
    link::{LinkState, code::CodeHash, redemption::Redeemable, refreshing::Refreshable},
    protocol::pkce::CodeChallenge,
};

/// A client as the token endpoint needs it.
#[derive(Debug, Clone)]
pub struct TokenClient {
    /// Its id.
    pub id: ClientId,
    /// What it must prove.
    pub credentials: Credentials,
    /// How its refresh tokens change.
    pub rotation: Rotation,
    /// What signs its access tokens; `None` for opaque ones.
    pub signs_with: Option<KeyKind>,
    /// Whom its access tokens are for, beside this server.
    pub token_audience: Option<String>,
    /// How long its access tokens are good.
    pub access_lifetime: TimeDelta,
    /// How long its links live without a refresh.
    pub refresh_idle: TimeDelta,
}

/// What a request asks for: a client and, where what it presents names one, a link.
#[derive(Debug, Clone)]
pub struct Asked<K> {
    /// The client, as it names itself.
    pub client: ClientId,
    /// What the link is found by.
    pub link: Option<K>,
    /// When it is asked: a secret that has expired by then is none.
    pub at: DateTime<Utc>,
}

/// The client of that id, if there is one, and the link, if there is that.
pub type Found<L> = Option<(Arc<TokenClient>, Option<L>)>;

/// A row of a read that finds a client and maybe a link, whatever it finds that by.
trait Row {
    /// The link as it is found.
    type Link;
    /// Which request the row answers, from 1.
    fn nth(&self) -> i64;
    /// Takes the client out, if there is one. An unknown one has a row, too, with nothing in it: so it
    /// is read in the same time.
    fn client(&mut self, id: &ClientId) -> Option<TokenClient>;
    /// The link, if there is one.
    fn link(self) -> sqlx::Result<Option<Self::Link>>;
}

/// Declares such a row; [`select_with_client`] fills it.
macro_rules! row_with_client {
    ($row:ident is $link:ty { $($field:ident: $type:ty),* $(,)? } $read:expr) => {
        struct $row {
            nth: i64,
            confidential: Option<bool>,
            disabled_at: Option<DateTime<Utc>>,
            rotation: Option<Rotation>,
            token_format: Option<TokenFormat>,
            token_algorithm: Option<TokenAlgorithm>,
            token_audience: Option<String>,
            access_lifetime_seconds: Option<i32>,
            refresh_idle_seconds: Option<i32>,
            secret_hashes: Vec<Vec<u8>>,
            jwks: Option<String>,
            $($field: $type,)*
        }

        impl Row for $row {
            type Link = $link;

            fn nth(&self) -> i64 {
                self.nth
            }

            fn client(&mut self, id: &ClientId) -> Option<TokenClient> {
                let seconds = |number: i32| TimeDelta::seconds(i64::from(number));
                Some(TokenClient {
                    id: id.clone(),
                    credentials: Credentials {
                        confidential: self.confidential?,
                        disabled: self.disabled_at.is_some(),
                        secret_hashes: std::mem::take(&mut self.secret_hashes),
                        jwks: self.jwks.take(),
                    },
                    rotation: self.rotation?,
                    signs_with: self.token_format?.signs_with(self.token_algorithm?),
                    token_audience: self.token_audience.take(),
                    access_lifetime: seconds(self.access_lifetime_seconds?),
                    refresh_idle: seconds(self.refresh_idle_seconds?),
                })
            }

            fn link(self) -> sqlx::Result<Option<Self::Link>> {
                $read(self)
            }
        }
    };
}

/// A read of clients, named in `$1`, and of links `l` with their accounts `a`, in the order of
/// `asked`; of secrets those that are good at `$2`.
macro_rules! select_with_client {
    ($row:ident, $columns:literal, $rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            $row,
            r#"select asked.nth as "nth!", c.confidential as "confidential?", c.disabled_at,
                  c.rotation as "rotation?: Rotation", c.access_lifetime_seconds as "access_lifetime_seconds?",
                  c.refresh_idle_seconds as "refresh_idle_seconds?", c.token_audience, c.jwks,
                  c.token_format as "token_format?: TokenFormat",
                  c.token_algorithm as "token_algorithm?: TokenAlgorithm",
                  array(select secret_hash from client_secret s where s.client_id = c.client_id
                        and (s.expires_at is null or s.expires_at > $2)) as "secret_hashes!",
                  l.link_id as "link_id?: LinkId", l.client_id as "link_client_id?: ClientId",
                  l.account_id as "account_id?: AccountId", l.state as "state?: LinkState", l.scopes as "scopes?",
                  l.access_epoch as "access_epoch?", a.disabled_at as "account_disabled_at?", "#
                + $columns + " " + $rest,
            $($argument),*
        )
    };
}

row_with_client!(CodeRow is Redeemable {
    link_id: Option<LinkId>,
    link_client_id: Option<ClientId>,
    account_id: Option<AccountId>,
    state: Option<LinkState>,
    scopes: Option<Vec<String>>,
    access_epoch: Option<i32>,
    account_disabled_at: Option<DateTime<Utc>>,
    code_expires_at: Option<DateTime<Utc>>,
    redirect_uri: Option<String>,
    code_challenge: Option<String>,
    wrong_verifiers: Option<i16>,
    linked_at: Option<DateTime<Utc>>,
    flow_id: Option<FlowId>,
} CodeRow::redeemable);

row_with_client!(LinkRow is Refreshable {
    link_id: Option<LinkId>,
    link_client_id: Option<ClientId>,
    account_id: Option<AccountId>,
    state: Option<LinkState>,
    scopes: Option<Vec<String>>,
    access_epoch: Option<i32>,
    account_disabled_at: Option<DateTime<Utc>>,
    refresh_key_id: Option<KeyId>,
    generation: Option<i32>,
    confirmed: Option<i32>,
    confirmed_key_id: Option<KeyId>,
    confirmed_at: Option<DateTime<Utc>>,
    idle_expires_at: Option<DateTime<Utc>>,
} |row: LinkRow| Ok(row.refreshable()));

/// The client of each request and, if its code is known, the link it redeems.
pub async fn find_by_codes(
    db: impl PgExecutor<'_>,
    asked: &[Asked<CodeHash>],
) -> sqlx::Result<Vec<Found<Redeemable>>> {
    let hash = |one: &Asked<CodeHash>| one.link.map(|hash| hash.0.to_vec());
    let hashes: Vec<_> = asked.iter().map(hash).collect();
    let rows = select_with_client!(
        CodeRow,
        r#"l.code_expires_at as "code_expires_at?", l.redirect_uri as "redirect_uri?",
           l.code_challenge as "code_challenge?", l.wrong_verifiers as "wrong_verifiers?",
           l.linked_at as "linked_at?", l.flow_id as "flow_id?: FlowId""#,
        r#"from unnest($1::text[], $3::bytea[]) with ordinality as asked (client_id, code_hash, nth)
           left join client c on c.client_id = asked.client_id
           left join link l on l.code_hash = asked.code_hash
           left join account a on a.account_id = l.account_id"#,
        &clients(asked),
        last(asked),
        &hashes as &[Option<Vec<u8>>],
    )
    .fetch_all(db)
    .await?;
    in_order(asked, rows)
}

/// The client of each request and, where it was ever active, the link a genuine token names.
pub async fn find_by_links(
    db: impl PgExecutor<'_>,
    asked: &[Asked<LinkId>],
) -> sqlx::Result<Vec<Found<Refreshable>>> {
    let ids: Vec<_> = asked.iter().map(|one| one.link.map(|id| id.0)).collect();
    let rows = select_with_client!(
        LinkRow,
        r#"l.refresh_key_id as "refresh_key_id?: KeyId", l.generation as "generation?", l.confirmed as "confirmed?",
           l.confirmed_key_id as "confirmed_key_id?: KeyId", l.confirmed_at as "confirmed_at?",
           l.idle_expires_at as "idle_expires_at?""#,
        r#"from unnest($1::text[], $3::uuid[]) with ordinality as asked (client_id, link_id, nth)
           left join client c on c.client_id = asked.client_id
           left join link l on l.link_id = asked.link_id
           left join account a on a.account_id = l.account_id"#,
        &clients(asked),
        last(asked),
        &ids as &[Option<Uuid>],
    )
    .fetch_all(db)
    .await?;
    in_order(asked, rows)
}

fn clients<K>(asked: &[Asked<K>]) -> Vec<String> {
    asked.iter().map(|one| one.client.0.clone()).collect()
}

/// Of requests that share a statement, the last one says which secrets have expired.
fn last<K>(asked: &[Asked<K>]) -> DateTime<Utc> {
    asked.iter().map(|one| one.at).max().unwrap_or_default()
}

/// Each row in the place of the request that it answers; those of one client share it.
fn in_order<K, R: Row>(asked: &[Asked<K>], rows: Vec<R>) -> sqlx::Result<Vec<Found<R::Link>>> {
    let mut found: Vec<Found<R::Link>> = asked.iter().map(|_| None).collect();
    let mut known: Vec<Arc<TokenClient>> = Vec::new();
    for mut row in rows {
        let nth = usize::try_from(row.nth() - 1).unwrap_or(usize::MAX);
        let (Some(asked), Some(place)) = (asked.get(nth), found.get_mut(nth)) else {
            continue;
        };
        let same = known.iter().find(|client| client.id == asked.client);
        let client = same.cloned().or_else(|| {
            let client = Arc::new(row.client(&asked.client)?);
            known.push(client.clone());
            Some(client)
        });
        let link = row.link()?;
        *place = client.map(|client| (client, link));
    }
    Ok(found)
}

impl CodeRow {
    fn redeemable(self) -> sqlx::Result<Option<Redeemable>> {
        let challenge = self.code_challenge.as_deref();
        let challenge = challenge.map(str::parse::<CodeChallenge>).transpose();
        let code_challenge = challenge.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok((|| {
            Some(Redeemable {
                link_id: self.link_id?,
                client_id: self.link_client_id?,
                account_id: self.account_id?,
                state: self.state?,
                scopes: self.scopes?,
                code_expires_at: self.code_expires_at,
                redirect_uri: self.redirect_uri,
                code_challenge,
                wrong_verifiers: self.wrong_verifiers?,
                linked_at: self.linked_at,
                access_epoch: self.access_epoch?,
                flow_id: self.flow_id,
                account_enabled: self.account_disabled_at.is_none(),
            })
        })())
    }
}

impl LinkRow {
    fn refreshable(self) -> Option<Refreshable> {
        Some(Refreshable {
            link_id: self.link_id?,
            client_id: self.link_client_id?,
            account_id: self.account_id?,
            state: self.state?,
            scopes: self.scopes?,
            refresh_key_id: self.refresh_key_id?,
            generation: self.generation?,
            confirmed: self.confirmed?,
            confirmed_key_id: self.confirmed_key_id,
            confirmed_at: self.confirmed_at,
            access_epoch: self.access_epoch?,
            idle_expires_at: self.idle_expires_at?,
            account_enabled: self.account_disabled_at.is_none(),
        })
    }
}
