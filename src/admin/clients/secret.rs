//! `/admin/clients/{id}/secret`: a new secret, beside the old one for as long as a console needs to
//! be changed.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use chrono::{SecondsFormat, TimeDelta};

use super::{address, find, show};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        guard::{Opened, Operator, Posted},
        when::When,
    },
    client::{
        Client,
        secret::{
            self,
            store::{SecretRecord, list_live_secrets},
        },
        store::lock_client,
    },
    web::{page_error::PageError, pages::Problem},
};

/// How long an old secret may work on: the form's value, its label, and what it is for.
const OVERLAPS: [(&str, &str, &str, TimeDelta); 3] = [
    (
        "7d",
        "7 days",
        "Time to change the platform's console and to wait for its review.",
        TimeDelta::days(7),
    ),
    (
        "1d",
        "1 day",
        "When the platform takes the new secret at once.",
        TimeDelta::days(1),
    ),
    (
        "0",
        "Not at all",
        "When the old one has leaked. Nobody can link or refresh until the console has the new one.",
        TimeDelta::zero(),
    ),
];

#[derive(Debug, Template)]
#[template(path = "admin/clients/secret.html")]
struct SecretPage {
    chrome: Chrome,
    here: String,
    client: Client,
    secrets: Vec<Listed>,
    /// Which secret is the newest, as the form saw it.
    newest: String,
    replaced_meanwhile: bool,
}

/// When a secret was made, last used, and will end.
type Listed = (When, Option<When>, Option<When>);

impl SecretPage {
    fn overlaps() -> &'static [(&'static str, &'static str, &'static str, TimeDelta)] {
        &OVERLAPS
    }
}

/// `GET /admin/clients/{id}/secret`
#[tracing::instrument(name = "admin.clients.secret", skip_all)]
pub async fn show(opened: Opened<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let client = confidential(find(&console, id.into_inner()).await?)?;
    let secrets = list_live_secrets(&console.state.db, &client.id, console.now).await?;
    console.page(&page_of(&console, client, &secrets, false))
}

/// `POST /admin/clients/{id}/secret`: answers the client's page with the new secret.
#[tracing::instrument(name = "admin.clients.rotate_secret", skip_all)]
pub async fn submit(posted: Posted<Operator>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let (state, now) = (&console.state, console.now);
    let client = confidential(find(&console, id.into_inner()).await?)?;
    let chosen = OVERLAPS
        .iter()
        .find(|(value, ..)| *value == form.text("overlap"));
    let (value, _, _, overlap) = chosen.ok_or_else(|| {
        PageError::Unreadable("the overlap must be one of those offered".to_owned())
    })?;
    let mut transaction = state.db.begin().await?;
    lock_client(&mut transaction, &client.id).await?;
    let secrets = list_live_secrets(&mut *transaction, &client.id, now).await?;
    // A reload or a second tap must not kill the secret that was just copied.
    if form.text("newest") != newest(&secrets) {
        return console.refused(&page_of(&console, client, &secrets, true));
    }
    let random = &*state.random;
    let secret = secret::rotate(&mut transaction, &client.id, *overlap, random, now).await?;
    let fresh = Some(show::Fresh::Replaced(secret));
    let shown = show::draw(&console, &mut transaction, &client, fresh).await?;
    transaction.commit().await?;
    console.record(
        format!("client secret replaced, overlap {value}"),
        |event| event.client(&client.id),
    );
    Ok(shown)
}

/// A public client, or one with keys, has no secret, and so no such page.
fn confidential(client: Client) -> Result<Client, PageError> {
    if client.has_secret() {
        Ok(client)
    } else {
        Err(Problem::NotFound.into())
    }
}

fn page_of(
    console: &Console,
    client: Client,
    secrets: &[SecretRecord],
    replaced_meanwhile: bool,
) -> SecretPage {
    let when = |at| When::new(at, console.now);
    SecretPage {
        chrome: console.chrome(Some(Section::Clients)),
        here: address(&client, ""),
        client,
        newest: newest(secrets),
        secrets: secrets
            .iter()
            .map(|secret| {
                (
                    when(secret.created_at),
                    secret.last_used_at.map(when),
                    secret.expires_at.map(when),
                )
            })
            .collect(),
        replaced_meanwhile,
    }
}

fn newest(secrets: &[SecretRecord]) -> String {
    secrets.first().map_or_else(String::new, |secret| {
        secret
            .created_at
            .to_rfc3339_opts(SecondsFormat::Micros, true)
    })
}
