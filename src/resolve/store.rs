//! The hot path's reads.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::Found;
use crate::{
    client::{Rotation, authenticate::Credentials},
    foundation::{
        ids::{ClientId, LinkId},
        keys::KeyId,
    },
    link::refreshing::Refreshable,
};

/// An account's attributes as they are read.
pub(crate) type Attributes = Json<Map<String, Value>>;

/// Declares the row of a read that also finds a link with its account, whatever else it finds.
/// [`select_with_link`] fills it.
macro_rules! row_with_link {
    ($row:ident { $($field:ident: $type:ty),* $(,)? }) => {
        struct $row {
            $($field: $type,)*
            link_id: Option<$crate::foundation::ids::LinkId>,
            client_id: Option<$crate::foundation::ids::ClientId>,
            state: Option<$crate::link::LinkState>,
            scopes: Option<Vec<String>>,
            access_epoch: Option<i32>,
            token_audience: Option<String>,
            linked_at: Option<chrono::DateTime<chrono::Utc>>,
            last_used_at: Option<chrono::DateTime<chrono::Utc>>,
            client_enabled: bool,
            account_id: Option<$crate::foundation::ids::AccountId>,
            account_enabled: bool,
            external_id: Option<String>,
            email: Option<String>,
            name: Option<String>,
            locale: Option<String>,
            attributes: Option<$crate::resolve::store::Attributes>,
        }

        impl $row {
            /// The link, if there is one.
            fn found(self) -> Option<$crate::resolve::Found> {
                Some($crate::resolve::Found {
                    link_id: self.link_id?,
                    client_id: self.client_id?,
                    state: self.state?,
                    scopes: self.scopes?,
                    access_epoch: self.access_epoch?,
                    token_audience: self.token_audience,
                    linked_at: self.linked_at,
                    last_used_at: self.last_used_at,
                    client_enabled: self.client_enabled,
                    account_enabled: self.account_enabled,
                    account: $crate::resolve::FoundAccount {
                        id: self.account_id?,
                        external_id: self.external_id,
                        email: self.email?,
                        name: self.name?,
                        locale: self.locale?,
                        attributes: self.attributes?.0,
                    },
                })
            }
        }
    };
}

/// A read of some columns and of a link with its account: in its `from` clause the link is `l`, the
/// account `p`, and `c` the client that counts, the link's own or the one that only its own links are
/// answered at.
macro_rules! select_with_link {
    ($row:ident, $columns:literal, $rest:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            $row,
            "select " + $columns + r#",
                  l.link_id as "link_id?: crate::foundation::ids::LinkId",
                  l.client_id as "client_id?: crate::foundation::ids::ClientId",
                  l.state as "state?: crate::link::LinkState", l.scopes as "scopes?",
                  l.access_epoch as "access_epoch?", c.token_audience as "token_audience?",
                  l.linked_at as "linked_at?", l.last_used_at as "last_used_at?",
                  c.disabled_at is null as "client_enabled!",
                  p.account_id as "account_id?: crate::foundation::ids::AccountId",
                  p.disabled_at is null as "account_enabled!", p.external_id as "external_id?",
                  p.email as "email?", p.name as "name?", p.locale as "locale?",
                  p.attributes as "attributes?: crate::resolve::store::Attributes" "#
                + $rest
            $(, $argument)*
        )
    };
}

pub(crate) use {row_with_link, select_with_link};

row_with_link!(Row { nth: i64 });

