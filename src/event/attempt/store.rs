//! Attempts at rest: how steps get there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{Outcome, Step, Which};
use crate::foundation::{
    ids::{ClientId, LinkId},
    support_code::SupportCode,
};

/// Stores steps. Those of one kind and reason of an attempt are one row with a count.
pub async fn insert_steps(db: &mut PgConnection, steps: &[Step]) -> sqlx::Result<()> {
    let by_code = steps.iter().filter_map(|step| match &step.which {
        Which::Code(code) => Some((code.clone(), step)),
        Which::Link(_) => None,
    });
    insert(db, by_code.collect()).await?;
    let of_links = |step: &Step| match step.which {
        Which::Code(_) => None,
        Which::Link(link) => Some(link),
    };
    let links: Vec<_> = steps.iter().filter_map(of_links).collect();
    if links.is_empty() {
        return Ok(());
    }
    let codes = find_codes_of_links(&mut *db, &links).await?;
    let by_link = steps.iter().filter_map(|step| {
        let code = codes.get(&of_links(step)?)?;
        Some((code.clone(), step))
    });
    insert(db, by_link.collect()).await
}

/// One statement may touch a row only once, so steps meet here first; in the same order on every
/// node, or two batches could wait for each other.
async fn insert(db: &mut PgConnection, steps: Vec<(SupportCode, &Step)>) -> sqlx::Result<()> {
    let mut attempts = BTreeMap::new();
    let mut walked = BTreeMap::new();
    for (code, step) in steps {
        attempts
            .entry(code.clone())
            .or_insert_with(|| Met::new(step))
            .meet(step);
        let key = (code, step.kind, step.reason);
        walked
            .entry(key)
            .or_insert_with(|| Walked::new(step))
            .meet(step);
    }
    if !attempts.is_empty() {
        upsert_attempts(&mut *db, &attempts).await?;
        upsert_steps(db, &walked.into_iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// What a batch knows of one attempt.
struct Met<'a> {
    began_at: DateTime<Utc>,
    newest: &'a Step,
    client: Option<&'a ClientId>,
    account: Option<Uuid>,
    link: Option<Uuid>,
    decided: Option<(&'a Step, Outcome)>,
}

impl<'a> Met<'a> {
    fn new(step: &'a Step) -> Self {
        Self {
            began_at: step.began_at,
            newest: step,
            client: None,
            account: None,
            link: None,
            decided: None,
        }
    }

    fn meet(&mut self, step: &'a Step) {
        self.began_at = self.began_at.min(step.began_at);
        if step.at >= self.newest.at {
            self.newest = step;
        }
        self.client = step.client.as_ref().or(self.client);
        self.account = step.account.map(|id| id.0).or(self.account);
        self.link = step.link.map(|id| id.0).or(self.link);
        if let Some(outcome) = step.outcome()
            && self.decided.is_none_or(|(other, _)| step.at >= other.at)
        {
            self.decided = Some((step, outcome));
        }
    }

    fn reason(&self) -> &'static str {
        match self.decided {
            Some((step, Outcome::Failed)) => step.reason.map_or("", |reason| reason.as_str()),
            _ => "",
        }
    }
}

/// A step, and how often.
struct Walked<'a> {
    newest: &'a Step,
    first_at: DateTime<Utc>,
    times: i32,
}

impl<'a> Walked<'a> {
    fn new(step: &'a Step) -> Self {
        Self {
            newest: step,
            first_at: step.at,
            times: 0,
        }
    }

    fn meet(&mut self, step: &'a Step) {
        if step.at >= self.newest.at {
            self.newest = step;
        }
        self.first_at = self.first_at.min(step.at);
        self.times += 1;
    }
}

async fn upsert_attempts(
    db: impl PgExecutor<'_>,
    attempts: &BTreeMap<SupportCode, Met<'_>>,
) -> sqlx::Result<()> {
    let met = || attempts.values();
    let text = str::to_owned;
    sqlx::query!(
        "insert into attempt (support_code, began_at, last_at, last_step, client_id, account_id, link_id,
                              outcome, outcome_at, reason)
         select code, began_at, last_at, last_step, client_id, account_id, link_id, coalesce(outcome, 'open'),
                outcome_at, reason
         from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[],
                     $7::uuid[], $8::text[], $9::timestamptz[], $10::text[])
              as met (code, began_at, last_at, last_step, client_id, account_id, link_id, outcome, outcome_at, reason)
         on conflict (support_code) do update set
             began_at = least(attempt.began_at, excluded.began_at),
             last_at = greatest(attempt.last_at, excluded.last_at),
             last_step = case when excluded.last_at >= attempt.last_at then excluded.last_step else attempt.last_step end,
             client_id = coalesce(excluded.client_id, attempt.client_id),
             account_id = coalesce(excluded.account_id, attempt.account_id),
             link_id = coalesce(excluded.link_id, attempt.link_id),
             outcome = case when excluded.outcome_at >= coalesce(attempt.outcome_at, '-infinity')
                            then excluded.outcome else attempt.outcome end,
             reason = case when excluded.outcome_at >= coalesce(attempt.outcome_at, '-infinity')
                           then excluded.reason else attempt.reason end,
             outcome_at = greatest(attempt.outcome_at, excluded.outcome_at)",
        &attempts.keys().map(|code| text(code.letters())).collect::<Vec<_>>(),
        &met().map(|met| met.began_at).collect::<Vec<_>>(),
        &met().map(|met| met.newest.at).collect::<Vec<_>>(),
        &met().map(|met| text(met.newest.kind.as_str())).collect::<Vec<_>>(),
        &met().map(|met| met.client.map(|id| id.0.clone())).collect::<Vec<_>>() as &[Option<String>],
        &met().map(|met| met.account).collect::<Vec<_>>() as &[Option<Uuid>],
        &met().map(|met| met.link).collect::<Vec<_>>() as &[Option<Uuid>],
        &met().map(|met| met.decided.map(|(_, outcome)| text(outcome.as_str()))).collect::<Vec<_>>()
            as &[Option<String>],
        &met().map(|met| met.decided.map(|(step, _)| step.at)).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &met().map(|met| text(met.reason())).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

type StepKey = (SupportCode, super::StepKind, Option<super::Reason>);

async fn upsert_steps(
    db: impl PgExecutor<'_>,
    walked: &[(StepKey, Walked<'_>)],
) -> sqlx::Result<()> {
    let text = str::to_owned;
    let newest = || walked.iter().map(|(_, walked)| walked.newest);
    sqlx::query!(
        "insert into attempt_step (support_code, step, reason, first_at, last_at, times, detail, presented, registered)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[],
                              $7::text[], $8::text[], $9::text[])
         on conflict (support_code, step, reason) do update set
             first_at = least(attempt_step.first_at, excluded.first_at),
             last_at = greatest(attempt_step.last_at, excluded.last_at),
             times = attempt_step.times + excluded.times,
             detail = excluded.detail, presented = excluded.presented, registered = excluded.registered",
        &walked.iter().map(|((code, ..), _)| text(code.letters())).collect::<Vec<_>>(),
        &newest().map(|step| text(step.kind.as_str())).collect::<Vec<_>>(),
        &newest().map(|step| text(step.reason.map_or("", |reason| reason.as_str()))).collect::<Vec<_>>(),
        &walked.iter().map(|(_, walked)| walked.first_at).collect::<Vec<_>>(),
        &newest().map(|step| step.at).collect::<Vec<_>>(),
        &walked.iter().map(|(_, walked)| walked.times).collect::<Vec<_>>(),
        &newest().map(|step| step.detail.clone()).collect::<Vec<_>>(),
        &newest().map(|step| step.presented.clone()).collect::<Vec<_>>(),
        &newest().map(|step| step.registered.clone()).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn find_codes_of_links(
    db: impl PgExecutor<'_>,
    links: &[LinkId],
) -> sqlx::Result<BTreeMap<LinkId, SupportCode>> {
    let ids: Vec<_> = links.iter().map(|link| link.0).collect();
    let rows = sqlx::query!(
        r#"select link_id as "link_id!: LinkId", support_code from attempt where link_id = any ($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    let pairs = rows
        .into_iter()
        .map(|row| (row.link_id, SupportCode::stored(row.support_code)));
    Ok(pairs.collect())
}

/// Deletes attempts that began before then, a thousand at most, with their steps.
pub async fn delete_old_attempts(
    db: impl PgExecutor<'_>,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let deleted = sqlx::query_scalar!(
        r#"with gone as (
             delete from attempt where support_code in (
                 select support_code from attempt where began_at < $1 order by began_at limit 1000
                 for update skip locked)
             returning support_code
         ), steps as (
             delete from attempt_step where support_code in (select support_code from gone)
         )
         select count(*) as "deleted!" from gone"#,
        before,
    )
    .fetch_one(db)
    .await?;
    Ok(deleted.unsigned_abs())
}
