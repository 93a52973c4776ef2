//! The admin's first quarter of an hour: sign in, register CLOVA, copy its fields, see somebody link.

use std::sync::Arc;

use linkgate::{
    account::password::Hasher,
    admin::{self, Admin, AdminRole},
    client::{self, guide::Guide},
    foundation::{
        clock::Clock,
        ids::{AdminId, ClientId},
        random::SystemRandom,
    },
    web::state::PublicUrl,
};
use sqlx::PgPool;

use crate::{
    accessible,
    chrome::Chrome,
    clova,
    harness::{COST, PASSWORD, Registered, TestApp, tokens},
};

const EMAIL: &str = "admin@example.com";

async fn make_owner(app: &TestApp) {
    let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
    let hash = hasher.hash(PASSWORD.into()).await.unwrap();
    let owner = Admin {
        id: AdminId::random(&SystemRandom),
        email: EMAIL.to_owned(),
        role: AdminRole::Owner,
        disabled_at: None,
        created_at: app.clock.now(),
    };
    let stored = admin::store::insert_admin(&app.db, &owner, &hash).await;
    stored.unwrap();
}

async fn sign_in(chrome: &Chrome, app: &TestApp) {
    chrome.go(&format!("{}/admin", app.url)).await;
    assert_eq!(chrome.url().await.path(), "/admin/login");
    accessible::check_console(chrome).await;
    chrome.fill("#email", EMAIL).await;
    chrome.fill("#password", PASSWORD).await;
    chrome.tap_through(".fields button").await;
    assert_eq!(chrome.url().await.path(), "/admin");
    accessible::check_console(chrome).await;
}

/// Registers CLOVA as an admin does; gives its id and the secret that the page shows.
async fn register_clova(chrome: &Chrome) -> (ClientId, String) {
    chrome.tap_through(".nav a[href='/admin/clients']").await;
    accessible::check_console(chrome).await;
    chrome
        .tap_through("main a[href='/admin/clients/new']")
        .await;
    accessible::check_console(chrome).await;
    let clova = "a[href='/admin/clients/new?preset=clova']";
    chrome.tap_through(clova).await;
    accessible::check_console(chrome).await;
    chrome.fill("#name", "CLOVA").await;
    chrome.tap_through("main form button[type=submit]").await;
    accessible::check_console(chrome).await;
    let secret = chrome.text(".fresh .secret code").await;
    let id = chrome.text("main h1 + p code").await;
    (ClientId(id), secret)
}

/// Label and English label of every field that is shown, in order.
async fn shown_labels(chrome: &Chrome) -> Vec<(String, String)> {
    chrome
        .ask(
            "return [...document.querySelectorAll('.paste dt')].map((it) => {
                const label = it.firstChild.textContent.trim();
                return [label, it.querySelector('.note')?.textContent ?? label];
            })",
        )
        .await
}

#[sqlx::test]
async fn an_admin_registers_clova_by_its_preset_and_people_can_link(db: PgPool) {
    let app = TestApp::spawn(db).await;
    make_owner(&app).await;
    let chrome = Chrome::open().await;
    sign_in(&chrome, &app).await;
    let (id, secret) = register_clova(&chrome).await;

    // The secret is shown once, and never again.
    chrome.go(&format!("{}/admin/clients/{id}", app.url)).await;
    accessible::check_console(&chrome).await;
    let page: String = chrome
        .ask("return document.documentElement.outerHTML")
        .await;
    assert!(!page.contains(&secret));
    chrome
        .go(&format!("{}/admin/clients/{id}/edit", app.url))
        .await;
    accessible::check_console(&chrome).await;

    let client = client::store::find_client(&app.db, &id).await;
    let registered = Registered {
        client: client.unwrap().unwrap(),
        secret: Some(secret),
    };
    assert_eq!(registered.client.redirect_uris, [clova::REDIRECT_URI]);
    let person = app.person("haneul@example.com").await;
    let url = clova::authorization_url(&app, &registered, "s");
    chrome.come_to_consent(&person, &url).await;
    chrome.tap("button[value=approve]").await;
    let redirect = chrome.come_back_to(clova::REDIRECT_URI).await;
    let platform = app.platform(&registered);
    tokens(&platform.redeem(redirect.code(), &[]).await);
}

