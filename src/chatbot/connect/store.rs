//! What chatbots are to be told, at rest until they were.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::notice::NewNotice;
use crate::{
    foundation::{
        ids::{ClientId, LinkId},
        keys::SealedSecret,
    },
    link::chat_user::ChatUser,
};

/// Stores it, where the client has an address to tell it to and a key to sign it with.
pub async fn insert_notice(db: impl PgExecutor<'_>, notice: &NewNotice<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into chatbot_notice (client_id, link_id, domain_code, platform, user_id, nonce, made_at, due_at)
         select client_id, $2, $3, $4, $5, $6, $7, $7 from client
         where client_id = $1 and chatbot_invoke_url is not null and chatbot_secret is not null",
        notice.client.as_str(),
        notice.link.0,
        notice.user.domain_code,
        notice.user.platform,
        notice.user.user_id,
        notice.nonce,
        notice.made_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A notice that was taken to be sent.
#[derive(Debug, Clone)]
pub struct DueNotice {
    /// Names it.
    pub id: i64,
    /// The chatbot's client.
    pub client_id: ClientId,
    /// By which link somebody is connected.
    pub link_id: LinkId,
    /// Who is.
    pub user: ChatUser,
    /// What goes with it.
    pub nonce: String,
    /// Since when it waits.
    pub made_at: DateTime<Utc>,
    /// How often it was tried, this time among them.
    pub attempts: i32,
    /// Whether the link still is there to be told of.
    pub wanted: bool,
    /// Whether the client is enabled.
    pub client_enabled: bool,
    /// Where it goes.
    pub invoke_url: Option<String>,
    /// What signs it.
    pub secret: Option<SealedSecret>,
}

/// Takes what is due, so much at most; whatever becomes of whoever takes it, others leave it alone until
/// `lease_ends`.
pub async fn take_due(
    db: impl PgExecutor<'_>,
    most: i64,
    now: DateTime<Utc>,
    lease_ends: DateTime<Utc>,
) -> sqlx::Result<Vec<DueNotice>> {
    let rows = sqlx::query!(
        r#"with due as (
               select chatbot_notice_id from chatbot_notice where due_at <= $1
               order by due_at limit $3 for update skip locked
           ), taken as (
               update chatbot_notice n set due_at = $2, attempts = n.attempts + 1
               from due where n.chatbot_notice_id = due.chatbot_notice_id
               returning n.*
           )
           select t.chatbot_notice_id as id, t.client_id as "client_id: ClientId", t.link_id as "link_id: LinkId",
                  t.domain_code, t.platform, t.user_id, t.nonce, t.made_at, t.attempts,
                  l.state = 'active' as "wanted!", c.disabled_at is null as "client_enabled!",
                  c.chatbot_invoke_url as invoke_url, c.chatbot_secret as secret
           from taken t join client c using (client_id) join link l using (link_id)"#,
        now,
        lease_ends,
        most,
    )
    .fetch_all(db)
    .await?;
    let notices = rows.into_iter().map(|row| DueNotice {
        id: row.id,
        client_id: row.client_id,
        link_id: row.link_id,
        user: ChatUser {
            domain_code: row.domain_code,
            platform: row.platform,
            user_id: row.user_id,
        },
        nonce: row.nonce,
        made_at: row.made_at,
        attempts: row.attempts,
        wanted: row.wanted,
        client_enabled: row.client_enabled,
        invoke_url: row.invoke_url,
        secret: row.secret.map(SealedSecret::stored),
    });
    Ok(notices.collect())
}

/// The chatbot has heard it.
pub async fn note_delivered(
    db: impl PgExecutor<'_>,
    id: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (delete from chatbot_notice where chatbot_notice_id = $1 returning client_id)
         insert into chatbot_delivery (client_id, delivered_at) select client_id, $2 from gone
         on conflict (client_id) do update set delivered_at = excluded.delivered_at",
        id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It has to be tried again then, unless somebody else has taken it meanwhile.
pub async fn note_failed(
    db: impl PgExecutor<'_>,
    notice: &DueNotice,
    failure: &str,
    due_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update chatbot_notice set due_at = $3, failure = $4 where chatbot_notice_id = $1 and attempts = $2",
        notice.id,
        notice.attempts,
        due_at,
        failure,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It is tried no more. Whether this call gave it up.
pub async fn give_up(
    db: impl PgExecutor<'_>,
    notice: &DueNotice,
    failure: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with gone as (
             delete from chatbot_notice where chatbot_notice_id = $1 and attempts = $2 returning client_id)
         insert into chatbot_delivery (client_id, given_up_at, failure) select client_id, $3, $4 from gone
         on conflict (client_id) do update set given_up_at = excluded.given_up_at, failure = excluded.failure",
        notice.id,
        notice.attempts,
        now,
        failure,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Nobody has to be told any more.
pub async fn drop_notice(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from chatbot_notice where chatbot_notice_id = $1",
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How telling a client's chatbot goes.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    /// How many notices wait.
    pub waiting: i64,
    /// When the next of them is tried.
    pub next_at: Option<DateTime<Utc>>,
    /// Why the last try of one of them failed.
    pub waits_because: Option<String>,
    /// When the chatbot heard one last.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When one was given up last.
    pub given_up_at: Option<DateTime<Utc>>,
    /// And why.
    pub given_up_because: Option<String>,
}

/// How it goes now.
pub async fn find_deliveries(
    db: impl PgExecutor<'_>,
    client: &ClientId,
) -> sqlx::Result<Deliveries> {
    sqlx::query_as!(
        Deliveries,
        r#"select w.waiting as "waiting!", w.next_at, w.because as waits_because, d.delivered_at as "delivered_at?",
                  d.given_up_at as "given_up_at?", nullif(d.failure, '') as given_up_because
           from (select count(*) as waiting, min(due_at) as next_at,
                        (array_agg(failure order by attempts desc) filter (where failure <> ''))[1] as because
                 from chatbot_notice where client_id = $1) w
           left join chatbot_delivery d on d.client_id = $1"#,
        client.as_str(),
    )
    .fetch_one(db)
    .await
}
