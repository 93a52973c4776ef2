//! A differential oracle: the same hostile requests to the certified `oidc-provider` and to Linkgate.
//! `requests.toml` has the requests, `differences.toml` explains each difference there is.

mod oidc_provider;
mod outcome;
mod request;
mod server;
mod table;

use std::collections::BTreeSet;

use linkgate::client::registration::Draft;
use sqlx::PgPool;

use self::{
    oidc_provider::OidcProvider,
    request::{Endpoint, Sender},
    server::{Clients, Server},
    table::Difference,
};
use crate::harness::{TestApp, draft};

/// Asks both servers and holds what they answer to the table.
async fn compare(db: PgPool, endpoint: Endpoint) {
    // Most of these requests fail on purpose.
    let app = TestApp::spawn_with(db, &[("LINKGATE_RATE_LIMITS", "off")]).await;
    let clients = register(&app).await;
    let person = app.person("haneul@example.com").await;
    let provider = OidcProvider::start(&clients).await;
    let ours = Server::new(&app.url, &clients, Some(person));
    let theirs = Server::new(&provider.url, &clients, None);

    let mut explained = table::differences();
    let mut complaints = String::new();
    for request in table::requests(endpoint) {
        let (ours, theirs) = (ours.answer(&request).await, theirs.answer(&request).await);
        let known = explained.remove(&request.name);
        complaints += &judge(&request.name, &ours, &theirs, known);
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

async fn register(app: &TestApp) -> Clients {
    let narrow = Draft {
        scopes: vec!["account:id".to_owned()],
        ..draft()
    };
    Clients::from([
        (Sender::Confidential, app.client().await),
        (Sender::Posting, app.client().await),
        (Sender::Public, app.public_client().await),
        (Sender::Other, app.client().await),
        (Sender::Narrow, app.register(narrow).await),
    ])
}

/// What is wrong with the table, if anything is; a new difference as the entry that is to be explained.
fn judge(name: &str, ours: &str, theirs: &str, known: Option<Difference>) -> String {
    match known {
        None if ours == theirs => String::new(),
        None => format!(
            "\n[[difference]]\nrequests = [\"{name}\"]\nlinkgate = \"{ours}\"\noidc-provider = \"{theirs}\"\nwhy = \"\"\n"
        ),
        Some(_) if ours == theirs => {
            format!("{name}: both answer {ours}, so its explanation is out of date\n")
        }
        Some(known) if known.linkgate == ours && known.oidc_provider == theirs => String::new(),
        Some(known) => format!(
            "{name}: now {ours} here and {theirs} there; explained are {} and {}\n",
            known.linkgate, known.oidc_provider,
        ),
    }
}

#[sqlx::test]
async fn authorization_requests_get_what_oidc_provider_gives(db: PgPool) {
    compare(db, Endpoint::Authorize).await;
}

#[sqlx::test]
async fn token_requests_get_what_oidc_provider_gives(db: PgPool) {
    compare(db, Endpoint::Token).await;
}

#[sqlx::test]
async fn revocation_requests_get_what_oidc_provider_gives(db: PgPool) {
    compare(db, Endpoint::Revoke).await;
}

#[sqlx::test]
async fn introspection_requests_get_what_oidc_provider_gives(db: PgPool) {
    compare(db, Endpoint::Introspect).await;
}

#[test]
fn each_explanation_is_of_a_request_that_is_sent() {
    let requests = Endpoint::ALL.into_iter().flat_map(table::requests);
    let names: Vec<_> = requests.map(|request| request.name).collect();
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "a name comes twice");
    for (name, known) in table::differences() {
        assert!(names.contains(&name), "no request is called {name}");
        assert!(known.why.len() > 20, "{name} is not explained");
        assert_ne!(known.linkgate, known.oidc_provider, "{name}");
    }
}
