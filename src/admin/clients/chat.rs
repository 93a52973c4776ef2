//! What a client's page tells of its chat users, and the call secret that is made there.

use actix_web::{HttpResponse, web::Path};
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::PgConnection;

use super::{address, find, show};
use crate::{
    admin::{
        console::Console,
        flash::Done,
        guard::{Operator, Posted},
        when::When,
    },
    chatbot::{
        by_chat_user::call_secret::{self, store as secrets},
        connect::store::find_deliveries,
    },
    client::{Client, store::lock_client},
    web::{page_error::PageError, pages::Problem},
};

/// How connecting chat users stands.
pub struct ChatUsers {
    /// Whether it is on.
    pub connects: bool,
    /// Whether the chatbot can be told.
    pub tells: bool,
    /// When it heard last.
    pub delivered: Option<When>,
    /// How many notices wait, when the next is tried, and why the last try failed.
    pub waiting: i64,
    /// See `waiting`.
    pub next: Option<When>,
    /// See `waiting`.
    pub because: Option<String>,
    /// When one was given up last, and why.
    pub given_up: Option<(When, String)>,
    /// When the call secret was made.
    pub call_secret: Option<When>,
    /// Which one the page saw.
    pub seen: String,
}

impl ChatUsers {
    /// As it stands now.
    pub async fn of(
        db: &mut PgConnection,
        client: &Client,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Self> {
        let deliveries = find_deliveries(&mut *db, &client.id).await?;
        let made_at = secrets::find_made_at(db, &client.id).await?;
        let chatbot = &client.settings.chatbot;
        let when = |at| When::new(at, now);
        let given_up = deliveries.given_up_at.map(when);
        Ok(Self {
            connects: chatbot.domain_code.is_some(),
            tells: chatbot.invoke_url.is_some() && chatbot.secret.is_some(),
            delivered: deliveries.delivered_at.map(when),
            waiting: deliveries.waiting,
            next: deliveries.next_at.map(when),
            because: deliveries.waits_because,
            given_up: given_up.zip(deliveries.given_up_because),
            call_secret: made_at.map(when),
            seen: seen(made_at),
        })
    }
}

/// `POST /admin/clients/{id}/call-secret`: answers the client's page with the new URL, or takes it away.
#[tracing::instrument(name = "admin.clients.call_secret", skip_all)]
pub async fn call_secret(
    posted: Posted<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = posted;
    let (state, now) = (&console.state, console.now);
    let id = find(&console, id.into_inner()).await?.id;
    let mut transaction = state.db.begin().await?;
    let client = lock_client(&mut transaction, &id).await?;
    let client = client.ok_or(Problem::NotFound)?;
    let about = |what| told(&console, &client, what);
    if form.text("do") == "remove" {
        if secrets::remove(&mut *transaction, &id).await? {
            transaction.commit().await?;
            about("call secret removed");
        }
        return Ok(console.done(&address(&client, ""), Done::ClientSaved));
    }
    // A reload or a second tap must not kill the one that was just copied.
    let known = secrets::find_made_at(&mut *transaction, &id).await?;
    if form.text("seen") != seen(known) {
        return show::draw(
            &console,
            &mut transaction,
            &client,
            Some(show::Fresh::MadeMeanwhile),
        )
        .await;
    }
    let random = &*state.random;
    let url = call_secret::make(&mut transaction, &id, &state.public_url, random, now).await?;
    let fresh = Some(show::Fresh::CallUrl(url));
    let shown = show::draw(&console, &mut transaction, &client, fresh).await?;
    transaction.commit().await?;
    about("call secret made");
    Ok(shown)
}

fn told(console: &Console, client: &Client, what: &str) {
    console.record(what, |event| event.client(&client.id));
}

fn seen(made_at: Option<DateTime<Utc>>) -> String {
    made_at.map_or_else(String::new, |at| {
        at.to_rfc3339_opts(SecondsFormat::Micros, true)
    })
}