#[sqlx::test]
async fn every_field_of_clovas_console_is_shown_and_copied(db: PgPool) {
    let app = TestApp::spawn(db).await;
    make_owner(&app).await;
    let chrome = Chrome::open().await;
    sign_in(&chrome, &app).await;
    let (id, secret) = register_clova(&chrome).await;

    let client = client::store::find_client(&app.db, &id).await;
    let guide = Guide {
        client: &client.unwrap().unwrap(),
        public_url: &PublicUrl::new(&app.issuer().parse().unwrap()),
        has_privacy_page: false,
        actions: &[],
    };
    let fields: Vec<_> = guide
        .sections()
        .into_iter()
        .flat_map(|section| section.fields)
        .collect();
    let labels: Vec<_> = fields
        .iter()
        .map(|field| (field.label.clone(), field.label_en.clone()))
        .collect();
    assert_eq!(shown_labels(&chrome).await, labels);

    // Beside everything that is to be pasted stands a button that copies just that.
    let pasted: Vec<(String, Option<String>)> = chrome
        .ask(
            "return [...document.querySelectorAll('.paste .value code')].map((it) =>
                [it.textContent, [...it.parentElement.querySelectorAll('.copy')].find((it) => it.checkVisibility())?.dataset.copy ?? null])",
        )
        .await;
    assert!(pasted.len() > 7, "{pasted:?}");
    for (value, copied) in &pasted {
        assert_eq!(copied.as_ref(), Some(value));
    }
    let values: Vec<_> = pasted.iter().map(|(value, _)| value.as_str()).collect();
    let authorize = format!("{}/oauth/authorize", app.issuer());
    let token = format!("{}/oauth/token", app.issuer());
    for expected in [&authorize, &token, &secret, &id.to_string()] {
        assert!(
            values.contains(&expected.as_str()),
            "{expected}: {values:?}"
        );
    }

    for button in [
        format!("[data-copy='{authorize}']"),
        ".fresh [data-copy]".to_owned(),
    ] {
        let label = chrome.text(&button).await;
        chrome.tap(&button).await;
        let said = chrome.until("the button to say so", async || {
            let said = chrome.text(&button).await;
            (said != label).then_some(said)
        });
        assert_eq!(said.await, "Copied");
    }
    chrome.allow_reading_the_clipboard().await;
    let clipboard: String = chrome.ask("return navigator.clipboard.readText()").await;
    assert_eq!(clipboard, secret);
}

#[sqlx::test]
async fn the_console_can_be_used_on_a_phone(db: PgPool) {
    let app = TestApp::spawn(db).await;
    make_owner(&app).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let url = clova::authorization_url(&app, &client, "s");
    let redirect = app.browser().approve(&person, &url).await;
    tokens(&app.platform(&client).redeem(redirect.code(), &[]).await);
    let link = app.value("select link_id from link").await.unwrap();

    let chrome = Chrome::open().await;
    sign_in(&chrome, &app).await;
    for path in [
        "accounts".to_owned(),
        "accounts?q=nobody".to_owned(),
        "accounts/new".to_owned(),
        format!("accounts/{}", person.id),
        format!("accounts/{}/edit", person.id),
        format!("accounts/{}/disable", person.id),
        "links".to_owned(),
        format!("links/{link}"),
        format!("links/{link}/end"),
        "admins".to_owned(),
        "admins/new".to_owned(),
        "settings".to_owned(),
        "settings/scopes/new".to_owned(),
        "clients".to_owned(),
        format!("clients/{}/secret", client.id()),
        format!("clients/{}/record", client.id()),
    ] {
        chrome.go(&format!("{}/admin/{path}", app.url)).await;
        assert_eq!(chrome.status().await, 200, "{path}");
        accessible::check_console(&chrome).await;
    }

    // And one link ends from there.
    chrome
        .go(&format!("{}/admin/links/{link}/end", app.url))
        .await;
    chrome.tap_through("main form button[type=submit]").await;
    assert_eq!(app.only_link().await, "ended by admin");
}
