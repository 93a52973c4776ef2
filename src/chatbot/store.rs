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
    token_places: Option<Vec<String>>,
    refusal_answer: Option<RefusalAnswer>,
    relink_sentence: Option<String>,
    busy_sentence: Option<String>,
    template: Option<String>,
    json_string: Option<bool>,
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
        r#"null::bytea as call_secret, asked.call as "call!", asked.action as "action!",
                  k.token_places as "token_places?", k.refusal_answer as "refusal_answer?: RefusalAnswer",
                  k.relink_sentence as "relink_sentence?", k.busy_sentence as "busy_sentence?",
                  a.template as "template?", a.json_string as "json_string?",
                  a.user_variable as "user_variable?: Json<UserVariable>""#,
        r#"from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::uuid[])
                as asked (call, action, client_id, name, link_id)
           left join (client k join action a on a.client_id = k.client_id)
                on k.client_id = asked.client_id and a.name = asked.name
           left join (link l join account p using (account_id) join client c on c.client_id = l.client_id)
                on l.link_id = asked.link_id"#,
        &columns.calls,
        &columns.actions,
        &columns.clients as &[Option<String>],
        &columns.names as &[Option<String>],
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
        r#"s.secret_hash as call_secret, 0 as "call!", (asked.number - 1)::int as "action!",
                  c.token_places as "token_places?", c.refusal_answer as "refusal_answer?: RefusalAnswer",
                  c.relink_sentence as "relink_sentence?", c.busy_sentence as "busy_sentence?",
                  a.template as "template?", a.json_string as "json_string?",
                  a.user_variable as "user_variable?: Json<UserVariable>""#,
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

/// What is asked for: a row for each action that was not asked for before, and for each link. What
/// calls have in common is read once.
#[derive(Default)]
struct Columns {
    calls: Vec<i32>,
    actions: Vec<i32>,
    clients: Vec<Option<String>>,
    names: Vec<Option<String>>,
    links: Vec<Option<Uuid>>,
}

impl Columns {
    fn of(asked: &[Asked]) -> Self {
        let mut columns = Self::default();
        let mut known: Vec<(&ClientId, &String)> = Vec::new();
        for (nth, call) in (0..).zip(asked) {
            let mut links = call.links.iter();
            for (action, name) in (0..).zip(&call.actions) {
                if known.contains(&(&call.client, name)) {
                    continue;
                }
                known.push((&call.client, name));
                columns.push((nth, action), Some((&call.client, name)), links.next());
            }
            for link in links {
                columns.push((nth, 0), None, Some(link));
            }
        }
        columns
    }

    fn push(
        &mut self,
        (call, action): (i32, i32),
        named: Option<(&ClientId, &String)>,
        link: Option<&LinkId>,
    ) {
        self.calls.push(call);
        self.actions.push(action);
        self.clients.push(named.map(|(client, _)| client.0.clone()));
        self.names.push(named.map(|(_, name)| name.clone()));
        self.links.push(link.map(|link| link.0));
    }
}

fn called(asked: &[Asked], mut rows: Vec<Row>) -> Vec<Option<Called>> {
    let mut known: Vec<(&ClientId, &String, Arc<Method>)> = Vec::new();
    let nth = |number: i32| usize::try_from(number).unwrap_or(usize::MAX);
    let find = |known: &[(&ClientId, &String, Arc<Method>)], client: &ClientId, name: &String| {
        let same = known
            .iter()
            .find(|(of, other, _)| **of == *client && *other == name);
        same.map(|(_, _, method)| method.clone())
    };
    for row in &mut rows {
        let call = asked.get(nth(row.call));
        let named = call.and_then(|call| Some((&call.client, call.actions.get(nth(row.action))?)));
        let Some((client, name)) = named else {
            continue;
        };
        if find(&known, client, name).is_none()
            && let Some(method) = row.method()
        {
            known.push((client, name, Arc::new(method)));
        }
    }
    let mut links: Vec<Vec<Found>> = asked.iter().map(|_| Vec::new()).collect();
    for row in rows {
        if let Some(links) = links.get_mut(nth(row.call)) {
            links.extend(row.found());
        }
    }
    let whole = |(call, links): (&Asked, Vec<Found>)| {
        let methods = call.actions.iter();
        let methods = methods.map(|name| find(&known, &call.client, name));
        let methods: Option<Vec<_>> = methods.collect();
        methods.map(|methods| Called { methods, links })
    };
    asked.iter().zip(links).map(whole).collect()
}

impl Row {
    /// The action, in a row that has it.
    fn method(&mut self) -> Option<Method> {
        let sentences = Sentences::of(
            self.refusal_answer?,
            self.relink_sentence.take()?,
            self.busy_sentence.take()?,
        );
        let places = self.token_places.as_deref()?.iter();
        Some(Method {
            places: places.filter_map(|place| place.parse().ok()).collect(),
            manner: Arc::new(Manner {
                json_string: self.json_string?,
                sentences,
            }),
            template: Template::parse(self.template.as_deref()?),
            user_variable: self.user_variable.take().map(|variable| variable.0),
        })
    }
}
