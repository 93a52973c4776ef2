//! Links at rest. Every change of state is one conditional statement on one row, so that of any
//! number of requests on any number of nodes exactly one makes it.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{EndReason, LinkState, code::CodeHash, refreshing::Refreshable};
use crate::foundation::{
    ids::{AccountId, ClientId, FlowId, LinkId},
    keys::KeyId,
};

/// What a person approved.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// A new random id.
    pub id: LinkId,
    /// The platform.
    pub client_id: &'a ClientId,
    /// The person.
    pub account_id: AccountId,
    /// What was approved.
    pub scopes: &'a [String],
    /// The flow it came from; a second approval of it finds this link.
    pub flow_id: FlowId,
    /// What the code is found by.
    pub code_hash: CodeHash,
    /// When the code dies.
    pub code_expires_at: DateTime<Utc>,
    /// What the authorization request named.
    pub redirect_uri: &'a str,
    /// What it challenged with.
    pub code_challenge: Option<&'a str>,
}

/// Stores an approved link, unless its flow was approved before. Whether it is new.
///
/// The conflict names no index: two taps at once meet in the flow's and in the code's, and one that
/// is not named is an error.
pub async fn insert_pending(
    db: impl PgExecutor<'_>,
    link: &NewLink<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into link (link_id, client_id, account_id, state, scopes, flow_id, code_hash,
             code_expires_at, redirect_uri, code_challenge, approved_at)
         values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10)
         on conflict do nothing",
        link.id.0,
        link.client_id.as_str(),
        link.account_id.0,
        link.scopes,
        link.flow_id.0,
        link.code_hash.0.as_slice(),
        link.code_expires_at,
        link.redirect_uri,
        link.code_challenge,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of a flow that was approved before.
#[derive(Debug, Clone, Copy)]
pub struct ApprovedFlow {
    /// Who approved it.
    pub account_id: AccountId,
    /// Where its link stands.
    pub state: LinkState,
}

/// The link a flow led to.
pub async fn find_by_flow(
    db: impl PgExecutor<'_>,
    flow: FlowId,
) -> sqlx::Result<Option<ApprovedFlow>> {
    sqlx::query_as!(
        ApprovedFlow,
        r#"select account_id as "account_id: AccountId", state as "state: LinkState" from link where flow_id = $1"#,
        flow.0,
    )
    .fetch_optional(db)
    .await
}

