//! Milestones at rest.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::{Milestone, Reached};
use crate::foundation::ids::ClientId;

/// Stores what was reached, with clients that still exist.
pub async fn insert_reached(db: impl PgExecutor<'_>, reached: &[Reached]) -> sqlx::Result<()> {
    let clients: Vec<_> = reached.iter().map(|(client, _)| client.0.clone()).collect();
    let marks = || reached.iter().map(|(_, mark)| mark);
    let names: Vec<_> = marks()
        .map(|mark| mark.milestone.as_str().to_owned())
        .collect();
    let simulated: Vec<_> = marks().map(|mark| mark.simulated).collect();
    let times: Vec<_> = marks().map(|mark| mark.at).collect();
    // Grouped, because one statement may touch a row only once; in order, because two nodes may.
    sqlx::query!(
        "insert into milestone (client_id, milestone, simulated, first_at, last_at)
         select r.client_id, r.milestone, r.simulated, min(r.at), max(r.at)
         from unnest($1::text[], $2::text[], $3::boolean[], $4::timestamptz[])
              as r (client_id, milestone, simulated, at)
         join client c on c.client_id = r.client_id
         group by r.client_id, r.milestone, r.simulated
         order by r.client_id, r.milestone, r.simulated
         on conflict (client_id, milestone, simulated)
         do update set last_at = greatest(milestone.last_at, excluded.last_at)",
        &clients,
        &names,
        &simulated,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A milestone of a client.
#[derive(Debug, Clone, Copy)]
pub struct StoredMilestone {
    /// Which.
    pub milestone: Milestone,
    /// Whether the simulator reached it.
    pub simulated: bool,
    /// When for the first time.
    pub first_at: DateTime<Utc>,
    /// When last, to the hour.
    pub last_at: DateTime<Utc>,
}

/// What was reached with a client. Those that only a newer version knows are left out.
pub async fn list_milestones(
    db: impl PgExecutor<'_>,
    client: &ClientId,
) -> sqlx::Result<Vec<StoredMilestone>> {
    let rows = sqlx::query!(
        "select milestone, simulated, first_at, last_at from milestone where client_id = $1",
        client.as_str(),
    )
    .fetch_all(db)
    .await?;
    let known = rows.into_iter().filter_map(|row| {
        Some(StoredMilestone {
            milestone: Milestone::stored(&row.milestone)?,
            simulated: row.simulated,
            first_at: row.first_at,
            last_at: row.last_at,
        })
    });
    Ok(known.collect())
}
