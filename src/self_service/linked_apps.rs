//! `/account`: the person's own page of links, and the way to end one.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    pages::{LinkCard, LinkMood, LinkedAppsPage, Tab},
    visit::{Visit, to_login},
};
use crate::{
    client::scope_sentence,
    event::{Event, EventKind, Recorder},
    link::{
        EndReason, LinkState,
        listing::{Filter, ListedLink, store::list_links},
        store,
    },
    web::{
        frame::mark,
        i18n::Words,
        page_error::PageError,
        pages::Problem,
        state::AppState,
        time::{Day, ago},
    },
};

/// Unused for so long, a link may be a forgotten one.
const QUIET_AFTER: TimeDelta = TimeDelta::days(60);
/// More links than anybody has.
const MOST_LINKS: i64 = 200;

/// `GET /account`
#[tracing::instrument(name = "account.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    match Visit::begin(&request, &state).await? {
        Some(visit) => draw(visit, None).await,
        None => Ok(to_login()),
    }
}

/// `POST /account/unlink`
#[tracing::instrument(name = "account.unlink", skip_all)]
pub async fn unlink(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let (account, now) = (visit.account.id, visit.now);
    let link = form
        .text("link_id")
        .parse()
        .map_err(|_| Problem::NotFound)?;
    let filter = Filter {
        account: Some(account),
        link: Some(link),
        ..Filter::default()
    };
    let listed = list_links(&state.db, &filter, 1, 0).await?;
    let ended = listed.first().ok_or(Problem::NotFound)?;
    if store::end_own(&state.db, link, account, now).await? {
        let event = Event::new(EventKind::LinkEnded, now)
            .link(link)
            .account(account)
            .client(&ended.client_id);
        recorder.record(event.detail(EndReason::Account.as_str()));
    }
    draw(visit, Some(&ended.client_name)).await
}

async fn draw(visit: Visit<'_>, unlinked: Option<&str>) -> Result<HttpResponse, PageError> {
    let (state, account) = (visit.state, &visit.account);
    let frame = visit.frame("/account");
    let filter = Filter {
        account: Some(account.id),
        alive: true,
        ..Filter::default()
    };
    let mut cards = Vec::new();
    for link in &list_links(&state.db, &filter, MOST_LINKS, 0).await? {
        let lines =
            scope_sentence::lines(&link.scopes, &frame.service_name, frame.words, state).await?;
        let sees = lines.into_iter().map(|line| line.sentence).collect();
        cards.push(card(link, sees, frame.words, visit.now));
    }
    let page = LinkedAppsPage {
        name: account.name.clone(),
        email: account.email.clone(),
        links: cards,
        unlinked: unlinked.map(str::to_owned),
        around: visit.around(Tab::Apps, &frame),
        frame,
    };
    visit.draw(&page)
}

fn card(link: &ListedLink, sees: Vec<String>, words: Words, now: DateTime<Utc>) -> LinkCard {
    let last_used = link.last_used_at.max(link.last_refreshed_at);
    let quiet_since = last_used.or(link.linked_at);
    let state = match link.state {
        _ if !link.client_enabled => LinkMood::Paused,
        LinkState::Pending => LinkMood::Waiting,
        _ if quiet_since.is_some_and(|at| now - at > QUIET_AFTER) => LinkMood::Quiet,
        _ => LinkMood::Working,
    };
    LinkCard {
        link_id: link.link_id.to_string(),
        client_name: link.client_name.clone(),
        mark: mark(&link.client_name),
        since: Day::of(link.linked_at.unwrap_or(link.approved_at), words),
        last_used: last_used.map(|at| ago(at, now, words)),
        state,
        sees,
        chat: link.chat_user().map(|user| (user.platform, user.user_id)),
    }
}
