//! The recorder's switch and its calls.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, types::Json};

use super::{KEPT_FOR, MOST_CALLS, RecordedCall};
use crate::{
    foundation::ids::{ClientId, LinkId},
    link::LinkState,
};

/// A call that is kept.
#[derive(Debug, Clone)]
pub struct KeptCall {
    /// Names it.
    pub id: i64,
    /// When it came.
    pub recorded_at: DateTime<Utc>,
    /// What it was.
    pub call: Json<RecordedCall>,
}

/// A link, as far as the recorder tells of it.
#[derive(Debug, Clone)]
pub struct LinkOfClient {
    /// The link.
    pub link_id: LinkId,
    /// Whose it is.
    pub account_name: String,
    /// Where it stands.
    pub state: LinkState,
}

/// Records the client's calls until then.
pub async fn switch_on(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    ends_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into recording (client_id, ends_at) values ($1, $2)
         on conflict (client_id) do update set ends_at = excluded.ends_at",
        client.as_str(),
        ends_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Records no more. Whether it did.
pub async fn switch_off(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from recording where client_id = $1",
        client.as_str()
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Until when the client's calls are recorded, if they are.
pub async fn find_recording(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select ends_at from recording where client_id = $1 and ends_at > $2",
        client.as_str(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// Keeps a call and lets go of all but the newest, while the client's calls are recorded. Whether they
/// are.
pub async fn keep_call(
    db: &PgPool,
    client: &ClientId,
    call: &RecordedCall,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut transaction = db.begin().await?;
    // Calls that come at once queue up here, so that none of them leaves one too many.
    let on = sqlx::query_scalar!(
        r#"select true as "on!" from recording where client_id = $1 and ends_at > $2 for update"#,
        client.as_str(),
        now,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if on.is_none() {
        return Ok(false);
    }
    sqlx::query!(
        "insert into recorded_call (client_id, recorded_at, call) values ($1, $2, $3)",
        client.as_str(),
        now,
        Json(call) as _,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from recorded_call where client_id = $1 and recorded_call_id not in (
             select recorded_call_id from recorded_call where client_id = $1
             order by recorded_call_id desc limit $2)",
        client.as_str(),
        MOST_CALLS,
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(true)
}

/// The calls that are still to be seen, the newest first.
pub async fn list_calls(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<KeptCall>> {
    sqlx::query_as!(
        KeptCall,
        r#"select recorded_call_id as id, recorded_at, call as "call: Json<RecordedCall>" from recorded_call
           where client_id = $1 and recorded_at > $2 order by recorded_call_id desc"#,
        client.as_str(),
        now - KEPT_FOR,
    )
    .fetch_all(db)
    .await
}

/// Deletes the client's calls.
pub async fn delete_calls(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from recorded_call where client_id = $1",
        client.as_str()
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Deletes the calls whose hour is over, and switches that went off by themselves.
pub async fn delete_old(db: impl PgExecutor<'_> + Copy, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let calls = sqlx::query!(
        "delete from recorded_call where recorded_at <= $1",
        now - KEPT_FOR
    )
    .execute(db)
    .await?;
    sqlx::query!("delete from recording where ends_at <= $1", now)
        .execute(db)
        .await?;
    Ok(calls.rows_affected())
}

/// Those of the links that are the client's.
pub async fn list_links_of_client(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    links: &[LinkId],
) -> sqlx::Result<Vec<LinkOfClient>> {
    let ids: Vec<_> = links.iter().map(|link| link.0).collect();
    sqlx::query_as!(
        LinkOfClient,
        r#"select l.link_id as "link_id: LinkId", a.name as account_name, l.state as "state: LinkState"
           from link l join account a using (account_id) where l.link_id = any($1) and l.client_id = $2"#,
        &ids,
        client.as_str(),
    )
    .fetch_all(db)
    .await
}
