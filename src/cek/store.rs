//! Extensions, and what is known of their users, at rest.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sqlx::{PgExecutor, types::Json};

use super::{
    extension::Extension,
    learned::{Fact, UserHash},
};
use crate::{
    client::cek::{CekAnswer, SpokenLanguage},
    foundation::ids::{AccountId, ClientId, LinkId},
    link::{LinkState, store::EndedLink},
    resolve::{Found, FoundAccount},
};

macro_rules! select_extensions {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Extension,
            r#"select client_id as "client_id: ClientId", extension_id,
                      coalesce(cek_public_key, (select k.public_key from platform_key k
                          where k.preset = client.preset and cek_fetch_key)) as public_key,
                      array(select t.public_key from cek_test_key t
                          where t.client_id = client.client_id and t.expires_at > $1
                          order by t.cek_test_key_id) as "test_keys!",
                      cek_unsigned as take_unsigned, cek_answer as "answer: CekAnswer",
                      cek_language as "language: SpokenLanguage", cek_speech as speech, relink_sentence, busy_sentence
               from client "# + $rest
            $(, $argument)*
        )
    };
}

/// What every client's requests are checked with and answered by.
pub async fn list_extensions(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Extension>> {
    select_extensions!("", now).fetch_all(db).await
}

/// The same of one client.
pub async fn find_extension(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Extension>> {
    select_extensions!("where client_id = $2", now, client.as_str())
        .fetch_optional(db)
        .await
}

/// An extension, and the link of that id, whosever it is.
pub async fn find_asked(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    link: LinkId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Extension, Option<Found>)>> {
    let row = sqlx::query_as!(
        AskedRow,
        r#"select c.client_id as "client_id: ClientId", c.extension_id,
                  coalesce(c.cek_public_key, (select k.public_key from platform_key k
                      where k.preset = c.preset and c.cek_fetch_key)) as public_key,
                  array(select t.public_key from cek_test_key t
                      where t.client_id = c.client_id and t.expires_at > $3
                      order by t.cek_test_key_id) as "test_keys!", c.cek_unsigned,
                  c.cek_answer as "cek_answer: CekAnswer", c.cek_language as "cek_language: SpokenLanguage",
                  c.cek_speech, c.relink_sentence, c.busy_sentence,
                  c.disabled_at is null as "client_enabled!", c.token_audience,
                  l.link_id as "link_id?: LinkId", l.client_id as "link_client_id?: ClientId",
                  l.state as "state?: LinkState", l.scopes as "scopes?", l.access_epoch as "access_epoch?",
                  l.linked_at, l.last_used_at, p.account_id as "account_id?: AccountId",
                  p.disabled_at is null as "account_enabled!", p.external_id, p.email as "email?",
                  p.name as "name?", p.locale as "locale?",
                  p.attributes as "attributes?: Json<Map<String, Value>>"
           from client c
           left join (link l join account p using (account_id)) on l.link_id = $2
           where c.client_id = $1"#,
        client.as_str(),
        link.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(AskedRow::taken_apart))
}

struct AskedRow {
    client_id: ClientId,
    extension_id: Option<String>,
    public_key: Option<String>,
    test_keys: Vec<String>,
    cek_unsigned: bool,
    cek_answer: CekAnswer,
    cek_language: SpokenLanguage,
    cek_speech: String,
    relink_sentence: String,
    busy_sentence: String,
    client_enabled: bool,
    token_audience: Option<String>,
    link_id: Option<LinkId>,
    link_client_id: Option<ClientId>,
    state: Option<LinkState>,
    scopes: Option<Vec<String>>,
    access_epoch: Option<i32>,
    linked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    account_id: Option<AccountId>,
    account_enabled: bool,
    external_id: Option<String>,
    email: Option<String>,
    name: Option<String>,
    locale: Option<String>,
    attributes: Option<Json<Map<String, Value>>>,
}

impl AskedRow {
    fn taken_apart(mut self) -> (Extension, Option<Found>) {
        let extension = Extension {
            client_id: self.client_id.clone(),
            extension_id: self.extension_id.take(),
            public_key: self.public_key.take(),
            test_keys: std::mem::take(&mut self.test_keys),
            take_unsigned: self.cek_unsigned,
            answer: self.cek_answer,
            language: self.cek_language,
            speech: std::mem::take(&mut self.cek_speech),
            relink_sentence: std::mem::take(&mut self.relink_sentence),
            busy_sentence: std::mem::take(&mut self.busy_sentence),
        };
        (extension, self.found())
    }

    /// Whether the client asked at is enabled counts: no other's link is answered.
    fn found(self) -> Option<Found> {
        Some(Found {
            link_id: self.link_id?,
            client_id: self.link_client_id?,
            state: self.state?,
            scopes: self.scopes?,
            access_epoch: self.access_epoch?,
            token_audience: self.token_audience,
            linked_at: self.linked_at,
            last_used_at: self.last_used_at,
            client_enabled: self.client_enabled,
            account_enabled: self.account_enabled,
            account: FoundAccount {
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

/// Stores which users speak through which links, as far as those still live.
pub async fn insert_users(
    db: impl PgExecutor<'_>,
    facts: &[(Fact, DateTime<Utc>)],
) -> sqlx::Result<()> {
    let users: Vec<_> = facts.iter().map(|(fact, _)| fact.user.0.to_vec()).collect();
    let links: Vec<_> = facts.iter().map(|(fact, _)| fact.link_id.0).collect();
    let times: Vec<_> = facts.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "insert into cek_user (client_id, user_hash, link_id, learned_at)
         select l.client_id, learned.user_hash, l.link_id, learned.at
         from unnest($1::bytea[], $2::uuid[], $3::timestamptz[]) as learned (user_hash, link_id, at)
         join link l on l.link_id = learned.link_id
         where l.state = 'active'
         order by l.link_id
         on conflict do nothing",
        &users,
        &links,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Marks an event as seen. Whether it was new.
pub async fn insert_event(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    body_hash: [u8; 32],
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into cek_event (client_id, body_hash, seen_at) values ($1, $2, $3) on conflict do nothing",
        client.as_str(),
        body_hash.as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the links of a user that were made before then.
pub async fn end_links_of_user(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user: UserHash,
    made_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $4, end_reason = 'platform'
           where link_id in (select link_id from cek_user where client_id = $1 and user_hash = $2)
             and client_id = $1 and state <> 'ended' and linked_at < $3
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: ClientId""#,
        client.as_str(),
        user.0.as_slice(),
        made_before,
        now,
    )
    .fetch_all(db)
    .await
}

/// Forgets a user, but for links that live on.
pub async fn forget_user(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user: UserHash,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from cek_user u where client_id = $1 and user_hash = $2
             and not exists (select from link l where l.link_id = u.link_id and l.state = 'active')",
        client.as_str(),
        user.0.as_slice(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes events seen before then, what was learned of links that ended since, a thousand of each at
/// most, and test keys that have expired. Who comes later finds the rest gone with its link.
pub async fn delete_old(
    db: impl PgExecutor<'_> + Copy,
    seen_before: DateTime<Utc>,
    ended_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    sqlx::query!("delete from cek_test_key where expires_at <= $1", now)
        .execute(db)
        .await?;
    let events = sqlx::query!(
        "delete from cek_event where (client_id, body_hash) in (
             select client_id, body_hash from cek_event where seen_at < $1 limit 1000 for update skip locked)",
        seen_before,
    )
    .execute(db)
    .await?;
    let users = sqlx::query!(
        "delete from cek_user where link_id in (
             select u.link_id from link l join cek_user u using (link_id)
             where l.ended_at is not null and l.ended_at >= $1 limit 1000)",
        ended_since,
    )
    .execute(db)
    .await?;
    Ok(events.rows_affected().max(users.rows_affected()))
}

/// What is known of the key that a platform publishes.
#[derive(Debug, Clone)]
pub struct PlatformKey {
    /// When the one in use was fetched.
    pub fetched_at: Option<DateTime<Utc>>,
    /// When somebody tried last.
    pub tried_at: DateTime<Utc>,
    /// Why that failed; empty if it did not.
    pub failure: String,
}

/// The presets whose published key some client uses.
pub async fn list_presets_to_fetch(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select distinct preset from client
         where cek_fetch_key and cek_public_key is null and disabled_at is null order by preset"
    )
    .fetch_all(db)
    .await
}

/// Takes on fetching a key, if it is due and no other node did. Whether it is ours to do.
pub async fn claim_fetch(
    db: impl PgExecutor<'_>,
    preset: &str,
    (again, retry): (TimeDelta, TimeDelta),
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into platform_key (preset, tried_at) values ($1, $2)
         on conflict (preset) do update set tried_at = $2
         where platform_key.tried_at <= case
             when platform_key.fetched_at is not null and platform_key.failure = '' then $3::timestamptz else $4::timestamptz end",
        preset,
        now,
        now - again,
        now - retry,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps a key that was fetched. Whether it is another one than before.
pub async fn keep_fetched(
    db: impl PgExecutor<'_>,
    preset: &str,
    public_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"update platform_key k set public_key = $2, fetched_at = $3, failure = ''
           from (select public_key from platform_key where preset = $1) before
           where k.preset = $1
           returning before.public_key is distinct from $2 as "changed!""#,
        preset,
        public_key,
        now,
    )
    .fetch_one(db)
    .await
}

/// Notes why a key could not be fetched; the one of before stays.
pub async fn keep_failure(
    db: impl PgExecutor<'_>,
    preset: &str,
    failure: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update platform_key set failure = $2 where preset = $1",
        preset,
        failure,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What is known of a platform's key, if it was ever tried.
pub async fn find_platform_key(
    db: impl PgExecutor<'_>,
    preset: &str,
) -> sqlx::Result<Option<PlatformKey>> {
    sqlx::query_as!(
        PlatformKey,
        "select fetched_at, tried_at, failure from platform_key where preset = $1",
        preset,
    )
    .fetch_optional(db)
    .await
}
