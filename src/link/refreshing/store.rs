//! Turns of links at rest: each moves a row on, if it still is as it was read.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::Turned;
use crate::foundation::{ids::LinkId, keys::KeyId};

/// Moves links on that still are as they were read: gives the ids of those. The others were changed
/// meanwhile, or are held by another statement just now. No link may be named twice.
pub async fn turn(db: impl PgExecutor<'_>, links: &[Turned]) -> sqlx::Result<Vec<LinkId>> {
    let numbers = |of: fn(&Turned) -> i32| links.iter().map(of).collect::<Vec<_>>();
    let ids: Vec<_> = links.iter().map(|link| link.link_id.0).collect();
    let keys: Vec<_> = links.iter().map(|link| link.refresh_key_id).collect();
    let confirmed_keys: Vec<_> = links.iter().map(|link| link.confirmed_key_id).collect();
    let times: Vec<_> = links.iter().map(|link| link.at).collect();
    let idle: Vec<_> = links.iter().map(|link| link.idle_expires_at).collect();
    sqlx::query_scalar!(
        r#"update link set generation = due.generation, confirmed = due.confirmed, confirmed_at = due.at,
                  refresh_key_id = due.refresh_key_id, confirmed_key_id = due.confirmed_key_id,
                  idle_expires_at = due.idle_expires_at
           from (select l.link_id, asked.generation, asked.confirmed, asked.at, asked.refresh_key_id,
                        asked.confirmed_key_id, asked.idle_expires_at
                 from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::timestamptz[],
                             $7::smallint[], $8::smallint[], $9::timestamptz[])
                      as asked (link_id, was_generation, was_confirmed, generation, confirmed, at,
                                refresh_key_id, confirmed_key_id, idle_expires_at)
                 join link l on l.link_id = asked.link_id
                 where l.state = 'active' and l.generation = asked.was_generation
                   and l.confirmed = asked.was_confirmed
                 order by l.link_id
                 for no key update of l skip locked) due
           where link.link_id = due.link_id
           returning link.link_id as "link_id: LinkId""#,
        &ids,
        &numbers(|link| link.was.issued),
        &numbers(|link| link.was.confirmed),
        &numbers(|link| link.becomes.issued),
        &numbers(|link| link.becomes.confirmed),
        &times,
        &keys,
        &confirmed_keys as &[Option<KeyId>],
        &idle,
    )
    .fetch_all(db)
    .await
}

/// The same for one link, waiting for whoever holds it. Whether it still was as it was read.
pub async fn turn_alone(db: impl PgExecutor<'_>, link: &Turned) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set generation = $2, confirmed = $3, confirmed_at = $4, refresh_key_id = $5, idle_expires_at = $6,
             confirmed_key_id = $9
         where link_id = $1 and state = 'active' and generation = $7 and confirmed = $8",
        link.link_id.0,
        link.becomes.issued,
        link.becomes.confirmed,
        link.at,
        link.refresh_key_id,
        link.idle_expires_at,
        link.was.issued,
        link.was.confirmed,
        link.confirmed_key_id,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets an active link live until then, if it would die before.
pub async fn keep_alive(
    db: impl PgExecutor<'_>,
    id: LinkId,
    idle_expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update link set idle_expires_at = $2 where link_id = $1 and state = 'active' and idle_expires_at < $2",
        id.0,
        idle_expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}
