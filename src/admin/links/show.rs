//! `/admin/links/{id}`: one link, what it may see, and everything that happened to it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::{LinkRow, named};
use crate::{
    admin::{
        chrome::{Chrome, Section},
        guard::{Opened, Viewer},
        history::{self, HistoryLine},
        when::When,
    },
    client::scope_sentence,
    event,
    link::{LinkState, chat_user::ChatUser, listing::ListedLink},
    web::{
        i18n::{Lang, Words},
        page_error::PageError,
    },
};

/// How much history the page shows.
const SHOWN: i64 = 200;

#[derive(Debug, Template)]
#[template(path = "admin/link.html")]
struct LinkPage {
    chrome: Chrome,
    link: LinkRow,
    client_enabled: bool,
    chat_user: Option<ChatUser>,
    steps: Vec<Step>,
    /// Each scope with what people were told it means.
    scopes: Vec<(String, String)>,
    can_end: bool,
    history: Vec<HistoryLine>,
}

/// One step of a link's life.
#[derive(Debug)]
struct Step {
    what: &'static str,
    more: String,
    when: Option<When>,
    /// Its class: done, stuck or still to come.
    mood: &'static str,
    sign: &'static str,
}

/// `GET /admin/links/{id}`
#[tracing::instrument(name = "admin.link", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (state, now) = (&console.state, console.now);
    let link = named(&id, &console).await?;
    let service = &state.branding.get().name;
    let lines = scope_sentence::lines(&link.scopes, service, Words::new(Lang::En), state).await?;
    let sentences = lines.into_iter().map(|line| line.sentence);
    let history = event::store::list_events_of_link(&state.db, link.link_id, SHOWN).await?;
    console.page(&LinkPage {
        chrome: console.chrome(Some(Section::Links)),
        client_enabled: link.client_enabled,
        chat_user: link.chat_user(),
        steps: steps(&link, |at| When::new(at, now)),
        scopes: link.scopes.iter().cloned().zip(sentences).collect(),
        can_end: link.state != LinkState::Ended,
        history: HistoryLine::all(history, now),
        link: LinkRow::new(link, now),
    })
}

fn steps(link: &ListedLink, when: impl Fn(chrono::DateTime<chrono::Utc>) -> When) -> Vec<Step> {
    let step = |what, at: Option<_>| Step {
        what,
        more: String::new(),
        when: at.map(&when),
        mood: if at.is_some() { "done" } else { "" },
        sign: if at.is_some() { "✓" } else { "·" },
    };
    let mut steps = vec![step("The person approved", Some(link.approved_at))];
    if link.chat_user().is_some() {
        steps.push(step("The chat was connected", link.linked_at));
        steps.push(step("The chatbot asked last", link.last_used_at));
    } else {
        steps.extend([
            step("The platform redeemed the code", link.linked_at),
            step("A refresh token was used last", link.last_refreshed_at),
            step("An access token was used last", link.last_used_at),
        ]);
    }
    if let Some(ended_at) = link.ended_at {
        let reason = link.end_reason.map_or("", |reason| reason.as_str());
        steps.push(Step {
            what: "It ended",
            more: history::end_reason_in_words(reason).to_owned(),
            when: Some(when(ended_at)),
            mood: "stuck",
            sign: "×",
        });
    }
    steps
}
