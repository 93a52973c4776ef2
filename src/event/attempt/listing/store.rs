//! The queries behind the list and the timeline of attempts.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, types::Json};

use super::{Filter, ListedAttempt, ListedStep, PATIENCE, Standing};
use crate::{
    event::attempt::{Outcome, Reason, StepKind, course::Walked},
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        support_code::SupportCode,
    },
};

struct Row {
    support_code: String,
    began_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    last_step: String,
    client_id: Option<ClientId>,
    client_name: Option<String>,
    account_id: Option<AccountId>,
    account_email: Option<String>,
    link_id: Option<LinkId>,
    outcome: String,
    reason: String,
}

impl From<Row> for ListedAttempt {
    fn from(row: Row) -> Self {
        Self {
            code: SupportCode::stored(row.support_code),
            began_at: row.began_at,
            last_at: row.last_at,
            last_step: StepKind::stored(&row.last_step),
            client_id: row.client_id,
            client_name: row.client_name,
            account_id: row.account_id,
            account_email: row.account_email,
            link_id: row.link_id,
            outcome: Outcome::stored(&row.outcome),
            reason: Reason::stored(&row.reason),
        }
    }
}

/// Attempts matching the filter, the newest first; at most `limit` after skipping `offset`.
pub async fn list_attempts(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    (limit, offset): (i64, i64),
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<ListedAttempt>> {
    let silent = now - PATIENCE;
    let is = |standing| filter.standing == Some(standing);
    let rows = sqlx::query_as!(
        Row,
        r#"select t.support_code, t.began_at, t.last_at, t.last_step, t.client_id as "client_id: ClientId",
                  c.name as "client_name?", t.account_id as "account_id: AccountId", a.email as "account_email?",
                  t.link_id as "link_id: LinkId", t.outcome, t.reason
           from attempt t left join client c on c.client_id = t.client_id
                left join account a on a.account_id = t.account_id
           where ($1::text is null or t.support_code = $1) and ($2::text is null or t.client_id = $2)
             and ($3::uuid is null or t.account_id = $3) and ($4::uuid is null or t.link_id = $4)
             and ($5::text is null or t.outcome = $5) and ($6::timestamptz is null or t.last_at <= $6)
             and ($7::timestamptz is null or t.last_at > $7) and ($8::text is null or t.reason = $8)
           order by t.began_at desc, t.support_code limit $9 offset $10"#,
        filter.code.as_ref().map(SupportCode::letters),
        filter.client.as_ref().map(ClientId::as_str),
        filter.account.map(|id| id.0),
        filter.link.map(|id| id.0),
        filter.standing.map(|standing| standing.outcome().as_str()),
        is(Standing::Stopped).then_some(silent),
        is(Standing::UnderWay).then_some(silent),
        filter.reason.map(Reason::as_str),
        limit,
        offset,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(ListedAttempt::from).collect())
}

/// The steps of an attempt in their order. A kind that only a newer version knows is left out.
pub async fn list_steps(
    db: impl PgExecutor<'_>,
    code: &SupportCode,
) -> sqlx::Result<Vec<ListedStep>> {
    let stored = sqlx::query_scalar!(
        r#"select steps as "steps: Json<Vec<Walked>>" from attempt where support_code = $1"#,
        code.letters(),
    )
    .fetch_optional(db)
    .await?;
    let walked = stored.into_iter().flat_map(|steps| steps.0);
    let mut steps: Vec<_> = walked.filter_map(ListedStep::of).collect();
    // What one request did bears one time.
    steps.sort_by_key(|step| (step.first_at, step.kind));
    Ok(steps)
}

/// How many other attempts at the client failed for that reason.
pub async fn count_alike(
    db: impl PgExecutor<'_>,
    attempt: &ListedAttempt,
    reason: Reason,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from attempt
           where client_id is not distinct from $1 and reason = $2 and support_code <> $3"#,
        attempt.client_id.as_ref().map(ClientId::as_str),
        reason.as_str(),
        attempt.code.letters(),
    )
    .fetch_one(db)
    .await
}
