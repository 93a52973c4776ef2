//! `/account/security`: where the person is signed in, and the way to end that.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::{
    connections,
    pages::{SecurityPage, SessionRow, Tab},
    store::{self, OwnSession},
    visit::{Visit, to_login},
};
use crate::{
    account::{email_change::store::end_sessions_but, provider::directory, session},
    foundation::seal,
    web::{
        i18n::Words,
        page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
        time::{Day, ago},
        user_agent,
    },
};

const PATH: &str = "/account/security";
/// How much of a session's hash names it on the page: it opens nothing, and no two share it.
const NAMED_BY: usize = 16;

/// `GET /account/security`
#[tracing::instrument(name = "account.security", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let now = visit.now;
    let frame = visit.frame(PATH);
    let words = frame.words;
    let here = session::presented(&request, &state);
    let idle_since = now - state.lifetimes.session_idle;
    let sessions = store::list_sessions(&state.db, visit.account.id, idle_since, now).await?;
    let row = |session: OwnSession| SessionRow {
        here: here.is_some_and(|here| here.matches(&session.hash)),
        id: named_by(&session.hash),
        device: device(&session, words),
        since: Day::of(session.created_at, words),
        seen: ago(session.last_seen_at, now, words),
    };
    let page = SecurityPage {
        around: visit.around(Tab::Security, &frame),
        sessions: sessions.into_iter().map(row).collect(),
        ended: page::query_value(&request, "ended").is_some(),
        changed: page::query_value(&request, "changed").is_some(),
        connected: connections::of(&visit, words).await?,
        frame,
    };
    let targets = directory::offered(&request, words).1;
    visit.draw_leading_to(&page, &targets)
}

/// `POST /account/security`: ends the session that `session` names, or all `others`.
#[tracing::instrument(name = "account.end_sessions", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let id = visit.account.id;
    match form.text("session") {
        "others" => {
            let here = session::presented(&request, &state).ok_or(Problem::NotFound)?;
            end_sessions_but(&state.db, id, Some(&here)).await?;
        }
        named => {
            let begins = seal::from_text(named).filter(|begins| begins.len() == NAMED_BY);
            let begins = begins.ok_or(Problem::NotFound)?;
            // One that is over already is what was wanted.
            store::end_session(&state.db, id, &begins).await?;
        }
    }
    Ok(page::see_other("/account/security?ended=1"))
}

fn named_by(hash: &[u8]) -> String {
    seal::to_text(hash.get(..NAMED_BY).unwrap_or(hash))
}

fn device(session: &OwnSession, words: Words) -> String {
    user_agent::spoken(&session.user_agent).unwrap_or_else(|| words.say("session-unknown"))
}
