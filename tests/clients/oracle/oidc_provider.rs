//! The certified server as a child process.

use std::process::Stdio;

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

use super::{request::Sender, server::Clients};
use crate::{
    harness::REDIRECT_URI,
    libraries::{Language, Runner},
};

/// A running `oidc-provider`; it ends when this is dropped.
pub struct OidcProvider {
    pub url: String,
    _child: Child,
    // Kept open: it may still have something to say.
    _said: Lines<BufReader<ChildStdout>>,
    _runner: Runner,
}

impl OidcProvider {
    /// Starts one that knows these clients.
    pub async fn start(clients: &Clients) -> Self {
        let runner = Runner::of("clients", Language::Node).await;
        let mut child = runner
            .command("oidc-provider.mjs")
            .env("REGISTRATIONS", registrations(clients))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let port: u16 = loop {
            let line = said.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("oidc-provider did not start"));
            if let Ok(port) = line.parse() {
                break port;
            }
        };
        Self {
            url: format!("http://127.0.0.1:{port}"),
            _child: child,
            _said: said,
            _runner: runner,
        }
    }
}

/// Where Linkgate takes either place for a secret, oidc-provider has one to each client.
fn registrations(clients: &Clients) -> String {
    let entry = |(sender, client): (&Sender, &crate::harness::Registered)| {
        let method = match sender {
            Sender::Posting => "client_secret_post",
            Sender::Public => "none",
            Sender::Confidential | Sender::Other | Sender::Narrow => "client_secret_basic",
        };
        json!({
            "id": client.id(),
            "secret": client.secret,
            "method": method,
            "redirectUri": REDIRECT_URI,
            "scope": client.client.scopes.to_names().join(" "),
        })
    };
    let clients: Vec<_> = clients.iter().map(entry).collect();
    json!({ "clients": clients }).to_string()
}
