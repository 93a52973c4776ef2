//! The listing's one query.

use std::collections::HashMap;

use sqlx::PgExecutor;

use super::{Filter, ListedLink};
use crate::{
    foundation::ids::{AccountId, ClientId, LinkId},
    link::{EndReason, LinkState},
};

/// Links matching the filter, the newest first; at most `limit` after skipping `offset`.
pub async fn list_links(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<ListedLink>> {
    sqlx::query_as!(
        ListedLink,
        r#"select l.link_id as "link_id: LinkId", l.account_id as "account_id: AccountId", a.email as account_email,
                  a.name as account_name, l.client_id as "client_id: ClientId", c.name as client_name,
                  c.disabled_at is null as "client_enabled!", l.state as "state: LinkState", l.scopes, l.approved_at, l.linked_at,
                  l.last_used_at, l.confirmed_at as last_refreshed_at, l.idle_expires_at, l.ended_at,
                  l.end_reason as "end_reason: EndReason", u.domain_code as "chat_domain_code?",
                  u.platform as "chat_platform?", u.user_id as "chat_user_id?"
           from link l join account a using (account_id) join client c on c.client_id = l.client_id
           left join chatbot_user u on u.link_id = l.link_id
           where ($1::uuid is null or l.account_id = $1) and ($2::text is null or l.client_id = $2)
             and ($3::link_state is null or l.state = $3) and ($4::uuid is null or l.link_id = $4)
             and ($5 is not true or l.state <> 'ended')
             and ($8::timestamptz is null or (l.state = 'active' and l.idle_expires_at <= $8))
           order by l.approved_at desc, l.link_id limit $6 offset $7"#,
        filter.account.map(|id| id.0),
        filter.client.as_ref().map(ClientId::as_str),
        filter.state as Option<LinkState>,
        filter.link.map(|id| id.0),
        filter.alive,
        limit,
        offset,
        filter.idle_by,
    )
    .fetch_all(db)
    .await
}

/// The link of that id.
pub async fn find_listed(db: impl PgExecutor<'_>, id: LinkId) -> sqlx::Result<Option<ListedLink>> {
    let filter = Filter {
        link: Some(id),
        ..Filter::default()
    };
    Ok(list_links(db, &filter, 1, 0).await?.pop())
}

/// How many active links a client has.
pub async fn count_active_links(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from link where client_id = $1 and state = 'active'"#,
        client.as_str(),
    )
    .fetch_one(db)
    .await
}

/// How many active links each client has; a client without any is absent.
pub async fn count_active_links_by_client(
    db: impl PgExecutor<'_>,
) -> sqlx::Result<HashMap<ClientId, i64>> {
    let rows = sqlx::query!(
        r#"select client_id as "client_id: ClientId", count(*) as "count!" from link
           where state = 'active' group by client_id"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.client_id, row.count))
        .collect())
}
