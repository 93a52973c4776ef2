//! The hot path's one read.

use serde_json::{Map, Value};
use sqlx::{PgExecutor, types::Json};

use super::{Found, FoundAccount};
use crate::{
    foundation::ids::{AccountId, ClientId, LinkId},
    link::LinkState,
};

/// The link of that id with its account and client.
pub async fn find_link(db: impl PgExecutor<'_>, id: LinkId) -> sqlx::Result<Option<Found>> {
    let row = sqlx::query!(
        r#"select l.client_id as "client_id: ClientId", l.state as "state: LinkState", l.scopes, l.access_epoch,
                  l.linked_at, l.last_used_at, c.disabled_at is null as "client_enabled!",
                  a.disabled_at is null as "account_enabled!", a.account_id as "account_id: AccountId",
                  a.external_id, a.email, a.name, a.locale, a.attributes as "attributes: Json<Map<String, Value>>"
           from link l join account a using (account_id) join client c on c.client_id = l.client_id
           where l.link_id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Found {
        link_id: id,
        client_id: row.client_id,
        state: row.state,
        scopes: row.scopes,
        access_epoch: row.access_epoch,
        linked_at: row.linked_at,
        last_used_at: row.last_used_at,
        client_enabled: row.client_enabled,
        account_enabled: row.account_enabled,
        account: FoundAccount {
            id: row.account_id,
            external_id: row.external_id,
            email: row.email,
            name: row.name,
            locale: row.locale,
            attributes: row.attributes.0,
        },
    }))
}