/// Redeems a pending link whose code was found good: its first refresh token is generation 1 under
/// `key`. Whether this call did it; if not, another was faster or the link is gone.
pub async fn activate(
    db: impl PgExecutor<'_>,
    id: LinkId,
    key: KeyId,
    now: DateTime<Utc>,
    idle_expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set state = 'active', linked_at = $3, refresh_key_id = $2, generation = 1, idle_expires_at = $4
         where link_id = $1 and state = 'pending'",
        id.0,
        key,
        now,
        idle_expires_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a wrong verifier of a pending link; at `most` the link ends. Ended and not deleted, so
/// that posting the consent form again can't make the code anew. Whether this call ended it.
pub async fn count_wrong_verifier(
    db: impl PgExecutor<'_>,
    id: LinkId,
    most: i16,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query_scalar!(
        r#"update link set wrong_verifiers = wrong_verifiers + 1,
             state = case when wrong_verifiers + 1 >= $2::smallint then 'ended' else state end,
             ended_at = case when wrong_verifiers + 1 >= $2::smallint then $3::timestamptz end,
             end_reason = case when wrong_verifiers + 1 >= $2::smallint then 'wrong_verifier'::link_end end
         where link_id = $1 and state = 'pending'
         returning state = 'ended' as "ended!""#,
        id.0,
        most,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(ended.unwrap_or_default())
}

/// What a refresh leaves in the row.
#[derive(Debug, Clone, Copy)]
pub struct Refreshed {
    /// The generation presented.
    pub confirmed: i32,
    /// The generation issued.
    pub generation: i32,
    /// The key it was issued under.
    pub key: KeyId,
    /// When the link dies without another refresh.
    pub idle_expires_at: DateTime<Utc>,
}

/// Moves a link on, if it still is as it was read. Whether it was.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    read: &Refreshable,
    refreshed: Refreshed,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set generation = $2, confirmed = $3, confirmed_at = $4, refresh_key_id = $5, idle_expires_at = $6
         where link_id = $1 and state = 'active' and generation = $7 and confirmed = $8",
        read.link_id.0,
        refreshed.generation,
        refreshed.confirmed,
        now,
        refreshed.key,
        refreshed.idle_expires_at,
        read.generation,
        read.confirmed,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Kills all access tokens of a link that were issued in this epoch, unless that was done already.
/// Whether this call did it.
pub async fn raise_access_epoch(
    db: impl PgExecutor<'_>,
    id: LinkId,
    epoch: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set access_epoch = access_epoch + 1
         where link_id = $1 and state = 'active' and access_epoch = $2",
        id.0,
        epoch,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a link that has not ended. Whether this call did it.
pub async fn end(
    db: impl PgExecutor<'_>,
    id: LinkId,
    reason: EndReason,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set state = 'ended', ended_at = $3, end_reason = $2 where link_id = $1 and state <> 'ended'",
        id.0,
        reason as EndReason,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a link of that account. Whether there was one to end.
pub async fn end_own(
    db: impl PgExecutor<'_>,
    id: LinkId,
    account: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set state = 'ended', ended_at = $3, end_reason = 'account'
         where link_id = $1 and account_id = $2 and state <> 'ended'",
        id.0,
        account.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes when links were last used; at most once an hour a link, whatever is passed. A link that is
/// being changed by somebody else is left for its next use: nobody waits for this.
pub async fn note_uses(
    db: impl PgExecutor<'_>,
    uses: &[(LinkId, DateTime<Utc>)],
) -> sqlx::Result<()> {
    let (ids, times): (Vec<_>, Vec<_>) = uses.iter().map(|(id, at)| (id.0, *at)).unzip();
    sqlx::query!(
        "update link set last_used_at = due.at
         from (select l.link_id, used.at
               from unnest($1::uuid[], $2::timestamptz[]) as used (link_id, at) join link l on l.link_id = used.link_id
               where l.last_used_at is null or l.last_used_at < used.at - interval '1 hour'
               for no key update of l skip locked) due
         where link.link_id = due.link_id",
        &ids,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The most rows that one statement of the cleaner touches.
pub const CLEANED_AT_ONCE: u64 = 1000;

/// Deletes links that were never redeemed, and takes from redeemed ones what recognised a replay,
/// once that is `before`.
pub async fn forget_codes(
    db: impl PgExecutor<'_> + Copy,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "delete from link where link_id in (
             select link_id from link where code_expires_at < $1 and linked_at is null
             limit 1000 for update skip locked)",
        before,
    )
    .execute(db)
    .await?;
    let stripped = sqlx::query!(
        "update link set code_hash = null, code_challenge = null, flow_id = null, redirect_uri = null, code_expires_at = null
         where link_id in (
             select link_id from link where code_expires_at < $1 and linked_at < $1
             limit 1000 for no key update skip locked)",
        before,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected().max(stripped.rows_affected()))
}

/// A link that nobody refreshed for too long.
#[derive(Debug, Clone)]
pub struct IdleLink {
    /// The link.
    pub link_id: LinkId,
    /// Whose it was.
    pub account_id: AccountId,
    /// At which client.
    pub client_id: ClientId,
}

/// Ends the idle ones among the links whose id begins with this byte. An index by idle expiry would
/// have to be written at every refresh; ids are random, so each byte is an equal part of all links.
pub async fn end_idle(
    db: impl PgExecutor<'_>,
    first_byte: u8,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<IdleLink>> {
    let least = u128::from(first_byte) << 120;
    sqlx::query_as!(
        IdleLink,
        r#"update link set state = 'ended', ended_at = $3, end_reason = 'idle'
           where link_id in (
               select link_id from link
               where link_id between $1 and $2 and state = 'active' and idle_expires_at <= $3
               limit 1000 for no key update skip locked)
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: ClientId""#,
        Uuid::from_u128(least),
        Uuid::from_u128(least | (u128::MAX >> 8)),
        now,
    )
    .fetch_all(db)
    .await
}

/// Deletes what ended before then.
pub async fn delete_ended(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from link where link_id in (
             select link_id from link where ended_at < $1 limit 1000 for update skip locked)",
        before,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
