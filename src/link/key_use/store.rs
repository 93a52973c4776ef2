//! What links say about keys. Only active ones count: nothing brings the others back.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::{
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::KeyId,
    },
    link::store::EndedLink,
};

/// Whether the key made the refresh token of one of these links, or the one before it, which the
/// platform may have to present again; of a link that does not say, any key may have.
pub(super) async fn names_key(
    db: impl PgExecutor<'_>,
    key: KeyId,
    first: LinkId,
    last: LinkId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from link where link_id between $2 and $3 and state = 'active'
               and (refresh_key_id = $1 or confirmed_key_id = $1 or (confirmed_key_id is null and confirmed > 0))
           ) as "exists!""#,
        key,
        first.0,
        last.0,
    )
    .fetch_one(db)
    .await
}

/// How many of these links each key made the refresh token of.
pub(super) async fn count_by_key(
    db: impl PgExecutor<'_>,
    first: LinkId,
    last: LinkId,
) -> sqlx::Result<Vec<(KeyId, i64)>> {
    let rows = sqlx::query!(
        r#"select refresh_key_id as "key_id!", count(*) as "links!" from link
           where link_id between $1 and $2 and state = 'active' group by refresh_key_id"#,
        first.0,
        last.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.key_id, row.links))
        .collect())
}

/// Ends those of these links whose refresh token one of the keys made.
pub(super) async fn end_under(
    db: impl PgExecutor<'_>,
    keys: &[KeyId],
    (first, last): (LinkId, LinkId),
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $4, end_reason = 'key_compromised'
           where link_id in (
               select link_id from link
               where link_id between $2 and $3 and state = 'active' and refresh_key_id = any($1)
               order by link_id for no key update)
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: ClientId""#,
        keys,
        first.0,
        last.0,
        now,
    )
    .fetch_all(db)
    .await
}

/// How many approved links wait for their code to be redeemed.
pub async fn count_pending(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from link where state = 'pending'"#)
        .fetch_one(db)
        .await
}

/// Ends the links whose code is not redeemed yet.
pub(super) async fn end_pending(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $1, end_reason = 'key_compromised'
           where link_id in (select link_id from link where state = 'pending' order by link_id for no key update)
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: ClientId""#,
        now,
    )
    .fetch_all(db)
    .await
}
