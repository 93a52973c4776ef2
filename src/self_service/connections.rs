//! `/account/connections`: the sign-ins with others that lead to the account, on the security page.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};

use super::{
    pages::{Connected, ConnectedRow},
    visit::{Visit, to_login},
};
use crate::{
    account::{
        Account,
        entry::{Without, stays_open},
        provider::{
            connection::{
                Connection,
                store::{delete_connection, has_password, list_connections},
            },
            directory,
            round_trip::Errand,
            sign_in,
        },
        store::lock_account,
        way_in,
    },
    event::{self, Event, EventKind, Recorder},
    foundation::ids::ConnectionId,
    mail::{self, Letter, Mailer, Recipient},
    web::{
        frame::mark,
        i18n::{Lang, Words},
        page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
        time::{Day, ago},
    },
};

const PAGE: &str = "/account/security";

/// What the security page says of them.
pub async fn of(visit: &Visit<'_>, words: Words) -> Result<Connected, PageError> {
    let (db, id) = (&visit.state.db, visit.account.id);
    let connections = list_connections(db, id).await?;
    let row = |connection: Connection| {
        let name = connection.provider_name(words.lang());
        ConnectedRow {
            id: connection.id.to_string(),
            kind: connection.kind.as_str(),
            mark: mark(&name),
            name,
            email: connection.email,
            since: Day::of(connection.connected_at, words),
            used: connection.last_used_at.map(|at| ago(at, visit.now, words)),
            enabled: connection.enabled,
        }
    };
    Ok(Connected {
        rows: connections.into_iter().map(row).collect(),
        offers: directory::offered(visit.request, words).0,
        has_password: has_password(db, id).await?,
        kept: page::query_value(visit.request, "kept").is_some(),
    })
}

/// `GET` of an address that forms are posted to and no page is at.
#[tracing::instrument(name = "account.connections.up", skip_all)]
pub async fn up() -> HttpResponse {
    page::see_other(PAGE)
}

/// `POST /account/connections/with/{provider}`: to the provider, to connect what is there.
#[tracing::instrument(name = "account.connect", skip_all)]
pub async fn connect(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let errand = Errand::Connect(visit.account.id);
    let on_the_way = way_in::Visit {
        request: &request,
        state: &state,
        now: visit.now,
    };
    sign_in::send(&id, (errand, None), &form, &recorder, on_the_way).await
}

/// `POST /account/connections`: disconnects the one that `connection` names.
#[tracing::instrument(name = "account.disconnect", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let named = form.text("connection").parse();
    let named: ConnectionId = named.map_err(|_| Problem::NotFound)?;
    let next = match disconnect(&visit, named).await? {
        Disconnected::Now => {
            mailer.wake();
            "/account/security"
        }
        // One that is gone is what was wanted.
        Disconnected::Before => PAGE,
        Disconnected::Kept => "/account/security?kept=1",
    };
    Ok(page::see_other(next))
}

enum Disconnected {
    Now,
    Before,
    /// Nobody could sign in without it.
    Kept,
}

/// Disconnects, and tells the person: both or nothing. The account is locked, so that two at once don't
/// take the last two.
async fn disconnect(visit: &Visit<'_>, named: ConnectionId) -> sqlx::Result<Disconnected> {
    let (state, now) = (visit.state, visit.now);
    let mut transaction = state.db.begin().await?;
    let Some(account) = lock_account(&mut transaction, visit.account.id).await? else {
        return Ok(Disconnected::Before);
    };
    let connections = list_connections(&mut *transaction, account.id).await?;
    let Some(connection) = connections.iter().find(|one| one.id == named) else {
        return Ok(Disconnected::Before);
    };
    let without = Without::Connection(named);
    if !stays_open(&mut *transaction, account.id, without, state).await? {
        return Ok(Disconnected::Kept);
    }
    delete_connection(&mut *transaction, account.id, named).await?;
    tell(&mut transaction, &account, connection, now).await?;
    transaction.commit().await?;
    Ok(Disconnected::Now)
}

async fn tell(
    db: &mut sqlx::PgConnection,
    account: &Account,
    connection: &Connection,
    now: chrono::DateTime<chrono::Utc>,
) -> sqlx::Result<()> {
    let event = Event::new(EventKind::SignInDisconnected, now).account(account.id);
    let event = event.detail(connection.provider_name(Lang::En));
    event::store::insert_events(&mut *db, &[event]).await?;
    let lang = Lang::parse(&account.locale).unwrap_or(Lang::En);
    let letter = Letter::SignInDisconnected {
        provider: connection.provider_name(lang),
        at: now,
    };
    let recipient = Recipient {
        email: &account.email,
        language: &account.locale,
    };
    mail::post(db, recipient, &letter, now).await
}
