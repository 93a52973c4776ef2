//! What the console's start page asks. Every count goes through an index of one client, so that a
//! long history costs nothing.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::foundation::ids::{ClientId, LinkId};

/// How a client is doing.
#[derive(Debug, Clone)]
pub struct ClientCounts {
    /// The client.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// Its preset.
    pub preset: String,
    /// Whether it answers.
    pub enabled: bool,
    /// Links that work now.
    pub active: i64,
    /// Those of them that die of idleness soon.
    pub expiring: i64,
    /// Links whose code was redeemed lately.
    pub linked: i64,
    /// Links that people approved lately, and whose code nobody redeemed in its time.
    pub unredeemed: i64,
    /// Codes and refresh tokens of its links that were refused lately. Expired access tokens are daily
    /// business, and only in each link's history.
    pub refused: i64,
}

/// How each client is doing since then; a code older than `redeemable_after` is past redeeming, and
/// soon is until `idle_by`.
pub async fn list_client_counts(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    redeemable_after: DateTime<Utc>,
    idle_by: DateTime<Utc>,
) -> sqlx::Result<Vec<ClientCounts>> {
    sqlx::query_as!(
        ClientCounts,
        r#"select c.client_id as "client_id: ClientId", c.name, c.preset, c.disabled_at is null as "enabled!",
                  l.active as "active!", l.expiring as "expiring!",
                  (select count(*) from event e where e.client_id = c.client_id and e.happened_at > $1
                      and e.kind = 'link_redeemed') as "linked!",
                  (select count(*) from event e where e.client_id = c.client_id and e.happened_at > $1
                      and e.kind = 'link_approved' and e.happened_at < $2
                      and not exists (select from event r where r.link_id = e.link_id and r.kind = 'link_redeemed'))
                      as "unredeemed!",
                  (select coalesce(sum(e.times), 0) from event e where e.client_id = c.client_id and e.happened_at > $1
                      and e.kind in ('refused:code', 'refused:refresh')) as "refused!"
           from client c cross join lateral (
               select count(*) as active, count(*) filter (where idle_expires_at <= $3) as expiring
               from link where link.client_id = c.client_id and state = 'active') l
           order by "active!" desc, c.created_at desc"#,
        since,
        redeemable_after,
        idle_by,
    )
    .fetch_all(db)
    .await
}

/// One refused code or refresh token.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// When it was last refused.
    pub happened_at: DateTime<Utc>,
    /// What was refused.
    pub kind: String,
    /// How often within the hour.
    pub times: i32,
    /// Why.
    pub detail: String,
    /// Of which link.
    pub link_id: Option<LinkId>,
    /// The client's name.
    pub client_name: String,
}

/// The newest refusals since then, of all clients.
pub async fn list_refusals(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Refusal>> {
    sqlx::query_as!(
        Refusal,
        r#"select e.happened_at as "happened_at!", e.kind as "kind!", e.times as "times!", e.detail as "detail!",
                  e.link_id as "link_id: LinkId", c.name as client_name
           from client c cross join lateral (
               select * from event where event.client_id = c.client_id and kind in ('refused:code', 'refused:refresh') and happened_at > $1
               order by happened_at desc limit $2) e
           order by e.happened_at desc limit $2"#,
        since,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Whether anybody ever linked, as far back as links are kept.
pub async fn has_anybody_linked(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from link where linked_at is not null) as "linked!""#
    )
    .fetch_one(db)
    .await
}

/// The e-mail address of the newest enabled account, if there is any.
pub async fn newest_account(db: impl PgExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select email from account where disabled_at is null order by created_at desc limit 1"
    )
    .fetch_optional(db)
    .await
}
