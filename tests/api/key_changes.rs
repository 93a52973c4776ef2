//! Changing keys under load, and giving up keys that got out.

use std::cell::Cell;

use futures_util::future::join_all;
use linkgate::foundation::keys::KeyKind;
use sqlx::PgPool;

use crate::harness::{Platform, Stage, TestApp, Tokens, days, hours, seconds, tokens};

/// A platform that refreshes at one node and resolves at the other, again and again.
struct Worker {
    here: Platform,
    there: Platform,
    held: Tokens,
    turns: Cell<u32>,
}

impl Worker {
    async fn work(&self, done: &Cell<bool>) {
        let mut held = self.held.clone();
        while !done.get() {
            held = tokens(&self.here.refresh_with(&held.refresh, &[]).await);
            let answer = self.there.resolve(&held.access).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            self.turns.set(self.turns.get() + 1);
        }
    }
}

/// Two nodes at work for six links.
struct Load {
    nodes: [TestApp; 2],
    workers: Vec<Worker>,
    done: Cell<bool>,
}

impl Load {
    /// Waits until each worker began and ended a turn since now.
    async fn turn(&self) {
        let before: Vec<_> = self
            .workers
            .iter()
            .map(|worker| worker.turns.get())
            .collect();
        for (worker, before) in self.workers.iter().zip(before) {
            while worker.turns.get() < before + 2 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
    }

    async fn at_work(&self, script: impl Future<Output = ()>) {
        let working = join_all(self.workers.iter().map(|worker| worker.work(&self.done)));
        let script = async {
            script.await;
            self.done.set(true);
        };
        tokio::join!(working, script);
    }
}

async fn load(stage: &Stage) -> Load {
    let longest = |client: &mut linkgate::client::Client| {
        client.settings.access_lifetime = days(1);
    };
    stage.app.change_client(&stage.client, longest).await;
    let nodes = [stage.app.second_node().await, stage.app.second_node().await];
    let mut workers = Vec::new();
    for number in 0..6 {
        let [here, there] =
            [number % 2, (number + 1) % 2].map(|node| nodes[node].platform(&stage.client));
        workers.push(Worker {
            here,
            there,
            held: stage.link().await,
            turns: Cell::new(0),
        });
    }
    Load {
        nodes,
        workers,
        done: Cell::new(false),
    }
}

#[sqlx::test]
async fn no_resolve_and_no_refresh_fails_while_every_key_changes(db: PgPool) {
    let stage = Stage::set(db).await;
    let load = load(&stage).await;
    let [first, second] = &load.nodes;
    let highest = stage
        .app
        .value("select max(key_id) from key")
        .await
        .unwrap();
    load.at_work(async {
        for kind in KeyKind::ALL {
            first.rotate(kind).await;
            for _ in 0..3 {
                load.turn().await;
                first.clock.advance(seconds(30));
            }
        }
        // More than two months, in steps that are shorter than an access token's life.
        for step in 0..70 {
            let node = if step % 2 == 0 { first } else { second };
            node.keep_keys().await;
            load.turn().await;
            if step % 7 == 0 {
                stage.link().await;
            }
            first.clock.advance(hours(23));
        }
    })
    .await;
    // A device is known for longer than this lasts.
    let old = format!("key_id <= {highest} and kind <> 'device'");
    assert_eq!(stage.app.count("key", &old).await, 0);
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 1);
    assert_eq!(stage.app.keys_of(KeyKind::Csrf).await, 2);
}

/// Waits until a node has heard: it does so within moments, and within 30 s in any case.
async fn comes_true(condition: impl AsyncFn() -> bool) {
    while !condition().await {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[sqlx::test]
async fn compromised_access_keys_kill_access_tokens_and_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let node = stage.app.second_node().await;
    let second = node.platform(&stage.client);
    let link = stage.link().await;
    assert_eq!(second.resolve(&link.access).await.status, 200);
    stage.app.replace(KeyKind::Access).await;
    assert!(!stage.resolves(&link).await);
    comes_true(async || second.resolve(&link.access).await.status == 401).await;
    let next = tokens(&second.refresh_with(&link.refresh, &[]).await);
    assert!(stage.resolves(&next).await);
    assert_eq!(second.resolve(&next.access).await.status, 200);
    assert_eq!(stage.app.keys_of(KeyKind::Access).await, 1);
}

#[sqlx::test]
async fn compromised_refresh_keys_end_every_link_they_made_and_no_later_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let old = stage.link().await;
    stage.app.rotate(KeyKind::Refresh).await;
    stage.app.clock.advance(seconds(60));
    let newer = stage.link().await;
    stage.app.replace(KeyKind::Refresh).await;
    for held in [&old, &newer] {
        let answer = stage.platform.refresh_with(&held.refresh, &[]).await;
        answer.assert_refused(400, "invalid_grant");
    }
    let later = stage.link().await;
    // The command was interrupted here: the server goes on with it.
    stage.app.keep_keys().await;
    assert!(!stage.resolves(&old).await && !stage.resolves(&newer).await);
    assert!(stage.resolves(&later).await);
    assert_eq!(
        stage
            .app
            .count("link", "end_reason = 'key_compromised'")
            .await,
        2
    );
    let told = "kind = 'link_ended' and detail = 'key_compromised'";
    assert_eq!(stage.app.count("event", told).await, 2);

    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 3);
    stage.app.clock.advance(days(1));
    stage.app.keep_keys().await;
    assert_eq!(stage.app.keys_of(KeyKind::Refresh).await, 1);
    tokens(&stage.platform.refresh_with(&later.refresh, &[]).await);
}

#[sqlx::test]
async fn a_flow_under_a_compromised_key_has_to_begin_again(db: PgPool) {
    let stage = Stage::set(db).await;
    for kind in [KeyKind::Seal, KeyKind::Code] {
        let page = stage.consent_page(&[]).await;
        stage.app.replace(kind).await;
        let answer = stage.browser.decide(&page, "approve").await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
    stage.link().await;
}

#[sqlx::test]
async fn a_form_under_a_compromised_key_is_stale(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.browser.get("/login").await;
    stage.app.replace(KeyKind::Csrf).await;
    let log_in = async |page: &crate::harness::Answer| {
        let form = page.form("/login").with("email", &stage.person.email);
        let form = form.with("password", crate::harness::PASSWORD);
        stage.browser.submit(&form).await
    };
    log_in(&page).await.assert_page(403);
    let page = stage.browser.get("/login").await;
    assert_eq!(log_in(&page).await.location(), "/account");
}
