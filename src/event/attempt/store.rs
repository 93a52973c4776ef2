//! Attempts at rest: how steps get there.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};
use uuid::Uuid;

use super::{
    Outcome, Step, Which,
    course::{Course, Decision, Walked},
};
use crate::foundation::{
    ids::{AccountId, ClientId, LinkId},
    support_code::SupportCode,
};

/// Stores steps. Most attempts are over within one batch and are one row, written once. The others are
/// read, gone on with and written again, locked in the same order on every node, or two batches could
/// wait for each other.
pub async fn insert_steps(db: &mut PgConnection, steps: &[Step]) -> sqlx::Result<()> {
    let walked = by_attempt(&mut *db, steps).await?;
    let begun: Vec<_> = walked
        .iter()
        .filter_map(|(code, steps)| Some((code.clone(), Course::of(steps)?)))
        .collect();
    if begun.is_empty() {
        return Ok(());
    }
    let inserted = insert_new(&mut *db, &Columns::of(&begun)).await?;
    let there = |code: &&SupportCode| !inserted.contains(code.letters());
    let there: Vec<_> = walked.keys().filter(there).collect();
    if there.is_empty() {
        return Ok(());
    }
    let mut stored = lock_stored(&mut *db, &there).await?;
    for (code, course) in &mut stored {
        for step in walked.get(code).into_iter().flatten() {
            course.meet(step);
        }
        update(&mut *db, code, course).await?;
    }
    Ok(())
}

/// Steps by their attempt. One that names the link alone belongs to the attempt that made the link,
/// here or long ago; where nobody knows that any more, it is left out.
async fn by_attempt<'a>(
    db: &mut PgConnection,
    steps: &'a [Step],
) -> sqlx::Result<BTreeMap<SupportCode, Vec<&'a Step>>> {
    let here = steps.iter().filter_map(|step| match &step.which {
        Which::Code(code) => Some((step.link?, code.clone())),
        Which::Link(_) => None,
    });
    let mut codes: BTreeMap<LinkId, SupportCode> = here.collect();
    let elsewhere = steps.iter().filter_map(|step| match step.which {
        Which::Link(link) if !codes.contains_key(&link) => Some(link),
        Which::Link(_) | Which::Code(_) => None,
    });
    let elsewhere: Vec<_> = elsewhere.collect();
    if !elsewhere.is_empty() {
        codes.extend(find_codes_of_links(db, &elsewhere).await?);
    }
    let mut walked: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for step in steps {
        let code = match &step.which {
            Which::Code(code) => Some(code),
            Which::Link(link) => codes.get(link),
        };
        if let Some(code) = code {
            walked.entry(code.clone()).or_default().push(step);
        }
    }
    Ok(walked)
}

/// Attempts by column, as `unnest` takes them.
struct Columns<'a> {
    codes: Vec<String>,
    began_at: Vec<DateTime<Utc>>,
    last_at: Vec<DateTime<Utc>>,
    last_step: Vec<String>,
    clients: Vec<Option<String>>,
    accounts: Vec<Option<Uuid>>,
    links: Vec<Option<Uuid>>,
    outcomes: Vec<String>,
    outcome_at: Vec<Option<DateTime<Utc>>>,
    reasons: Vec<String>,
    steps: Vec<Json<&'a [Walked]>>,
}

impl<'a> Columns<'a> {
    fn of(attempts: &'a [(SupportCode, Course)]) -> Self {
        let courses = || attempts.iter().map(|(_, course)| course);
        Self {
            codes: attempts
                .iter()
                .map(|(code, _)| code.letters().to_owned())
                .collect(),
            began_at: courses().map(|course| course.began_at).collect(),
            last_at: courses().map(|course| course.last_at).collect(),
            last_step: courses()
                .map(|course| course.last_step.to_string())
                .collect(),
            clients: courses()
                .map(|course| course.client.as_ref().map(|id| id.0.clone()))
                .collect(),
            accounts: courses()
                .map(|course| course.account.map(|id| id.0))
                .collect(),
            links: courses().map(|course| course.link.map(|id| id.0)).collect(),
            outcomes: courses()
                .map(|course| course.outcome().as_str().to_owned())
                .collect(),
            outcome_at: courses()
                .map(|course| Some(course.decided.as_ref()?.at))
                .collect(),
            reasons: courses().map(|course| course.reason().to_owned()).collect(),
            steps: courses()
                .map(|course| Json(course.steps.as_slice()))
                .collect(),
        }
    }
}

