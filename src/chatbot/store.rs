//! Actions at rest, and the one read of a call.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::{
    action::{Action, CheckedAction},
    manner::{Manner, Sentences},
    user_variable::UserVariable,
};
use crate::{
    client::{RefusalAnswer, token_place::TokenPlace},
    foundation::ids::{ClientId, LinkId},
    resolve::{
        Found,
        store::{row_with_link, select_with_link},
    },
    template::{InvalidTemplate, Template},
};

/// Saves an action, new or changed; `false` where there is no such client.
pub async fn save_action(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    action: &CheckedAction,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into action (client_id, name, template, json_string, user_variable, updated_at)
         select client_id, $2, $3, $4, $5, $6 from client where client_id = $1
         on conflict (client_id, name) do update set template = excluded.template,
             json_string = excluded.json_string, user_variable = excluded.user_variable,
             updated_at = excluded.updated_at",
        client.as_str(),
        action.name(),
        action.template(),
        action.json_string(),
        action.user_variable().map(Json) as Option<Json<&UserVariable>>,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

struct ActionRow {
    name: String,
    template: String,
    json_string: bool,
    user_variable: Option<Json<UserVariable>>,
    updated_at: DateTime<Utc>,
}

impl From<ActionRow> for Action {
    fn from(row: ActionRow) -> Self {
        Self {
            name: row.name,
            template: row.template,
            json_string: row.json_string,
            user_variable: row.user_variable.map(|variable| variable.0),
            updated_at: row.updated_at,
        }
    }
}

/// A client's actions by name.
pub async fn list_actions(db: impl PgExecutor<'_>, client: &ClientId) -> sqlx::Result<Vec<Action>> {
    let rows = sqlx::query_as!(
        ActionRow,
        r#"select name, template, json_string, user_variable as "user_variable: Json<UserVariable>", updated_at
           from action where client_id = $1 order by name"#,
        client.as_str(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Action::from).collect())
}

/// One action of a client.
pub async fn find_action(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    name: &str,
) -> sqlx::Result<Option<Action>> {
    let row = sqlx::query_as!(
        ActionRow,
        r#"select name, template, json_string, user_variable as "user_variable: Json<UserVariable>", updated_at
           from action where client_id = $1 and name = $2"#,
        client.as_str(),
        name,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Action::from))
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

/// What an action is, for those who call it.
pub struct Method {
    /// Where the client's token may stand, in its order.
    pub places: Vec<TokenPlace>,
    /// How the action answers.
    pub manner: Arc<Manner>,
    /// What it answers.
    pub template: Result<Template, InvalidTemplate>,
    /// Where the builder is to keep the answer, too.
    pub user_variable: Option<UserVariable>,
}

/// What a call asks for, with the links its tokens may stand for.
pub struct Called {
    /// The actions, as they were asked for.
    pub methods: Vec<Arc<Method>>,
    /// Those of the links asked for that exist, whosever they are.
    pub links: Vec<Found>,
}

/// What one call asks for: actions of a client, at least one, and the links of its tokens.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The client.
    pub client: ClientId,
    /// The actions' names.
    pub actions: Vec<String>,
    /// The links.
    pub links: Vec<LinkId>,
}

row_with_link!(Row {
    call_secret: Option<Vec<u8>>,
    call: i32,
    action: i32,
    token_places: Vec<String>,
    refusal_answer: RefusalAnswer,
    relink_sentence: String,
    busy_sentence: String,
    template: String,
    json_string: bool,
    user_variable: Option<Json<UserVariable>>,
});

/// What several calls ask for, in one statement and in their order. `None` without such a client or
/// without one of the actions.
pub async fn find_called(
    db: impl PgExecutor<'_>,
    asked: &[Asked],
) -> sqlx::Result<Vec<Option<Called>>> {
    let columns = Columns::of(asked);
    let rows = select_with_link!(
        Row,
        r#"null::bytea as call_secret, asked.call as "call!", asked.action as "action!", c.token_places,
                  c.refusal_answer as "refusal_answer: RefusalAnswer", c.relink_sentence, c.busy_sentence,
                  a.template, a.json_string, a.user_variable as "user_variable: Json<UserVariable>""#,
        r#"from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::uuid[])
                as asked (call, action, client_id, name, link_id)
           join client c on c.client_id = asked.client_id
           join action a on a.client_id = c.client_id and a.name = asked.name
           left join (link l join account p using (account_id)) on l.link_id = asked.link_id"#,
        &columns.calls,
        &columns.actions,
        &columns.clients,
        &columns.names,
        &columns.links as &[Option<Uuid>],
    )
    .fetch_all(db)
    .await?;
    Ok(called(asked, rows))
}

