//! Changing the keys that sign, while platforms refresh and APIs check at two nodes.

use std::{cell::Cell, collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use futures_util::future::join_all;
use linkgate::{client::Client, foundation::keys::KeyKind};
use sqlx::PgPool;

use super::{ALGORITHMS, parts};
use crate::harness::{
    Platform, Registered, Stage, TestApp, Tokens, days, draft, hours, minutes, seconds, tokens,
};

const SIGNING: [KeyKind; 3] = [
    KeyKind::SigningEs256,
    KeyKind::SigningEddsa,
    KeyKind::SigningRs256,
];
/// What a token that is checked has left at least: the clock moves while it is looked at.
const MARGIN: TimeDelta = TimeDelta::hours(7);

/// A platform that refreshes, and an API that checks each token in every way, at both nodes.
struct Worker<'a> {
    nodes: [&'a TestApp; 2],
    platforms: [Platform; 2],
    held: Tokens,
    turns: Cell<u32>,
}

impl Worker<'_> {
    async fn work(&self, done: &Cell<bool>) {
        let mut alive = vec![self.held.clone()];
        while !done.get() {
            let here = &self.platforms[self.turns.get() as usize % 2];
            let newest = alive.last().unwrap();
            let next = tokens(&here.refresh_with(&newest.refresh, &[]).await);
            alive.push(next);
            let soon = (self.nodes[0].now() + MARGIN).timestamp();
            alive.retain(|held| parts(&held.access).1["exp"].as_i64().unwrap() > soon);
            for held in [alive.first().unwrap(), alive.last().unwrap()] {
                self.check(&held.access).await;
            }
            self.turns.set(self.turns.get() + 1);
        }
    }

    async fn check(&self, token: &str) {
        for (node, platform) in self.nodes.into_iter().zip(&self.platforms) {
            let resolved = platform.resolve(token).await;
            assert_eq!(resolved.status, 200, "{resolved:?}");
            assert_eq!(platform.introspect(token).await.json()["active"], true);
            let claims = node.verified_claims(token).await;
            assert!(claims.is_some(), "not published: {:?}", parts(token).0);
        }
    }
}

/// The names of the keys that a node publishes.
async fn published(node: &TestApp) -> BTreeSet<String> {
    let keys = node.published_keys().await;
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until both nodes have heard, which takes moments, and 30 s at most.
async fn agreed(nodes: [&TestApp; 2]) -> BTreeSet<String> {
    loop {
        let [one, other] = [published(nodes[0]).await, published(nodes[1]).await];
        if one == other {
            return one;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A client for each algorithm, whose tokens live as long as tokens may.
async fn clients(app: &TestApp) -> Vec<Registered> {
    let mut clients = Vec::new();
    for algorithm in ALGORITHMS {
        let client = app.register(draft()).await;
        app.use_jwts(&client, algorithm).await;
        let longest = |client: &mut Client| client.settings.access_lifetime = days(1);
        app.change_client(&client, longest).await;
        clients.push(client);
    }
    clients
}

/// Lets time pass in steps, in each of which every worker checks its tokens twice.
async fn pass(workers: &[Worker<'_>], app: &TestApp, step: TimeDelta, steps: u32) {
    for _ in 0..steps {
        let before: Vec<_> = workers.iter().map(|worker| worker.turns.get()).collect();
        for (worker, before) in workers.iter().zip(before) {
            while worker.turns.get() < before + 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        app.clock.advance(step);
    }
}

#[sqlx::test]
async fn every_jwt_is_good_everywhere_while_the_keys_that_sign_change(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let second = stage.app.second_node().await;
    let mut links = Vec::new();
    for client in clients(&stage.app).await {
        stage.platform = stage.app.platform(&client);
        stage.client = client;
        links.push((stage.client.clone(), stage.link().await));
    }
    let nodes = [&stage.app, &second];
    let workers: Vec<_> = links
        .into_iter()
        .map(|(client, held)| Worker {
            nodes,
            platforms: nodes.map(|node| node.platform(&client)),
            held,
            turns: Cell::new(0),
        })
        .collect();
    let done = Cell::new(false);
    let script = async {
        stage.app.clock.advance(seconds(1));
        let mut old = agreed(nodes).await;
        for node in nodes {
            pass(&workers, node, seconds(10), 1).await;
            for kind in SIGNING {
                node.rotate(kind).await;
            }
            // Published before the first of them signs, beside those that still verify.
            let both = agreed(nodes).await;
            assert!(
                both.is_superset(&old) && both.len() == old.len() + 3,
                "{both:?}"
            );
            pass(&workers, node, seconds(20), 4).await;
            for _ in 0..5 {
                pass(&workers, node, hours(5), 1).await;
                node.keep_keys().await;
                agreed(nodes).await;
            }
            // Now the last token of the old ones is dead.
            pass(&workers, node, hours(2) + minutes(5), 1).await;
            node.keep_keys().await;
            let left = agreed(nodes).await;
            assert!(left.is_disjoint(&old) && left.len() == 3, "{left:?}");
            old = left;
        }
        done.set(true);
    };
    let working = join_all(workers.iter().map(|worker| worker.work(&done)));
    tokio::join!(working, script);
}
