//! Actions at rest, and the one read of a call.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::{
    action::{Action, CheckedAction},
    manner::{Manner, Sentences},
};
use crate::{
    client::RefusalAnswer,
    foundation::ids::{AccountId, ClientId, LinkId},
    link::LinkState,
    resolve::{Found, FoundAccount},
};

/// Saves an action, new or changed; `false` where there is no such client.
pub async fn save_action(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    action: &CheckedAction,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into action (client_id, name, template, json_string, updated_at)
         select client_id, $2, $3, $4, $5 from client where client_id = $1
         on conflict (client_id, name) do update set template = excluded.template,
             json_string = excluded.json_string, updated_at = excluded.updated_at",
        client.as_str(),
        action.name(),
        action.template(),
        action.json_string(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A client's actions by name.
pub async fn list_actions(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<Vec<Action>> {
    sqlx::query_as!(
        Action,
        "select name, template, json_string, updated_at from action where client_id = $1 order by name",
        client.as_str(),
    )
    .fetch_all(db)
    .await
}

/// One action of a client.
pub async fn find_action(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    name: &str,
) -> sqlx::Result<Option<Action>> {
    sqlx::query_as!(
        Action,
        "select name, template, json_string, updated_at from action where client_id = $1 and name = $2",
        client.as_str(),
        name,
    )
    .fetch_optional(db)
    .await
}

/// Deletes an action; `false` where there was none.
pub async fn delete_action(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    name: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from action where client_id = $1 and name = $2",
        client.as_str(),
        name,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What a call asks for, with the links its tokens may stand for.
pub struct Called {
    /// The client's token places, in its order.
    pub places: Vec<String>,
    /// How the action answers.
    pub manner: Arc<Manner>,
    /// The action's template.
    pub template: String,
    /// Those of the links asked for that exist, whosever they are.
    pub links: Vec<Found>,
}

struct Row {
    token_places: Vec<String>,
    refusal_answer: RefusalAnswer,
    relink_sentence: String,
    busy_sentence: String,
    client_enabled: bool,
    template: String,
    json_string: bool,
    link_id: Option<LinkId>,
    link_client_id: Option<ClientId>,
    state: Option<LinkState>,
    scopes: Option<Vec<String>>,
    access_epoch: Option<i32>,
    token_audience: Option<String>,
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

macro_rules! select_called {
    ($client:expr, $action:expr, $which:literal, $links:expr) => {
        sqlx::query_as!(
            Row,
            r#"select c.token_places, c.refusal_answer as "refusal_answer: RefusalAnswer", c.relink_sentence,
                      c.busy_sentence, c.disabled_at is null as "client_enabled!", c.token_audience, a.template, a.json_string,
                      l.link_id as "link_id?: LinkId", l.client_id as "link_client_id?: ClientId",
                      l.state as "state?: LinkState", l.scopes as "scopes?", l.access_epoch as "access_epoch?",
                      l.linked_at, l.last_used_at, p.account_id as "account_id?: AccountId",
                      p.disabled_at is null as "account_enabled!", p.external_id, p.email as "email?",
                      p.name as "name?", p.locale as "locale?",
                      p.attributes as "attributes?: Json<Map<String, Value>>"
               from client c
               join action a on a.client_id = c.client_id and a.name = $2
               left join (link l join account p using (account_id)) on l.link_id = "# + $which + r#"
               where c.client_id = $1"#,
            $client,
            $action,
            $links,
        )
    };
}

/// The action of a client and the links of those ids, in one statement. `None` without such a
/// client or action.
pub async fn find_called(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    action: &str,
    links: &[Uuid],
) -> sqlx::Result<Option<Called>> {
    // For a list of unknown length PostgreSQL makes a new plan with each call, which takes ten times
    // as long as following it; so the usual case of one token, or none, is a statement of its own.
    let client = client.as_str();
    let rows = match links {
        [] | [_] => {
            let link = links.first().copied().unwrap_or_default();
            let one = select_called!(client, action, "$3", link);
            one.fetch_all(db).await?
        }
        several => {
            let any = select_called!(client, action, "any($3)", several);
            any.fetch_all(db).await?
        }
    };
    let mut called = None;
    for mut row in rows {
        called
            .get_or_insert_with(|| row.called())
            .links
            .extend(row.found());
    }
    Ok(called)
}

impl Row {
    /// What is the same in every row.
    fn called(&mut self) -> Called {
        let sentences = Sentences::of(
            self.refusal_answer,
            std::mem::take(&mut self.relink_sentence),
            std::mem::take(&mut self.busy_sentence),
        );
        Called {
            places: std::mem::take(&mut self.token_places),
            manner: Arc::new(Manner {
                json_string: self.json_string,
                sentences,
            }),
            template: std::mem::take(&mut self.template),
            links: Vec::new(),
        }
    }

    /// The link of this row. Whether the client asked at is enabled counts: no other's is answered.
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
