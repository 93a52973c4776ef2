//! Refreshes that share statements are worth the same as refreshes that go alone: whatever is asked at
//! once, there is an order in which the single statements, one after the other, give each the same
//! answer and leave the same rows.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use linkgate::{
    client::Rotation,
    foundation::{coalesce::Lanes, db, ids::LinkId, keys::KeyId},
    link::{
        changes::Changes,
        refreshing::{self, Decision, Policy, Refreshable},
    },
    token::{
        lookup::Lookup,
        store::{Asked, find_by_links},
    },
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{Stage, seconds};

const LINKS: usize = 5;
const ROUNDS: usize = 100;
/// How long links live without a refresh.
const IDLE: TimeDelta = TimeDelta::days(10);

/// A refresh of one of the links at one of the nodes, with the token that was issued so many before the last one.
#[derive(Debug, Clone, Copy)]
struct Refresh {
    node: usize,
    link: usize,
    back: i32,
}

/// What happens at once.
#[derive(Debug, Clone)]
struct Round {
    refreshes: Vec<Refresh>,
    /// Links that another transaction holds for a moment.
    held: Vec<usize>,
}

/// The generation of the token that was issued.
type Issued = Result<i32, &'static str>;

fn rounds() -> impl Strategy<Value = Round> {
    let refresh = (0..2_usize, 0..LINKS, -1..3_i32);
    let refresh = refresh.prop_map(|(node, link, back)| Refresh { node, link, back });
    let refreshes = prop::collection::vec(refresh, 1..12);
    let held = prop::collection::vec(0..LINKS, 0..3);
    (refreshes, held).prop_map(|(refreshes, held)| Round { refreshes, held })
}

/// Who refreshes: the same links twice, for both ways.
struct Both {
    stage: Stage,
    nodes: [(Lookup, Changes); 2],
    together: Vec<LinkId>,
    alone: Vec<LinkId>,
}

fn rotation(link: usize) -> Rotation {
    if link.is_multiple_of(2) {
        Rotation::Deferred
    } else {
        Rotation::Never
    }
}

/// What the decision is made of, without the database.
fn decided(
    link: &Refreshable,
    (generation, which): (i32, usize),
    now: DateTime<Utc>,
) -> Result<(i32, Option<refreshing::Turned>), &'static str> {
    let policy = Policy {
        client_id: &link.client_id,
        confidential: true,
        rotation: rotation(which),
    };
    match link.decide(generation, policy, now) {
        Decision::Issue(turn) => {
            let key: KeyId = link.refresh_key_id;
            let next = link.next(turn, key, key);
            Ok((next.generation, link.turned(next, now, now + IDLE)))
        }
        Decision::Refuse(why) => Err(why),
        Decision::End => Err("ended"),
    }
}

impl Both {
    async fn of(db: PgPool) -> Self {
        let stage = Stage::set(db).await;
        stage.link().await;
        let mut ids = Vec::new();
        for _ in 0..2 * LINKS {
            let copy = "insert into link (link_id, client_id, account_id, state, scopes, approved_at, linked_at,
                            refresh_key_id, generation, idle_expires_at)
                        select gen_random_uuid(), client_id, account_id, state, scopes, approved_at, linked_at,
                            refresh_key_id, 1, idle_expires_at from link limit 1 returning link_id";
            let id: Uuid = sqlx::query_scalar(copy)
                .fetch_one(&stage.app.db)
                .await
                .unwrap();
            ids.push(LinkId(id));
        }
        // The test's own pool is small: whoever waits for a row must not keep the others from asking.
        let options = stage.app.db.connect_options();
        let db = db::connect((*options).clone(), 30);
        let mut lanes = Lanes::default();
        let mut node = || {
            let lookup = Lookup::start(&db, &mut lanes);
            (lookup, Changes::start(&db, &db, &mut lanes))
        };
        Self {
            nodes: [node(), node()],
            alone: ids.split_off(LINKS),
            together: ids,
            stage,
        }
    }

    async fn read(&self, link: LinkId) -> Refreshable {
        let asked = Asked {
            client: self.stage.client.client.id.clone(),
            link: Some(link),
            at: self.stage.app.now(),
        };
        let found = find_by_links(&self.stage.app.db, &[asked]).await.unwrap();
        found.into_iter().next().flatten().unwrap().1.unwrap()
    }

    /// As the token endpoint does it, with shared statements.
    async fn refresh_together(&self, refresh: Refresh, generation: i32) -> Issued {
        let (id, now) = (self.together[refresh.link], self.stage.app.now());
        let client = self.stage.client.id();
        let (lookup, changes) = &self.nodes[refresh.node];
        loop {
            let found = lookup.by_link(&client, Some(id), now).await.unwrap();
            let link = found.unwrap().1.unwrap();
            match decided(&link, (generation, refresh.link), now)? {
                (issued, None) => return Ok(issued),
                (issued, Some(turned)) if changes.turn(turned).await.unwrap() => {
                    return Ok(issued);
                }
                _ => {}
            }
        }
    }

    /// With single statements, while nobody else does anything.
    async fn refresh_alone(&self, refresh: Refresh, generation: i32) -> Issued {
        let (id, now) = (self.alone[refresh.link], self.stage.app.now());
        let link = self.read(id).await;
        let (issued, turned) = decided(&link, (generation, refresh.link), now)?;
        if let Some(turned) = turned {
            let turned = refreshing::store::turn_alone(&self.stage.app.db, &turned).await;
            assert!(turned.unwrap());
        }
        Ok(issued)
    }

    /// All of a round at once, while somebody holds some of the links; the answers.
    async fn play(&self, round: &Round, generations: &[i32]) -> Vec<Issued> {
        let mut holding = self.stage.app.db.begin().await.unwrap();
        let held: Vec<_> = round
            .held
            .iter()
            .map(|link| self.together[*link].0)
            .collect();
        sqlx::query("select from link where link_id = any($1) order by link_id for no key update")
            .bind(&held)
            .execute(&mut *holding)
            .await
            .unwrap();
        let refreshes = round.refreshes.iter().zip(generations);
        let refreshing =
            refreshes.map(|(refresh, generation)| self.refresh_together(*refresh, *generation));
        let release = async {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            holding.rollback().await.unwrap();
        };
        tokio::join!(join_all(refreshing), release).0
    }
}

