//! The hot path's reads.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::{Found, FoundAccount};
use crate::{
    client::{Rotation, authenticate::Credentials},
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::KeyId,
    },
    link::{LinkState, refreshing::Refreshable},
};

struct Row {
    nth: i64,
    link_id: LinkId,
    client_id: ClientId,
    state: LinkState,
    scopes: Vec<String>,
    access_epoch: i32,
    token_audience: Option<String>,
    linked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    client_enabled: bool,
    account_enabled: bool,
    account_id: AccountId,
    external_id: Option<String>,
    email: String,
    name: String,
    locale: String,
    attributes: Json<Map<String, Value>>,
}

/// The links of those ids with their accounts and clients, in that order; `None` where there is none.
pub async fn find_links(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Option<Found>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.nth as "nth!", l.link_id as "link_id: LinkId", l.client_id as "client_id: ClientId",
                  l.state as "state: LinkState", l.scopes, l.access_epoch, c.token_audience, l.linked_at, l.last_used_at,
                  c.disabled_at is null as "client_enabled!", a.disabled_at is null as "account_enabled!",
                  a.account_id as "account_id: AccountId", a.external_id, a.email, a.name, a.locale,
                  a.attributes as "attributes: Json<Map<String, Value>>"
           from unnest($1::uuid[]) with ordinality as asked (link_id, nth)
           join link l using (link_id) join account a using (account_id)
           join client c on c.client_id = l.client_id"#,
        ids,
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<Option<Found>> = ids.iter().map(|_| None).collect();
    for row in rows {
        let nth = usize::try_from(row.nth - 1).unwrap_or(usize::MAX);
        if let Some(place) = found.get_mut(nth) {
            *place = Some(row.found());
        }
    }
    Ok(found)
}

impl Row {
    fn found(self) -> Found {
        Found {
            link_id: self.link_id,
            client_id: self.client_id,
            state: self.state,
            scopes: self.scopes,
            access_epoch: self.access_epoch,
            token_audience: self.token_audience,
            linked_at: self.linked_at,
            last_used_at: self.last_used_at,
            client_enabled: self.client_enabled,
            account_enabled: self.account_enabled,
            account: FoundAccount {
                id: self.account_id,
                external_id: self.external_id,
                email: self.email,
                name: self.name,
                locale: self.locale,
                attributes: self.attributes.0,
            },
        }
    }
}

/// Who asks about a token.
#[derive(Debug)]
pub struct Caller {
    /// What it must prove.
    pub credentials: Credentials,
    /// Whether it may ask about other clients' tokens.
    pub introspect_all: bool,
}

/// The link of a token that is asked about.
#[derive(Debug)]
pub struct Introspected {
    /// As an access token finds it.
    pub found: Found,
    /// As a refresh token finds it.
    pub refreshable: Option<Refreshable>,
    /// Whether the link's client has a secret.
    pub confidential: bool,
    /// How that client's refresh tokens change.
    pub rotation: Rotation,
}

struct IntrospectionRow {
    confidential: bool,
    disabled_at: Option<DateTime<Utc>>,
    introspect_all: bool,
    secret_hashes: Vec<Vec<u8>>,
    jwks: Option<String>,
    link_id: Option<LinkId>,
    client_id: Option<ClientId>,
    owner_confidential: Option<bool>,
    owner_rotation: Option<Rotation>,
    owner_disabled_at: Option<DateTime<Utc>>,
    token_audience: Option<String>,
    state: Option<LinkState>,
    scopes: Option<Vec<String>>,
    access_epoch: Option<i32>,
    linked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    refresh_key_id: Option<KeyId>,
    generation: Option<i32>,
    confirmed: Option<i32>,
    confirmed_key_id: Option<KeyId>,
    confirmed_at: Option<DateTime<Utc>>,
    idle_expires_at: Option<DateTime<Utc>>,
    account_id: Option<AccountId>,
    account_disabled_at: Option<DateTime<Utc>>,
    external_id: Option<String>,
    email: Option<String>,
    name: Option<String>,
    locale: Option<String>,
    attributes: Option<Json<Map<String, Value>>>,
}

/// The client that asks and, if the token is genuine, the link it is about.
pub async fn find_for_introspection(
    db: impl PgExecutor<'_>,
    caller: &str,
    link: Option<LinkId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Caller, Option<Introspected>)>> {
    let row = sqlx::query_as!(
        IntrospectionRow,
        r#"select c.confidential, c.disabled_at, c.introspect_all, c.jwks,
                  array(select secret_hash from client_secret s where s.client_id = c.client_id
                        and (s.expires_at is null or s.expires_at > $3)) as "secret_hashes!",
                  l.link_id as "link_id?: LinkId", l.client_id as "client_id?: ClientId",
                  o.confidential as "owner_confidential?", o.rotation as "owner_rotation?: Rotation",
                  o.disabled_at as owner_disabled_at, o.token_audience, l.state as "state?: LinkState", l.scopes as "scopes?",
                  l.access_epoch as "access_epoch?", l.linked_at, l.last_used_at,
                  l.refresh_key_id as "refresh_key_id?: KeyId", l.generation as "generation?",
                  l.confirmed as "confirmed?", l.confirmed_key_id as "confirmed_key_id?: KeyId", l.confirmed_at, l.idle_expires_at,
                  a.account_id as "account_id?: AccountId", a.disabled_at as account_disabled_at, a.external_id,
                  a.email as "email?", a.name as "name?", a.locale as "locale?",
                  a.attributes as "attributes?: Json<Map<String, Value>>"
           from client c
           left join (link l join account a using (account_id) join client o on o.client_id = l.client_id)
             on l.link_id = $2
           where c.client_id = $1"#,
        caller,
        link.map(|id| id.0),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|mut row| {
        let caller = Caller {
            credentials: Credentials {
                confidential: row.confidential,
                disabled: row.disabled_at.is_some(),
                secret_hashes: std::mem::take(&mut row.secret_hashes),
                jwks: row.jwks.take(),
            },
            introspect_all: row.introspect_all,
        };
        (caller, row.introspected())
    }))
}

impl IntrospectionRow {
    fn introspected(self) -> Option<Introspected> {
        let refreshable = self.refreshable();
        Some(Introspected {
            refreshable,
            confidential: self.owner_confidential?,
            rotation: self.owner_rotation?,
            found: Found {
                link_id: self.link_id?,
                client_id: self.client_id?,
                state: self.state?,
                scopes: self.scopes?,
                access_epoch: self.access_epoch?,
                token_audience: self.token_audience,
                linked_at: self.linked_at,
                last_used_at: self.last_used_at,
                client_enabled: self.owner_disabled_at.is_none(),
                account_enabled: self.account_disabled_at.is_none(),
                account: FoundAccount {
                    id: self.account_id?,
                    external_id: self.external_id,
                    email: self.email?,
                    name: self.name?,
                    locale: self.locale?,
                    attributes: self.attributes?.0,
                },
            },
        })
    }

    fn refreshable(&self) -> Option<Refreshable> {
        Some(Refreshable {
            link_id: self.link_id?,
            client_id: self.client_id.clone()?,
            account_id: self.account_id?,
            state: self.state?,
            scopes: self.scopes.clone()?,
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
