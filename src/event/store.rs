//! Events at rest.

use std::collections::HashMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sqlx::{PgExecutor, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::Event;
use crate::foundation::ids::{AccountId, LinkId};

/// Begins a transaction for what is written behind. Its commit does not wait for the disk, so that a
/// crash of the database may take the last half second of history along, like a crash of this process
/// takes what is still queued. For history alone: a link or a token that was told of must stay.
pub async fn begin_behind(db: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    db.begin_with("begin; set local synchronous_commit = off")
        .await
}

/// How many letters of one kind, about links that were made or about links that ended, an account gets in any
/// hour. The last of them says that there are more, which the person's own page lists.
const MOST_LINK_LETTERS: i64 = 6;

/// Stores events; repeated refusals of one link become one row an hour with a count. Of a link that was
/// made, and of one that ended after it was, its person is to be told: here, so that no way to end a link
/// is forgotten. How many letters there were is told from the links, which all nodes see alike.
pub async fn insert_events(db: impl PgExecutor<'_>, events: &[Event]) -> sqlx::Result<()> {
    let merged = merge(events);
    sqlx::query!(
        "with happened as (
             select * from unnest($1::timestamptz[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[],
                                  $7::integer[], $8::text[]) with ordinality
                 as e (happened_at, kind, link_id, account_id, client_id, admin_id, times, detail, place)
         ), told as (
             insert into mail (recipient, language, service, letter, made_at, due_at, useless_at)
             select t.email, t.locale, t.service,
                    case when t.number < $9
                        then jsonb_build_object('letter', t.letter, 'client', t.client, 'reason', t.detail, 'at', t.at)
                        else jsonb_build_object('letter', 'many_links', 'ended', t.letter = 'link_ended', 'at', t.at)
                    end,
                    t.happened_at, t.happened_at, t.happened_at + interval '1 day'
             from (
                 select h.place, a.email, a.locale, b.name as service, c.name as client, h.detail, h.happened_at,
                        to_char(h.happened_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as at,
                        case h.kind when 'link_ended' then 'link_ended' else 'link_made' end as letter,
                        case h.kind when 'link_ended' then (
                            select count(*) from link o
                            where o.account_id = l.account_id and o.linked_at is not null
                              and o.ended_at > l.ended_at - interval '1 hour'
                              and (o.ended_at, o.link_id) <= (l.ended_at, l.link_id))
                        else (
                            select count(*) from link o
                            where o.account_id = l.account_id and o.linked_at > l.linked_at - interval '1 hour'
                              and (o.linked_at, o.link_id) <= (l.linked_at, l.link_id))
                        end as number
                 from happened h join link l on l.link_id = h.link_id
                 join account a on a.account_id = l.account_id join client c on c.client_id = l.client_id
                 left join client_branding b on b.client_id = c.client_id
                 where h.kind in ('link_redeemed', 'chat_connected', 'link_ended') and l.linked_at is not null
                   and a.disabled_at is null and (select link_mails from service)
             ) t
             where t.number <= $9 order by t.place
         )
         insert into event (happened_at, kind, link_id, account_id, client_id, admin_id, times, detail)
         select happened_at, kind, link_id, account_id, client_id, admin_id, times, detail from happened
         on conflict (kind, link_id, date_trunc('hour', happened_at at time zone 'utc'))
             where kind like 'refused:%' and link_id is not null
         do update set times = event.times + excluded.times, detail = excluded.detail",
        &merged.iter().map(|(event, _)| event.at).collect::<Vec<_>>(),
        &merged.iter().map(|(event, _)| event.kind.as_str().to_owned()).collect::<Vec<_>>(),
        &merged.iter().map(|(event, _)| event.link.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &merged.iter().map(|(event, _)| event.account.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &merged.iter().map(|(event, _)| event.client.as_ref().map(|id| id.0.clone())).collect::<Vec<_>>()
            as &[Option<String>],
        &merged.iter().map(|(event, _)| event.admin.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &merged.iter().map(|(_, times)| *times).collect::<Vec<_>>(),
        &merged.iter().map(|(event, _)| event.detail.clone()).collect::<Vec<_>>(),
        MOST_LINK_LETTERS,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One statement may touch a row only once, so what would meet in one row meets here first. Those
/// rows come last and in the same order on every node, or two batches could wait for each other.
fn merge(events: &[Event]) -> Vec<(&Event, i32)> {
    let mut merged: Vec<(&Event, i32)> = Vec::with_capacity(events.len());
    let mut seen: HashMap<(&str, LinkId, Option<DateTime<Utc>>), usize> = HashMap::new();
    for event in events {
        let name = event.kind.as_str();
        let Some(link) = event.link.filter(|_| name.starts_with("refused:")) else {
            merged.push((event, 1));
            continue;
        };
        let hour = event.at.duration_trunc(TimeDelta::hours(1)).ok();
        let at = *seen.entry((name, link, hour)).or_insert(merged.len());
        match merged.get_mut(at) {
            Some((kept, times)) => {
                *kept = event;
                *times += 1;
            }
            None => merged.push((event, 1)),
        }
    }
    merged.sort_by_key(|(event, _)| {
        let name = event.kind.as_str();
        let shared = event.link.filter(|_| name.starts_with("refused:"));
        shared.map(|link| {
            (
                link,
                name,
                event.at.duration_trunc(TimeDelta::hours(1)).ok(),
            )
        })
    });
    merged
}

/// One stored line of history.
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// When.
    pub happened_at: DateTime<Utc>,
    /// What, as [`super::EventKind::as_str`] spells it.
    pub kind: String,
    /// How often, for refusals.
    pub times: i32,
    /// More.
    pub detail: String,
    /// The e-mail address of the admin who did it.
    pub admin_email: Option<String>,
}

macro_rules! select_events {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            EventRecord,
            r#"select happened_at, kind, times, detail,
                      (select email from admin where admin.admin_id = event.admin_id) as admin_email
               from event "# + $rest + " order by happened_at desc, event_id desc limit $2",
            $($argument),+
        )
    };
}

/// The newest events of a link.
pub async fn list_events_of_link(
    db: impl PgExecutor<'_>,
    link: LinkId,
    limit: i64,
) -> sqlx::Result<Vec<EventRecord>> {
    select_events!("where link_id = $1", link.0, limit)
        .fetch_all(db)
        .await
}

/// The newest events of an account.
pub async fn list_events_of_account(
    db: impl PgExecutor<'_>,
    account: AccountId,
    limit: i64,
) -> sqlx::Result<Vec<EventRecord>> {
    select_events!("where account_id = $1", account.0, limit)
        .fetch_all(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;

    #[test]
    fn refusals_of_a_link_meet_in_one_row_and_every_node_writes_the_rows_in_one_order() {
        let now = DateTime::UNIX_EPOCH;
        let refusal = |link: u128| {
            Event::new(EventKind::RefreshRefused, now).link(LinkId(Uuid::from_u128(link)))
        };
        let login = || Event::new(EventKind::LoggedIn, now);
        let rows = |events: &[Event]| -> Vec<_> {
            let merged = merge(events);
            merged
                .iter()
                .map(|(event, times)| (event.link, *times))
                .collect()
        };
        let link = |link: u128| Some(LinkId(Uuid::from_u128(link)));
        assert_eq!(
            rows(&[refusal(2), login(), refusal(1), refusal(2)]),
            [(None, 1), (link(1), 1), (link(2), 2)]
        );
        assert_eq!(
            rows(&[refusal(1), refusal(2), login()]),
            [(None, 1), (link(1), 1), (link(2), 1)]
        );
    }
}