/// The links of those ids with their accounts and clients, in that order; `None` where there is none.
pub async fn find_links(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Option<Found>>> {
    let rows = select_with_link!(
        Row,
        r#"asked.nth as "nth!""#,
        r#"from unnest($1::uuid[]) with ordinality as asked (link_id, nth)
           join link l using (link_id) join account p using (account_id)
           join client c on c.client_id = l.client_id"#,
        ids,
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<Option<Found>> = ids.iter().map(|_| None).collect();
    for row in rows {
        let nth = usize::try_from(row.nth - 1).unwrap_or(usize::MAX);
        if let Some(place) = found.get_mut(nth) {
            *place = row.found();
        }
    }
    Ok(found)
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

row_with_link!(IntrospectionRow {
    nth: i64,
    asker_confidential: bool,
    asker_disabled_at: Option<DateTime<Utc>>,
    introspect_all: bool,
    secret_hashes: Vec<Vec<u8>>,
    jwks: Option<String>,
    confidential: Option<bool>,
    rotation: Option<Rotation>,
    refresh_key_id: Option<KeyId>,
    generation: Option<i32>,
    confirmed: Option<i32>,
    confirmed_key_id: Option<KeyId>,
    confirmed_at: Option<DateTime<Utc>>,
    idle_expires_at: Option<DateTime<Utc>>,
});

/// A question about a token.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The client that asks, as it names itself.
    pub caller: ClientId,
    /// The link, if the token is genuine.
    pub link: Option<LinkId>,
    /// When it is asked: a secret that has expired by then is none.
    pub at: DateTime<Utc>,
}

/// Who asks, and the link if there is one.
pub type Introspection = (Caller, Option<Introspected>);

/// What several questions are about, in one statement and in their order; `None` where there is no
/// such client.
pub async fn find_for_introspection(
    db: impl PgExecutor<'_>,
    asked: &[Asked],
) -> sqlx::Result<Vec<Option<Introspection>>> {
    let callers: Vec<_> = asked.iter().map(|one| one.caller.0.clone()).collect();
    let links: Vec<_> = asked.iter().map(|one| one.link.map(|id| id.0)).collect();
    // Of questions that share the statement, the last one says which secrets have expired.
    let last = asked.iter().map(|one| one.at).max().unwrap_or_default();
    let rows = select_with_link!(
        IntrospectionRow,
        r#"asked.nth as "nth!", asker.confidential as "asker_confidential!", asker.disabled_at as asker_disabled_at,
                  asker.introspect_all as "introspect_all!", asker.jwks,
                  array(select secret_hash from client_secret s where s.client_id = asker.client_id
                        and (s.expires_at is null or s.expires_at > $3)) as "secret_hashes!",
                  c.confidential as "confidential?", c.rotation as "rotation?: Rotation",
                  l.refresh_key_id as "refresh_key_id?: KeyId", l.generation as "generation?",
                  l.confirmed as "confirmed?", l.confirmed_key_id as "confirmed_key_id?: KeyId",
                  l.confirmed_at as "confirmed_at?", l.idle_expires_at as "idle_expires_at?""#,
        r#"from unnest($1::text[], $2::uuid[]) with ordinality as asked (client_id, link_id, nth)
           join client asker on asker.client_id = asked.client_id
           left join (link l join account p using (account_id) join client c on c.client_id = l.client_id)
             on l.link_id = asked.link_id"#,
        &callers,
        &links as &[Option<Uuid>],
        last,
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<Option<Introspection>> = asked.iter().map(|_| None).collect();
    for row in rows {
        let nth = usize::try_from(row.nth - 1).unwrap_or(usize::MAX);
        if let Some(place) = found.get_mut(nth) {
            *place = Some(row.introspection());
        }
    }
    Ok(found)
}

impl IntrospectionRow {
    fn introspection(mut self) -> Introspection {
        let caller = Caller {
            credentials: Credentials {
                confidential: self.asker_confidential,
                disabled: self.asker_disabled_at.is_some(),
                secret_hashes: std::mem::take(&mut self.secret_hashes),
                jwks: self.jwks.take(),
            },
            introspect_all: self.introspect_all,
        };
        (caller, self.introspected())
    }

    fn introspected(self) -> Option<Introspected> {
        Some(Introspected {
            refreshable: self.refreshable(),
            confidential: self.confidential?,
            rotation: self.rotation?,
            found: self.found()?,
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
            account_enabled: self.account_enabled,
        })
    }
}
