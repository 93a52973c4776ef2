//! Deleting one's account: asked for with the password or what stands in for it, done after a week in which nothing changes and
//! the person may think better of it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    confirmation::Confirmation,
    pages::{DeletionPage, Tab},
    store,
    visit::{Visit, to_login},
};
use crate::{
    account::password::Hasher,
    event::{self, Event, EventKind, Recorder},
    link::{
        EndReason,
        listing::{Filter, store::list_links},
    },
    web::{page, page_error::PageError, state::AppState, time::Day},
};

const PATH: &str = "/account/delete";
/// How long the person has to think better of it.
const GRACE: TimeDelta = TimeDelta::days(7);
/// More links than anybody has.
const MOST_LINKS: i64 = 200;

/// `GET /account/delete`
#[tracing::instrument(name = "account.ask_deletion", skip_all)]
pub async fn ask(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    match Visit::begin(&request, &state).await? {
        Some(visit) if visit.account.delete_at.is_some() => Ok(page::see_other("/account/you")),
        Some(visit) => {
            let confirmation = Confirmation::of(&visit).await?;
            draw(visit, confirmation).await
        }
        None => Ok(to_login()),
    }
}

/// `POST /account/delete`
#[tracing::instrument(name = "account.delete", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    hasher: Data<Hasher>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let confirmation = Confirmation::of(&visit).await?;
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if confirmation.refused.is_some() {
        return draw(visit, confirmation).await;
    }
    let (id, now) = (visit.account.id, visit.now);
    if store::ask_deletion(&state.db, id, now + GRACE).await? {
        recorder.record(Event::new(EventKind::DeletionAsked, now).account(id));
    }
    Ok(page::see_other("/account/you"))
}

/// `POST /account/keep`
#[tracing::instrument(name = "account.keep", skip_all)]
pub async fn call_off(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, _)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let id = visit.account.id;
    if store::call_off_deletion(&state.db, id).await? {
        recorder.record(Event::new(EventKind::DeletionCalledOff, visit.now).account(id));
    }
    Ok(page::see_other("/account/you?kept=1"))
}

/// Deletes the accounts whose time has come, with their links. How many.
pub async fn delete_due(state: &AppState, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut transaction = state.db.begin().await?;
    let due = store::lock_due(&mut transaction, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let ended = store::end_links_of(&mut *transaction, &due, EndReason::Account, now).await?;
    let links = ended.iter().map(|link| {
        Event::new(EventKind::LinkEnded, now)
            .link(link.link_id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::Account.as_str())
    });
    let accounts = due
        .iter()
        .map(|id| Event::new(EventKind::AccountDeleted, now).account(*id));
    let events: Vec<_> = links.chain(accounts).collect();
    event::store::insert_events(&mut *transaction, &events).await?;
    store::delete_accounts(&mut *transaction, &due).await?;
    transaction.commit().await?;
    Ok(due.len() as u64)
}

async fn draw(visit: Visit<'_>, confirmation: Confirmation) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let filter = Filter {
        account: Some(visit.account.id),
        alive: true,
        ..Filter::default()
    };
    let links = list_links(&visit.state.db, &filter, MOST_LINKS, 0).await?;
    let page = DeletionPage {
        around: visit.around(Tab::You, &frame),
        day: Day::of(visit.now + GRACE, frame.words),
        apps: links.into_iter().map(|link| link.client_name).collect(),
        confirmation,
        frame,
    };
    let mut response = visit.draw(&page)?;
    confirmation.tell(&mut response);
    Ok(response)
}
