//! Chat users at rest.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::ChatUser;
use crate::foundation::{
    ids::{AccountId, ClientId, FlowId, LinkId},
    keys::KeyId,
};

/// A link as a chat makes it: the person approved, and there is no code to redeem.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// A new random id.
    pub id: LinkId,
    /// The chatbot's client.
    pub client_id: ClientId,
    /// The person.
    pub account_id: AccountId,
    /// What was approved.
    pub scopes: Vec<String>,
    /// The flow it came from.
    pub flow_id: FlowId,
    /// The key that its refresh tokens would have.
    pub refresh_key_id: KeyId,
    /// When it was approved.
    pub approved_at: DateTime<Utc>,
    /// When it dies unused.
    pub idle_expires_at: DateTime<Utc>,
}

/// Stores it, unless its flow made one before. Whether it did.
pub async fn insert_link(db: impl PgExecutor<'_>, link: &NewLink) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into link (link_id, client_id, account_id, state, scopes, flow_id, approved_at, linked_at,
             refresh_key_id, generation, idle_expires_at)
         values ($1, $2, $3, 'active', $4, $5, $6, $6, $7, 1, $8)
         on conflict do nothing",
        link.id.0,
        link.client_id.as_str(),
        link.account_id.0,
        &link.scopes,
        link.flow_id.0,
        link.approved_at,
        link.refresh_key_id,
        link.idle_expires_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets one request at a time connect this chat user, until the transaction ends.
pub async fn lock(db: &mut PgConnection, client: &ClientId, user: &ChatUser) -> sqlx::Result<()> {
    let ChatUser {
        domain_code,
        platform,
        user_id,
    } = user;
    let named = format!("{client}\n{domain_code}\n{platform}\n{user_id}");
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('linkgate.chat_user\n' || $1::text, 0))",
        named
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The link a chat user is connected by.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The link.
    pub link_id: LinkId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The flow it came from.
    pub flow_id: Option<FlowId>,
    /// Whether it has not ended, and was not forgotten for too long.
    pub lives: bool,
}

/// How a chat user is connected now.
pub async fn find_connected(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user: &ChatUser,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Connected>> {
    sqlx::query_as!(
        Connected,
        r#"select l.link_id as "link_id: LinkId", l.account_id as "account_id: AccountId",
                  l.flow_id as "flow_id: FlowId",
                  l.state = 'active' and greatest(l.idle_expires_at,
                      l.last_used_at + make_interval(secs => c.refresh_idle_seconds)) > $5 as "lives!"
           from chatbot_user u join link l using (link_id) join client c on c.client_id = u.client_id
           where u.client_id = $1 and u.domain_code = $2 and u.platform = $3 and u.user_id = $4"#,
        client.as_str(),
        user.domain_code,
        user.platform,
        user.user_id,
        now,
    )
    .fetch_optional(db)
    .await
}

/// Connects a chat user by that link; what connected it before does no longer.
pub async fn connect(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user: &ChatUser,
    link: LinkId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into chatbot_user (client_id, domain_code, platform, user_id, link_id, connected_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (client_id, domain_code, platform, user_id)
         do update set link_id = excluded.link_id, connected_at = excluded.connected_at",
        client.as_str(),
        user.domain_code,
        user.platform,
        user.user_id,
        link.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A question whether a chat user is connected.
#[derive(Debug, Clone)]
pub struct Question {
    /// The client that is asked.
    pub client: ClientId,
    /// The chat user.
    pub user: ChatUser,
    /// When.
    pub at: DateTime<Utc>,
}

/// A client that is asked about a chat user.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whether it connects chat users at all.
    pub connects: bool,
    /// The link, if there is one.
    pub link_id: Option<LinkId>,
    /// When a use of it was last written.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether it speaks for the chat user now.
    pub valid: bool,
}

/// What is known of several chat users, in one statement and in their order; `None` without such a
/// client.
pub async fn find_asked(
    db: impl PgExecutor<'_>,
    asked: &[Question],
) -> sqlx::Result<Vec<Option<Asked>>> {
    let texts = |of: fn(&Question) -> &str| {
        let texts = asked.iter().map(|one| of(one).to_owned());
        texts.collect::<Vec<_>>()
    };
    let times: Vec<_> = asked.iter().map(|one| one.at).collect();
    let rows = sqlx::query!(
        r#"select asked.nth as "nth!", c.chatbot_domain_code is not null as "connects!",
                  l.link_id as "link_id?: LinkId", l.last_used_at as "last_used_at?",
                  coalesce(c.disabled_at is null and c.chatbot_domain_code = asked.domain_code
                      and l.state = 'active' and a.disabled_at is null and greatest(l.idle_expires_at,
                          l.last_used_at + make_interval(secs => c.refresh_idle_seconds)) > asked.at, false) as "valid!"
           from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
                with ordinality as asked (client_id, domain_code, platform, user_id, at, nth)
           join client c on c.client_id = asked.client_id
           left join chatbot_user u on u.client_id = asked.client_id and u.domain_code = asked.domain_code
                and u.platform = asked.platform and u.user_id = asked.user_id
           left join link l on l.link_id = u.link_id
           left join account a on a.account_id = l.account_id"#,
        &texts(|one| one.client.as_str()),
        &texts(|one| &one.user.domain_code),
        &texts(|one| &one.user.platform),
        &texts(|one| &one.user.user_id),
        &times,
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<Option<Asked>> = asked.iter().map(|_| None).collect();
    for row in rows {
        let nth = usize::try_from(row.nth - 1).unwrap_or(usize::MAX);
        if let Some(place) = found.get_mut(nth) {
            *place = Some(Asked {
                connects: row.connects,
                link_id: row.link_id,
                last_used_at: row.last_used_at,
                valid: row.valid,
            });
        }
    }
    Ok(found)
}

/// Lets links of chats that were used live on, among those whose id begins with this byte: no token ever
/// refreshes them. Only those that would end soon, a thousand at most.
pub async fn slide_idle(
    db: impl PgExecutor<'_>,
    first_byte: u8,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let least = u128::from(first_byte) << 120;
    let done = sqlx::query!(
        "update link set idle_expires_at = due.until
         from (select l.link_id, l.last_used_at + make_interval(secs => c.refresh_idle_seconds) as until
               from link l join chatbot_user u using (link_id) join client c on c.client_id = l.client_id
               where l.link_id between $1 and $2 and l.state = 'active'
                 and l.idle_expires_at <= $3::timestamptz + interval '30 days'
                 and l.last_used_at + make_interval(secs => c.refresh_idle_seconds) > l.idle_expires_at
               limit 1000 for no key update of l skip locked) due
         where link.link_id = due.link_id",
        Uuid::from_u128(least),
        Uuid::from_u128(least | (u128::MAX >> 8)),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