/// The codes of those that were not there yet.
async fn insert_new(db: impl PgExecutor<'_>, new: &Columns<'_>) -> sqlx::Result<HashSet<String>> {
    let inserted = sqlx::query_scalar!(
        "insert into attempt (support_code, began_at, last_at, last_step, client_id, account_id, link_id, outcome,
                              outcome_at, reason, steps)
         select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[],
                              $7::uuid[], $8::text[], $9::timestamptz[], $10::text[], $11::jsonb[])
         on conflict (support_code) do nothing
         returning support_code",
        &new.codes,
        &new.began_at,
        &new.last_at,
        &new.last_step,
        &new.clients as &[Option<String>],
        &new.accounts as &[Option<Uuid>],
        &new.links as &[Option<Uuid>],
        &new.outcomes,
        &new.outcome_at as &[Option<DateTime<Utc>>],
        &new.reasons,
        &new.steps as &[Json<&[Walked]>],
    )
    .fetch_all(db)
    .await?;
    Ok(inserted.into_iter().collect())
}

async fn lock_stored(
    db: impl PgExecutor<'_>,
    codes: &[&SupportCode],
) -> sqlx::Result<Vec<(SupportCode, Course)>> {
    let letters: Vec<_> = codes.iter().map(|code| code.letters().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select support_code, began_at, last_at, last_step, client_id as "client_id: ClientId",
                  account_id as "account_id: AccountId", link_id as "link_id: LinkId", outcome, outcome_at, reason,
                  steps as "steps: Json<Vec<Walked>>"
           from attempt where support_code = any ($1) order by support_code for no key update"#,
        &letters,
    )
    .fetch_all(db)
    .await?;
    let stored = rows.into_iter().map(|row| {
        let course = Course {
            began_at: row.began_at,
            last_at: row.last_at,
            last_step: row.last_step.into(),
            client: row.client_id,
            account: row.account_id,
            link: row.link_id,
            decided: row.outcome_at.map(|at| Decision {
                at,
                outcome: Outcome::stored(&row.outcome),
                reason: row.reason.into(),
            }),
            steps: row.steps.0,
        };
        (SupportCode::stored(row.support_code), course)
    });
    Ok(stored.collect())
}

/// One by one: joined with a list, a generic plan made while the table was small reads it from end to
/// end when it isn't any more.
async fn update(db: &mut PgConnection, code: &SupportCode, course: &Course) -> sqlx::Result<()> {
    let decided = course.decided.as_ref();
    sqlx::query!(
        "update attempt set began_at = $2, last_at = $3, last_step = $4, client_id = $5, account_id = $6, link_id = $7,
                            outcome = $8, outcome_at = $9, reason = $10, steps = $11
         where support_code = $1",
        code.letters(),
        course.began_at,
        course.last_at,
        &*course.last_step,
        course.client.as_ref().map(ClientId::as_str),
        course.account.map(|id| id.0),
        course.link.map(|id| id.0),
        course.outcome().as_str(),
        decided.map(|decided| decided.at),
        course.reason(),
        Json(course.steps.as_slice()) as _,
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

/// Deletes attempts that began before then, a thousand at most.
pub async fn delete_old_attempts(
    db: impl PgExecutor<'_>,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "delete from attempt where support_code in (
             select support_code from attempt where began_at < $1 order by began_at limit 1000
             for update skip locked)",
        before,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
