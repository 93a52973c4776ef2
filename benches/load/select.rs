//! The reads of the bare handlers: one statement for one request, as a server without shared
//! statements would write them, with every column decoded.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
#[expect(dead_code, reason = "decoding the columns is what is measured")]
struct LinkRow {
    link_client_id: String,
    state: String,
    scopes: Vec<String>,
    access_epoch: i32,
    token_audience: Option<String>,
    linked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    client_enabled: bool,
    account_enabled: bool,
    account_id: Uuid,
    external_id: Option<String>,
    email: String,
    name: String,
    locale: String,
    attributes: Json<Map<String, Value>>,
}

#[derive(sqlx::FromRow)]
#[expect(dead_code, reason = "decoding the columns is what is measured")]
struct CallRow {
    token_places: Vec<String>,
    refusal_answer: String,
    relink_sentence: String,
    busy_sentence: String,
    template: String,
    json_string: bool,
    #[sqlx(flatten)]
    link: LinkRow,
}

#[derive(sqlx::FromRow)]
#[expect(dead_code, reason = "decoding the columns is what is measured")]
struct AskedRow {
    extension_id: Option<String>,
    cek_public_key: Option<String>,
    cek_unsigned: bool,
    cek_answer: String,
    cek_language: String,
    cek_speech: String,
    relink_sentence: String,
    busy_sentence: String,
    #[sqlx(flatten)]
    link: LinkRow,
}

/// Whether there is such a link.
pub async fn link(db: &PgPool, link: Uuid) -> sqlx::Result<bool> {
    let found: Option<LinkRow> = sqlx::query_as(
        "select l.client_id as link_client_id, l.state::text, l.scopes, l.access_epoch, c.token_audience,
                l.linked_at, l.last_used_at, c.disabled_at is null as client_enabled,
                a.disabled_at is null as account_enabled, a.account_id, a.external_id, a.email, a.name, a.locale,
                a.attributes
         from link l join account a using (account_id) join client c on c.client_id = l.client_id
         where l.link_id = $1",
    )
    .bind(link)
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Whether there are such actions and such a link.
pub async fn called(db: &PgPool, client: &str, actions: &[&str], link: Uuid) -> sqlx::Result<bool> {
    let found: Vec<CallRow> = sqlx::query_as(
        "select c.token_places, c.refusal_answer::text, c.relink_sentence, c.busy_sentence,
                c.disabled_at is null as client_enabled, c.token_audience, a.template, a.json_string,
                l.client_id as link_client_id, l.state::text, l.scopes, l.access_epoch, l.linked_at, l.last_used_at,
                p.account_id, p.disabled_at is null as account_enabled, p.external_id, p.email, p.name, p.locale,
                p.attributes
         from client c
         join action a on a.client_id = c.client_id and a.name = any($2)
         join (link l join account p using (account_id)) on l.link_id = $3
         where c.client_id = $1",
    )
    .bind(client)
    .bind(actions)
    .bind(link)
    .fetch_all(db)
    .await?;
    Ok(found.len() == actions.len())
}

/// Whether there are such an extension and such a link.
pub async fn asked(db: &PgPool, client: &str, link: Uuid) -> sqlx::Result<bool> {
    let found: Option<AskedRow> = sqlx::query_as(
        "select c.extension_id, c.cek_public_key, c.cek_unsigned, c.cek_answer::text, c.cek_language::text, c.cek_speech,
                c.relink_sentence, c.busy_sentence, c.disabled_at is null as client_enabled, c.token_audience,
                l.client_id as link_client_id, l.state::text, l.scopes, l.access_epoch, l.linked_at, l.last_used_at,
                p.account_id, p.disabled_at is null as account_enabled, p.external_id, p.email, p.name, p.locale,
                p.attributes
         from client c
         join (link l join account p using (account_id)) on l.link_id = $2
         where c.client_id = $1",
    )
    .bind(client)
    .bind(link)
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Whether there is such a chatbot, by which link and when it was used last, and whether it may speak.
type Asked = (bool, Option<Uuid>, Option<DateTime<Utc>>, bool);

/// Whether a chat user is connected.
pub async fn connected(
    db: &PgPool,
    client: &str,
    user: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let found: Option<Asked> = sqlx::query_as(
        "select c.chatbot_domain_code is not null, l.link_id, l.last_used_at,
                coalesce(c.disabled_at is null and c.chatbot_domain_code = 'bench' and l.state = 'active'
                    and a.disabled_at is null and greatest(l.idle_expires_at,
                        l.last_used_at + make_interval(secs => c.refresh_idle_seconds)) > $3, false)
         from client c
         left join (chatbot_user u join link l using (link_id) join account a using (account_id))
              on u.client_id = c.client_id and u.domain_code = 'bench' and u.platform = 'bench' and u.user_id = $2
         where c.client_id = $1",
    )
    .bind(client)
    .bind(user)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(found.is_some_and(|(_, _, _, valid)| valid))
}