/// What a row says of its refreshes.
fn standing(link: &Refreshable) -> (i32, i32, Option<DateTime<Utc>>, DateTime<Utc>) {
    let Refreshable {
        generation,
        confirmed,
        confirmed_at,
        idle_expires_at,
        ..
    } = link;
    (*generation, *confirmed, *confirmed_at, *idle_expires_at)
}

/// An order of some refreshes of one link in which they give these answers, one after the other.
fn order(
    link: &Refreshable,
    asked: &[(usize, Refresh, i32, Issued)],
    end: &Refreshable,
) -> Option<Vec<usize>> {
    if asked.is_empty() {
        return (standing(link) == standing(end)).then(Vec::new);
    }
    let now = end.confirmed_at.unwrap_or_default();
    asked
        .iter()
        .enumerate()
        .find_map(|(at, (number, refresh, generation, issued))| {
            let decision = decided(link, (*generation, refresh.link), now);
            if decision.map(|(issued, _)| issued) != *issued {
                return None;
            }
            let mut next = link.clone();
            if let Ok((_, Some(turned))) = decision {
                (next.generation, next.confirmed) =
                    (turned.becomes.issued, turned.becomes.confirmed);
                next.confirmed_at = Some(turned.at);
                next.idle_expires_at = turned.idle_expires_at;
            }
            let rest: Vec<_> = [&asked[..at], &asked[at + 1..]].concat();
            let rest = order(&next, &rest, end)?;
            Some([vec![*number], rest].concat())
        })
}

#[sqlx::test]
async fn refreshes_that_share_statements_answer_as_if_each_had_gone_alone(db: PgPool) {
    let both = Both::of(db).await;
    let mut runner = TestRunner::default();
    for _ in 0..ROUNDS {
        let round = rounds().new_tree(&mut runner).unwrap().current();
        both.stage.app.clock.advance(seconds(1));
        let before = join_all(both.together.iter().map(|id| both.read(*id))).await;
        let generation = |refresh: &Refresh| before[refresh.link].generation - refresh.back;
        let generations: Vec<_> = round.refreshes.iter().map(generation).collect();
        let answers = both.play(&round, &generations).await;
        for (which, link) in before.iter().enumerate() {
            let asked = round
                .refreshes
                .iter()
                .enumerate()
                .zip(&generations)
                .zip(&answers);
            let asked: Vec<_> = asked
                .filter(|(((_, refresh), _), _)| refresh.link == which)
                .map(|(((number, refresh), generation), issued)| {
                    (number, *refresh, *generation, *issued)
                })
                .collect();
            let end = both.read(both.together[which]).await;
            let order = order(link, &asked, &end);
            let order =
                order.unwrap_or_else(|| panic!("no order of {round:?}: {asked:?}, {end:?}"));
            for number in order {
                let (refresh, generation) = (round.refreshes[number], generations[number]);
                let alone = both.refresh_alone(refresh, generation).await;
                assert_eq!(alone, answers[number], "{round:?}");
            }
            let alone = both.read(both.alone[which]).await;
            assert_eq!(standing(&alone), standing(&end), "{round:?}");
        }
    }
}
