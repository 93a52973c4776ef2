//! Deleting one's account: asked for with the password or what stands in for it, done after a week in which nothing changes and
//! the person may think better of it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::{
    confirmation::Confirmation,
    pages::{DeletionPage, Tab},
    store,
    visit::{Visit, to_login},
};
use crate::{
    account::password::Hasher,
    event::{self, Event, EventKind},
    link::{
        EndReason,
        listing::{Filter, store::list_links},
    },
    mail::{self, Letter, Mailer, Recipient},
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
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
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
    let until = now + GRACE;
    let mut transaction = state.db.begin().await?;
    if store::ask_deletion(&mut *transaction, id, until).await? {
        let letter = Letter::DeletionAsked { until, at: now };
        tell(&mut transaction, &visit, EventKind::DeletionAsked, &letter).await?;
    }
    transaction.commit().await?;
    mailer.wake();
    Ok(page::see_other("/account/you"))
}

/// `POST /account/keep`
#[tracing::instrument(name = "account.keep", skip_all)]
pub async fn call_off(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, _)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let mut transaction = state.db.begin().await?;
    if store::call_off_deletion(&mut *transaction, visit.account.id).await? {
        let (kind, letter) = (
            EventKind::DeletionCalledOff,
            Letter::DeletionCalledOff { at: visit.now },
        );
        tell(&mut transaction, &visit, kind, &letter).await?;
    }
    transaction.commit().await?;
    mailer.wake();
    Ok(page::see_other("/account/you?kept=1"))
}

/// Notes what was decided, and mails it to whose account it is.
async fn tell(
    db: &mut PgConnection,
    visit: &Visit<'_>,
    kind: EventKind,
    letter: &Letter,
) -> sqlx::Result<()> {
    let event = Event::new(kind, visit.now).account(visit.account.id);
    event::store::insert_events(&mut *db, &[event]).await?;
    let recipient = Recipient {
        email: &visit.account.email,
        language: &visit.account.locale,
    };
    mail::post(db, recipient, letter, visit.now).await
}

/// Deletes the accounts whose time has come, with their links, and tells their people. How many.
pub async fn delete_due(state: &AppState, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut transaction = state.db.begin().await?;
    let due = store::lock_due(&mut transaction, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = due.iter().map(|due| due.account_id).collect();
    let ended = store::end_links_of(&mut *transaction, &ids, EndReason::Account, now).await?;
    let links = ended.iter().map(|link| {
        Event::new(EventKind::LinkEnded, now)
            .link(link.link_id)
            .account(link.account_id)
            .client(&link.client_id)
            .detail(EndReason::Account.as_str())
    });
    let accounts = ids
        .iter()
        .map(|id| Event::new(EventKind::AccountDeleted, now).account(*id));
    let events: Vec<_> = links.chain(accounts).collect();
    for due in &due {
        let recipient = Recipient {
            email: &due.email,
            language: &due.locale,
        };
        let letter = Letter::AccountDeleted { at: now };
        mail::post(&mut *transaction, recipient, &letter, now).await?;
    }
    store::delete_accounts(&mut *transaction, &ids).await?;
    // After that: nobody is told of each link, too.
    event::store::insert_events(&mut *transaction, &events).await?;
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
