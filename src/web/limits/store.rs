//! Counters at rest, shared by all nodes. Each change is one statement on one row.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use super::{Subject, rule::Rule};

/// What is remembered of a subject.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) subject: Vec<u8>,
    pub(super) blocked_until: DateTime<Utc>,
    pub(super) forgotten_at: DateTime<Utc>,
}

/// What is remembered of these.
pub(super) async fn find_tallies(
    db: impl PgExecutor<'_>,
    subjects: &[Vec<u8>],
) -> sqlx::Result<Vec<Tally>> {
    sqlx::query_as!(
        Tally,
        "select subject, blocked_until, forgotten_at from failure_tally where subject = any($1)",
        subjects
    )
    .fetch_all(db)
    .await
}

/// Counts a failure; gives until when the subject waits for it. One that came out while the subject
/// already waits counts only where `while_waiting`; else it is `None`.
pub(super) async fn count_failure(
    db: impl PgExecutor<'_>,
    subject: Subject,
    rule: &Rule,
    while_waiting: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "insert into failure_tally as known (subject, failures, eases_from, blocked_until, forgotten_at)
         select $1, 1, until, until, until + make_interval(secs => $4::int)
         from (select $2::timestamptz + make_interval(secs => ($3::int[])[1]) as until) first
         on conflict (subject) do update set (failures, eases_from, blocked_until, forgotten_at) = (
             select failures, eases_from, until, eases_from + make_interval(secs => failures * $4)
             from (select greatest(0, known.failures
                       - floor(greatest(0, extract(epoch from $2 - known.eases_from)) / $4)::int) as remembered) before
             cross join lateral (select least(remembered + 1, cardinality($3)) as failures) counted
             cross join lateral (select $2 + make_interval(secs => ($3)[failures]) as until) wait
             cross join lateral (select case
                 when until > $2 then until
                 when remembered = 0 then $2
                 else known.eases_from + make_interval(secs => (known.failures - remembered) * $4)
             end as eases_from) easing
         ) where $5 or known.blocked_until <= $2
         returning blocked_until",
        subject.0.as_slice(),
        now,
        &rule.waits,
        rule.forget,
        while_waiting,
    )
    .fetch_optional(db)
    .await
}

/// Holds a subject that waits until `seen` no longer, so that one try is looked at and others wait.
/// Whether nobody else was faster.
pub(super) async fn hold(
    db: impl PgExecutor<'_>,
    subject: Subject,
    seen: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update failure_tally set blocked_until = $3 where subject = $1 and blocked_until = $2",
        subject.0.as_slice(),
        seen,
        until
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets a subject's failures.
pub(super) async fn forget(db: impl PgExecutor<'_>, subject: Subject) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from failure_tally where subject = $1",
        subject.0.as_slice()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds to a count that begins then; gives what all nodes have counted.
pub(super) async fn add_requests(
    db: impl PgExecutor<'_>,
    subject: Subject,
    starts_at: DateTime<Utc>,
    requests: u32,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into request_count as known (subject, starts_at, requests) values ($1, $2, $3)
         on conflict (subject, starts_at) do update set requests = known.requests + excluded.requests
         returning requests",
        subject.0.as_slice(),
        starts_at,
        i64::from(requests),
    )
    .fetch_one(db)
    .await
}

/// The smallest of the counts that begin in this time, if there are `spans` of them.
pub(super) async fn smallest_count(
    db: impl PgExecutor<'_>,
    subject: Subject,
    between: (DateTime<Utc>, DateTime<Utc>),
    spans: i64,
) -> sqlx::Result<Option<i64>> {
    let (from, before) = between;
    let smallest = sqlx::query_scalar!(
        "select min(requests) from request_count
         where subject = $1 and starts_at >= $2 and starts_at < $3 having count(*) >= $4",
        subject.0.as_slice(),
        from,
        before,
        spans,
    )
    .fetch_optional(db)
    .await?;
    Ok(smallest.flatten())
}

/// Deletes what counts for nothing any more, a thousand of each kind at most.
pub async fn delete_forgotten(
    db: impl PgExecutor<'_> + Copy,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let tallies = sqlx::query!(
        "delete from failure_tally where subject in (
             select subject from failure_tally where forgotten_at < $1 limit 1000 for update skip locked)",
        now
    )
    .execute(db)
    .await?;
    let counts = sqlx::query!(
        "delete from request_count where (subject, starts_at) in (
             select subject, starts_at from request_count where starts_at < $1 limit 1000 for update skip locked)",
        now - TimeDelta::minutes(10)
    )
    .execute(db)
    .await?;
    Ok(tallies.rows_affected().max(counts.rows_affected()))
}
