//! The server goes nowhere that somebody named (ADM-09 in the abuse cases).

use std::{io::ErrorKind, net::TcpListener};

use linkgate::admin::AdminRole::Owner;
use sqlx::PgPool;

use crate::harness::{Redirect, Stage, draft};

/// A service of the private network that must not be visited.
struct Inside(TcpListener);

impl Inside {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    /// Its addresses, as an admin or a stranger might write them.
    fn addresses(&self) -> [String; 4] {
        let port = self.0.local_addr().unwrap().port();
        [
            "https://127.0.0.1",
            "http://127.0.0.1",
            "http://localhost",
            "http://0x7f000001",
        ]
        .map(|host| format!("{host}:{port}/latest/meta-data"))
    }

    #[track_caller]
    fn assert_unvisited(&self) {
        let visitor = self.0.accept().map_err(|error| error.kind());
        assert_eq!(visitor.unwrap_err(), ErrorKind::WouldBlock);
    }
}

#[sqlx::test]
async fn adm_09_an_address_in_a_setting_is_shown_and_never_fetched(db: PgPool) {
    let inside = Inside::open();
    let stage = Stage::set(db).await;
    let console = stage.app.console(Owner).await;
    let edit = format!("/admin/clients/{}/edit", stage.client.id());
    for address in inside.addresses() {
        console
            .fill_in(&edit, &edit, &[("privacy_url", &address)])
            .await;
        let settings = "/admin/settings";
        console
            .fill_in(settings, settings, &[("privacy_url", &address)])
            .await;
        // As an installation of before any such rule would have it.
        let stored = |table: &str| format!("update {table} set privacy_url = '{address}'");
        stage.app.change(&stored("client")).await;
        stage.app.change(&stored("service")).await;
        stage.link().await;
        stage.browser.get("/privacy").await;
        console.get(&edit).await.assert_page(200);
    }
    inside.assert_unvisited();
}

#[sqlx::test]
async fn adm_09_an_address_in_a_request_is_never_fetched(db: PgPool) {
    let inside = Inside::open();
    let stage = Stage::set(db).await;
    for address in inside.addresses() {
        for name in [
            "request_uri",
            "jwks_uri",
            "logo_uri",
            "policy_uri",
            "sector_identifier_uri",
            "resource",
            "redirect_uri",
        ] {
            stage.open(&[(name, address.as_str())]).await;
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", "lg_ac_x"),
                (name, address.as_str()),
            ];
            stage.platform.post(&fields).await;
        }
        stage.platform.resolve(&address).await;
    }
    inside.assert_unvisited();
}

#[sqlx::test]
async fn adm_09_the_redirect_is_the_browsers_to_follow(db: PgPool) {
    let inside = Inside::open();
    let [_, loopback, ..] = inside.addresses();
    let trial = linkgate::client::registration::Draft {
        redirect_uris: vec![loopback.clone()],
        ..draft()
    };
    let stage = Stage::set_for(db, trial).await;
    let page = stage.consent_page(&[]).await;
    let denied = Redirect::of(&stage.browser.decide(&page, "deny").await);
    let approved = Redirect::of(&stage.browser.decide(&page, "approve").await);
    assert_eq!(
        (denied.target, approved.target.clone()),
        (loopback.clone(), loopback)
    );
    assert_eq!(stage.redeem(approved.code()).await.status, 200);
    inside.assert_unvisited();
}
