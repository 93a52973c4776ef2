//! What all lives share: two nodes that come and go, three clients, one person.

use chrono::TimeDelta;
use linkgate::client::{Client, Rotation};
use sqlx::PgPool;

use super::Kind;
use crate::harness::{Platform, Registered, Stage, TestApp, days, draft};

/// When a link of these clients dies of idleness.
pub const IDLE: TimeDelta = TimeDelta::days(10);
/// Everybody here comes from one address, thieves and platforms alike.
const SETTINGS: [(&str, &str); 1] = [("LINKGATE_RATE_LIMITS", "off")];

pub struct World {
    /// A third node, where people link; it stays.
    pub stage: Stage,
    pub account_enabled: bool,
    clients: [Registered; 3],
    nodes: Vec<Node>,
}

struct Node {
    app: TestApp,
    /// One of each client, with connections of its own.
    platforms: Vec<Platform>,
}

impl World {
    pub async fn begin(db: PgPool) -> Self {
        let stage = Stage::on(TestApp::spawn_with(db, &SETTINGS).await, draft()).await;
        let app = &stage.app;
        let clients = [
            stage.client.clone(),
            app.client().await,
            app.public_client().await,
        ];
        for client in &clients {
            let idle = |client: &mut Client| client.settings.refresh_idle = IDLE;
            app.change_client(client, idle).await;
        }
        app.change_schema("create table backup_link as table link with no data")
            .await;
        app.change_schema("create table backup_key as table key with no data")
            .await;
        let nodes = vec![
            Node::start(app, &clients).await,
            Node::start(app, &clients).await,
        ];
        Self {
            stage,
            account_enabled: true,
            clients,
            nodes,
        }
    }

    pub fn app(&self) -> &TestApp {
        &self.stage.app
    }

    pub fn client(&self, kind: Kind) -> &Registered {
        &self.clients[kind as usize]
    }

    pub fn platform(&self, node: usize, kind: Kind) -> &Platform {
        &self.nodes[node].platforms[kind as usize]
    }

    pub async fn restart(&mut self, node: usize) {
        // The old one stops on its own, a second later: nobody asks it anything more.
        self.nodes[node] = Node::start(self.app(), &self.clients).await;
    }

    /// Lets time pass, with the work that it brings.
    pub async fn pass(&self, span: TimeDelta) {
        self.app().clock.advance(span);
        self.nodes[0].app.keep_keys().await;
        self.nodes[0].app.clean().await;
    }

    pub async fn enable_account(&mut self, enabled: bool) {
        if self.account_enabled == enabled {
            return;
        }
        self.account_enabled = enabled;
        let Stage { app, person, .. } = &self.stage;
        if enabled {
            app.enable(person).await;
        } else {
            app.disable(person).await;
        }
    }

    pub async fn set_rotation(&self, kind: Kind, rotates: bool) {
        let rotation = if rotates {
            Rotation::Deferred
        } else {
            Rotation::Never
        };
        let change = |client: &mut Client| client.settings.rotation = rotation;
        self.app().change_client(self.client(kind), change).await;
    }

    /// Backs these links and all keys up.
    pub async fn back_up(&self, links: &str) {
        for statement in [
            "delete from backup_link",
            "delete from backup_key",
            &format!("insert into backup_link select * from link where link_id in ({links})"),
            "insert into backup_key select * from key",
        ] {
            self.app().change_schema(statement).await;
        }
    }

    /// Puts the backup in the place of these links. Keys made since stay, as if they had been kept
    /// elsewhere: without them nothing can be known of the tokens they made.
    pub async fn restore(&mut self, links: &str) {
        for statement in [
            &format!("delete from link where link_id in ({links})"),
            "insert into link select * from backup_link",
            "insert into key overriding system value select * from backup_key on conflict do nothing",
        ] {
            self.app().change_schema(statement).await;
        }
        // Restoring takes its time, and no node runs meanwhile.
        self.app().clock.advance(days(1));
        self.restart(0).await;
        self.restart(1).await;
    }
}

impl Node {
    async fn start(first: &TestApp, clients: &[Registered]) -> Self {
        let app = first.node_with(&SETTINGS).await;
        let platforms = clients.iter().map(|client| app.platform(client)).collect();
        Self { app, platforms }
    }
}