/// What a call asks for that names a chat user of the client's domain, with the SHA-256 of the client's
/// call secret. The links are those that live, of the same id at several messengers two at most. `None`
/// without such a client, a call secret, or one of the actions.
pub async fn find_called_by_user(
    db: impl PgExecutor<'_>,
    client: &ClientId,
    user_id: &str,
    actions: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Vec<u8>, Called)>> {
    let rows = select_with_link!(
        Row,
        r#"s.secret_hash as call_secret, 0 as "call!", (asked.number - 1)::int as "action!", c.token_places,
                  c.refusal_answer as "refusal_answer: RefusalAnswer", c.relink_sentence, c.busy_sentence,
                  a.template, a.json_string, a.user_variable as "user_variable: Json<UserVariable>""#,
        r#"from client c join chatbot_call_secret s on s.client_id = c.client_id
           cross join unnest($3::text[]) with ordinality as asked (name, number)
           join action a on a.client_id = c.client_id and a.name = asked.name
           left join lateral (
               select u.link_id from chatbot_user u join link k using (link_id)
               where asked.number = 1 and u.client_id = c.client_id and u.domain_code = c.chatbot_domain_code
                 and u.user_id = $2 and k.state = 'active' and greatest(k.idle_expires_at,
                     k.last_used_at + make_interval(secs => c.refresh_idle_seconds)) > $4
               limit 2) connected on true
           left join (link l join account p using (account_id)) on l.link_id = connected.link_id
           where c.client_id = $1"#,
        client.as_str(),
        user_id,
        actions,
        now,
    )
    .fetch_all(db)
    .await?;
    let secret = rows.first().and_then(|row| row.call_secret.clone());
    let asked = Asked {
        client: client.clone(),
        actions: actions.to_vec(),
        links: Vec::new(),
    };
    let called = called(&[asked], rows).pop().flatten();
    Ok(secret.zip(called))
}

/// What is asked for, a row for each link and action of each call.
#[derive(Default)]
struct Columns {
    calls: Vec<i32>,
    actions: Vec<i32>,
    clients: Vec<String>,
    names: Vec<String>,
    links: Vec<Option<Uuid>>,
}

impl Columns {
    fn of(asked: &[Asked]) -> Self {
        let mut columns = Self::default();
        for (nth, call) in (0..).zip(asked) {
            for (action, name) in (0..).zip(&call.actions) {
                // An action is asked for even where no link is; the links are needed once.
                let links = call.links.iter().map(|link| Some(link.0));
                let none = call.links.is_empty() || action > 0;
                let links = links.filter(|_| action == 0);
                for link in links.chain(none.then_some(None)) {
                    columns.calls.push(nth);
                    columns.actions.push(action);
                    columns.clients.push(call.client.0.clone());
                    columns.names.push(name.clone());
                    columns.links.push(link);
                }
            }
        }
        columns
    }
}

/// What was found of one call.
struct Partly {
    methods: Vec<Option<Arc<Method>>>,
    links: Vec<Found>,
}

fn called(asked: &[Asked], rows: Vec<Row>) -> Vec<Option<Called>> {
    let none = |call: &Asked| Partly {
        methods: call.actions.iter().map(|_| None).collect(),
        links: Vec::new(),
    };
    let mut partly: Vec<Partly> = asked.iter().map(none).collect();
    let mut known: Vec<(&ClientId, &String, Arc<Method>)> = Vec::new();
    let nth = |number: i32| usize::try_from(number).unwrap_or(usize::MAX);
    for mut row in rows {
        let (call, action) = (nth(row.call), nth(row.action));
        let (Some(asked), Some(partly)) = (asked.get(call), partly.get_mut(call)) else {
            continue;
        };
        let (Some(name), Some(place)) = (asked.actions.get(action), partly.methods.get_mut(action))
        else {
            continue;
        };
        let same = known
            .iter()
            .find(|(client, other, _)| **client == asked.client && *other == name)
            .map(|(_, _, method)| method.clone());
        let method = same.unwrap_or_else(|| {
            let method = Arc::new(row.method());
            known.push((&asked.client, name, method.clone()));
            method
        });
        place.get_or_insert(method);
        partly.links.extend(row.found());
    }
    let whole = |partly: Partly| {
        let methods: Option<Vec<_>> = partly.methods.into_iter().collect();
        let links = partly.links;
        methods.map(|methods| Called { methods, links })
    };
    partly.into_iter().map(whole).collect()
}

impl Row {
    /// What is the same in every row of an action.
    fn method(&mut self) -> Method {
        let sentences = Sentences::of(
            self.refusal_answer,
            std::mem::take(&mut self.relink_sentence),
            std::mem::take(&mut self.busy_sentence),
        );
        let places = self.token_places.iter();
        Method {
            places: places.filter_map(|place| place.parse().ok()).collect(),
            manner: Arc::new(Manner {
                json_string: self.json_string,
                sentences,
            }),
            template: Template::parse(&self.template),
            user_variable: self.user_variable.take().map(|variable| variable.0),
        }
    }
}
