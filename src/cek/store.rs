//! Extensions, and what is known of their users, at rest.

use std::mem;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::{
    extension::Extension,
    learned::{Fact, REMEMBERED, UserHash},
};
use crate::{
    client::cek::{CekAnswer, SpokenLanguage},
    foundation::ids::{AccountId, ClientId, LinkId},
    link::store::EndedLink,
    resolve::{
        self,
        store::{row_with_link, select_with_link},
    },
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

/// What is asked for with one request: an extension, and the link of its token.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose extension.
    pub client: ClientId,
    /// The link.
    pub link: LinkId,
    /// When it is asked.
    pub now: DateTime<Utc>,
}

/// The extension, and the link if there is one, whosever it is.
pub type Found = (Extension, Option<resolve::Found>);

row_with_link!(AskedRow {
    nth: i64,
    asked_client: ClientId,
    extension_id: Option<String>,
    public_key: Option<String>,
    test_keys: Vec<String>,
    take_unsigned: bool,
    answer: CekAnswer,
    language: SpokenLanguage,
    speech: String,
    relink_sentence: String,
    busy_sentence: String,
});

/// What several requests ask for, in one statement and in their order. `None` without such a client.
pub async fn find_asked(
    db: impl PgExecutor<'_>,
    asked: &[Asked],
) -> sqlx::Result<Vec<Option<Found>>> {
    let clients: Vec<_> = asked.iter().map(|one| one.client.0.clone()).collect();
    let links: Vec<_> = asked.iter().map(|one| one.link.0).collect();
    let times: Vec<_> = asked.iter().map(|one| one.now).collect();
    let rows = select_with_link!(
        AskedRow,
        r#"asked.nth as "nth!", c.client_id as "asked_client!: ClientId", c.extension_id,
                  coalesce(c.cek_public_key, (select k.public_key from platform_key k
                      where k.preset = c.preset and c.cek_fetch_key)) as public_key,
                  array(select t.public_key from cek_test_key t
                      where t.client_id = c.client_id and t.expires_at > asked.at
                      order by t.cek_test_key_id) as "test_keys!", c.cek_unsigned as "take_unsigned!",
                  c.cek_answer as "answer!: CekAnswer", c.cek_language as "language!: SpokenLanguage",
                  c.cek_speech as "speech!", c.relink_sentence as "relink_sentence!",
                  c.busy_sentence as "busy_sentence!""#,
        r#"from unnest($1::text[], $2::uuid[], $3::timestamptz[]) with ordinality
                as asked (client_id, link_id, at, nth)
           join client c on c.client_id = asked.client_id
           left join (link l join account p using (account_id)) on l.link_id = asked.link_id"#,
        &clients,
        &links,
        &times,
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<_> = asked.iter().map(|_| None).collect();
    for row in rows {
        let nth = usize::try_from(row.nth - 1).unwrap_or(usize::MAX);
        if let Some(place) = found.get_mut(nth) {
            *place = Some(row.taken_apart());
        }
    }
    Ok(found)
}

impl AskedRow {
    fn taken_apart(mut self) -> Found {
        let extension = Extension {
            client_id: self.asked_client.clone(),
            extension_id: self.extension_id.take(),
            public_key: self.public_key.take(),
            test_keys: mem::take(&mut self.test_keys),
            take_unsigned: self.take_unsigned,
            answer: self.answer,
            language: self.language,
            speech: mem::take(&mut self.speech),
            relink_sentence: mem::take(&mut self.relink_sentence),
            busy_sentence: mem::take(&mut self.busy_sentence),
        };
        (extension, self.found())
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
           where link_id in (
               select l.link_id from cek_user u join link l using (link_id)
               where u.client_id = $1 and u.user_hash = $2
                 and l.client_id = $1 and l.state <> 'ended' and l.linked_at < $3
               order by l.link_id for no key update of l)
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

/// Remembers that a user disabled the extension; of several times the last one counts.
pub async fn note_disabled(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user: UserHash,
    disabled_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into cek_disabled (client_id, user_hash, disabled_at, seen_at) values ($1, $2, $3, $4)
         on conflict (client_id, user_hash) do update set seen_at = excluded.seen_at,
             disabled_at = greatest(cek_disabled.disabled_at, excluded.disabled_at)",
        client.as_str(),
        user.0.as_slice(),
        disabled_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends what these users spoke through before they disabled the extension, and is known only now.
pub async fn end_links_learned_late(
    db: impl PgExecutor<'_>,
    users: &[(&ClientId, UserHash)],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<EndedLink>> {
    let clients: Vec<_> = users.iter().map(|(client, _)| client.0.clone()).collect();
    let hashes: Vec<_> = users.iter().map(|(_, user)| user.0.to_vec()).collect();
    sqlx::query_as!(
        EndedLink,
        r#"update link set state = 'ended', ended_at = $3, end_reason = 'platform'
           where link_id in (
               select l.link_id
               from unnest($1::text[], $2::bytea[]) as told (client_id, user_hash)
               join cek_disabled d using (client_id, user_hash)
               join cek_user u using (client_id, user_hash)
               join link l on l.link_id = u.link_id
               where l.linked_at < d.disabled_at and l.state <> 'ended'
               order by l.link_id for no key update of l)
           returning link_id as "link_id: LinkId", account_id as "account_id: AccountId",
                     client_id as "client_id: ClientId""#,
        &clients,
        &hashes,
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
/// most, and what has had its time. Who comes later finds the rest gone with its link.
pub async fn delete_old(
    db: impl PgExecutor<'_> + Copy,
    seen_before: DateTime<Utc>,
    ended_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    sqlx::query!("delete from cek_test_key where expires_at <= $1", now)
        .execute(db)
        .await?;
    let told_before = now - REMEMBERED;
    sqlx::query!("delete from cek_disabled where seen_at < $1", told_before)
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
