//! Links at rest. Every change of state is one conditional statement on one row, so that of any
//! number of requests on any number of nodes exactly one makes it.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{EndReason, LinkState, code::CodeHash};
use crate::foundation::{
    ids::{AccountId, ClientId, FlowId, LinkId},
    keys::KeyId,
};

/// What a person approved.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// A new random id.
    pub id: LinkId,
    /// The platform.
    pub client_id: ClientId,
    /// The person.
    pub account_id: AccountId,
    /// What was approved.
    pub scopes: Vec<String>,
    /// The flow it came from; a second approval of it finds this link.
    pub flow_id: FlowId,
    /// What the code is found by.
    pub code_hash: CodeHash,
    /// When it was approved.
    pub approved_at: DateTime<Utc>,
    /// When the code dies.
    pub code_expires_at: DateTime<Utc>,
    /// What the authorization request named.
    pub redirect_uri: String,
    /// What it challenged with.
    pub code_challenge: Option<String>,
}

/// Stores approved links, except those whose flow was approved before: gives the ids of the new ones.
///
/// The conflict names no index: two taps at once meet in the flow's and in the code's, and one that
/// is not named is an error. Rows go in by flow, so that two nodes that store the same flows wait
/// for each other one way only.
pub async fn insert_pending(
    db: impl PgExecutor<'_>,
    links: &[NewLink],
) -> sqlx::Result<Vec<LinkId>> {
    let each = |of: fn(&NewLink) -> Uuid| links.iter().map(of).collect::<Vec<_>>();
    let texts = |of: fn(&NewLink) -> String| links.iter().map(of).collect::<Vec<_>>();
    let times = |of: fn(&NewLink) -> DateTime<Utc>| links.iter().map(of).collect::<Vec<_>>();
    let hashes: Vec<_> = links.iter().map(|link| link.code_hash.0.to_vec()).collect();
    let challenges: Vec<_> = links
        .iter()
        .map(|link| link.code_challenge.clone())
        .collect();
    sqlx::query_scalar!(
        r#"insert into link (link_id, client_id, account_id, state, scopes, flow_id, code_hash,
               approved_at, code_expires_at, redirect_uri, code_challenge)
           select link_id, client_id, account_id, 'pending', string_to_array(scopes, ' '), flow_id, code_hash,
                  approved_at, code_expires_at, redirect_uri, code_challenge
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::bytea[],
                       $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[])
                as approved (link_id, client_id, account_id, scopes, flow_id, code_hash,
                             approved_at, code_expires_at, redirect_uri, code_challenge)
           order by flow_id
           on conflict do nothing
           returning link_id as "link_id: LinkId""#,
        &each(|link| link.id.0),
        &texts(|link| link.client_id.0.clone()),
        &each(|link| link.account_id.0),
        &texts(|link| link.scopes.join(" ")),
        &each(|link| link.flow_id.0),
        &hashes,
        &times(|link| link.approved_at),
        &times(|link| link.code_expires_at),
        &texts(|link| link.redirect_uri.clone()),
        &challenges as &[Option<String>],
    )
    .fetch_all(db)
    .await
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

/// A pending link whose code was found good.
#[derive(Debug, Clone, Copy)]
pub struct Activation {
    /// The link.
    pub link_id: LinkId,
    /// The key of its first refresh token, which is generation 1.
    pub refresh_key_id: KeyId,
    /// When it was redeemed.
    pub linked_at: DateTime<Utc>,
    /// When it dies without a refresh.
    pub idle_expires_at: DateTime<Utc>,
}

/// Makes pending links active: gives the ids of those that this call did. The others were redeemed
/// by somebody faster, are gone, or are held by another statement just now. No link may be named
/// twice.
pub async fn activate(db: impl PgExecutor<'_>, links: &[Activation]) -> sqlx::Result<Vec<LinkId>> {
    let ids: Vec<_> = links.iter().map(|link| link.link_id.0).collect();
    let keys: Vec<_> = links.iter().map(|link| link.refresh_key_id).collect();
    let linked: Vec<_> = links.iter().map(|link| link.linked_at).collect();
    let idle: Vec<_> = links.iter().map(|link| link.idle_expires_at).collect();
    sqlx::query_scalar!(
        r#"update link set state = 'active', linked_at = good.linked_at, refresh_key_id = good.refresh_key_id,
                  generation = 1, idle_expires_at = good.idle_expires_at
           from (select l.link_id, asked.refresh_key_id, asked.linked_at, asked.idle_expires_at
                 from unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::timestamptz[])
                      as asked (link_id, refresh_key_id, linked_at, idle_expires_at)
                 join link l on l.link_id = asked.link_id
                 where l.state = 'pending'
                 order by l.link_id
                 for no key update of l skip locked) good
           where link.link_id = good.link_id and link.state = 'pending'
           returning link.link_id as "link_id: LinkId""#,
        &ids,
        &keys,
        &linked,
        &idle,
    )
    .fetch_all(db)
    .await
}

/// The same for one link, waiting for whoever holds it. Whether this call did it.
pub async fn activate_alone(db: impl PgExecutor<'_>, link: Activation) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update link set state = 'active', linked_at = $3, refresh_key_id = $2, generation = 1, idle_expires_at = $4
         where link_id = $1 and state = 'pending'",
        link.link_id.0,
        link.refresh_key_id,
        link.linked_at,
        link.idle_expires_at,
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
/// being changed by somebody else is left for its next use: nobody waits for this. Those that were
/// used for the first time.
pub async fn note_uses(
    db: impl PgExecutor<'_>,
    uses: &[(LinkId, DateTime<Utc>)],
) -> sqlx::Result<Vec<(LinkId, DateTime<Utc>)>> {
    let (ids, times): (Vec<_>, Vec<_>) = uses.iter().map(|(id, at)| (id.0, *at)).unzip();
    let rows = sqlx::query!(
        r#"update link set last_used_at = due.at
         from (select l.link_id, used.at, l.last_used_at is null as first
               from unnest($1::uuid[], $2::timestamptz[]) as used (link_id, at) join link l on l.link_id = used.link_id
               where l.last_used_at is null or l.last_used_at < used.at - interval '1 hour'
               for no key update of l skip locked) due
         where link.link_id = due.link_id
         returning link.link_id as "link_id: LinkId", due.at as "at!", due.first as "first!""#,
        &ids,
        &times,
    )
    .fetch_all(db)
    .await?;
    let first = rows.into_iter().filter(|row| row.first);
    Ok(first.map(|row| (row.link_id, row.at)).collect())
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

/// A link that a statement ended.
#[derive(Debug, Clone)]
pub struct EndedLink {
    /// The link.
    pub link_id: LinkId,
    /// Whose it was.
    pub account_id: AccountId,
    /// At which client.
    pub client_id: ClientId,
}

/// Ends the idle ones among the links whose id begins with this byte. An index by idle expiry would
/// have to be written at every refresh; ids are random, so each byte is an equal part of all links.
/// Those that a chat made live by their uses.
pub async fn end_idle(
    db: impl PgExecutor<'_>,
    first_byte: u8,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    let least = u128::from(first_byte) << 120;
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $3, end_reason = 'idle'
           where link_id in (
               select link_id from link
               where link_id between $1 and $2 and state = 'active' and idle_expires_at <= $3
                 and not exists (
                     select from chatbot_user u join client c using (client_id)
                     where u.link_id = link.link_id
                       and link.last_used_at + make_interval(secs => c.refresh_idle_seconds) > $3)
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
