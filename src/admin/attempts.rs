//! `/admin/attempts`: every attempt to link, found by its support code, account, link or client.

pub mod show;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    chrome::{Chrome, Section},
    console::Console,
    field::Field,
    guard::{Opened, Viewer},
    links,
    paging::{Pager, Paging},
    when::When,
};
use crate::{
    account,
    event::attempt::{
        Reason,
        listing::{Filter, ListedAttempt, Standing, store::list_attempts},
        story,
    },
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        support_code::SupportCode,
    },
    web::{page::query_value, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/attempts.html")]
struct AttemptsPage {
    chrome: Chrome,
    search: Field,
    client: Field,
    clients: Vec<(String, String)>,
    outcome: Field,
    outcomes: Vec<(String, String)>,
    /// The reason the list is narrowed to: its name, and in words.
    reason: Option<(&'static str, String)>,
    filtered: bool,
    attempts: Vec<AttemptRow>,
    pager: Pager,
}

/// One attempt in a list.
#[derive(Debug)]
pub struct AttemptRow {
    /// Its support code.
    pub code: String,
    /// When it began.
    pub began: When,
    /// Which client, by id and name.
    pub client: Option<(String, String)>,
    /// Which account, by id and e-mail address.
    pub account: Option<(String, String)>,
    /// How its pill looks, and what it says.
    pub standing: (&'static str, &'static str),
    /// Why it failed, or where it stopped.
    pub why: String,
}

impl AttemptRow {
    /// The row of a listed attempt.
    pub fn new(attempt: &ListedAttempt, now: DateTime<Utc>) -> Self {
        let standing = attempt.standing(now);
        let app = attempt.client_name.as_deref();
        let why = match (standing, attempt.reason, attempt.last_step) {
            (Standing::Failed, Some(reason), _) => story::named(reason.sentence(), app),
            (Standing::Stopped | Standing::UnderWay, _, Some(last)) => {
                let last = story::named(story::step_in_words(last), app);
                format!("Last: {last}")
            }
            _ => String::new(),
        };
        let name = |id: &ClientId| {
            attempt
                .client_name
                .clone()
                .unwrap_or_else(|| id.to_string())
        };
        let email = |id: &AccountId| {
            let email = attempt.account_email.clone();
            email.unwrap_or_else(|| id.to_string())
        };
        Self {
            code: attempt.code.to_string(),
            began: When::new(attempt.began_at, now),
            client: attempt
                .client_id
                .as_ref()
                .map(|id| (id.to_string(), name(id))),
            account: attempt
                .account_id
                .as_ref()
                .map(|id| (id.to_string(), email(id))),
            standing: (mood(standing), story::standing_in_words(standing)),
            why,
        }
    }
}

/// How a standing's pill looks.
const fn mood(standing: Standing) -> &'static str {
    match standing {
        Standing::Linked => "ok",
        Standing::Failed => "bad",
        Standing::Stopped => "warn",
        Standing::Declined | Standing::UnderWay => "",
    }
}

/// `GET /admin/attempts`
#[tracing::instrument(name = "admin.attempts", skip_all)]
pub async fn list(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (request, now) = (&console.request, console.now);
    let asked = |name| Field::new(query_value(request, name).unwrap_or_default().trim());
    let (mut search, client, outcome) = (asked("search"), asked("client"), asked("outcome"));
    let reason = Reason::stored(&asked("reason").value);
    let filter = Filter {
        client: client.filled().map(|id| ClientId(id.to_owned())),
        standing: standing_named(&outcome.value),
        reason,
        ..Filter::default()
    };
    let paging = Paging::of(request);
    let mut attempts = match search.filled() {
        Some(sought) => {
            if let Some(filter) = found_by(sought, filter, &console).await? {
                listed(&filter, paging, &console).await?
            } else {
                search.refuse("This is no support code, and no account or link is known by it.");
                Vec::new()
            }
        }
        None => listed(&filter, paging, &console).await?,
    };
    let pager = paging.cut(&mut attempts, request);
    let fields = [&search, &client, &outcome];
    console.page(&AttemptsPage {
        chrome: console.chrome(Some(Section::Attempts)),
        filtered: reason.is_some() || fields.iter().any(|field| field.filled().is_some()),
        reason: reason.map(|reason| (reason.as_str(), story::named(reason.sentence(), None))),
        clients: links::client_choices(&console).await?,
        outcomes: outcome_choices(),
        search,
        client,
        outcome,
        attempts: attempts
            .iter()
            .map(|attempt| AttemptRow::new(attempt, now))
            .collect(),
        pager,
    })
}

async fn listed(
    filter: &Filter,
    paging: Paging,
    console: &Console,
) -> sqlx::Result<Vec<ListedAttempt>> {
    let part = (paging.limit(), paging.offset());
    list_attempts(&console.state.db, filter, part, console.now).await
}

/// Narrows the filter to what an admin typed: a support code, a link's id, or whatever names an
/// account.
async fn found_by(sought: &str, filter: Filter, console: &Console) -> sqlx::Result<Option<Filter>> {
    if let Ok(code) = sought.parse::<SupportCode>() {
        let code = Some(code);
        return Ok(Some(Filter { code, ..filter }));
    }
    if let Some(account) = account::named::find(&console.state.db, sought).await? {
        let account = Some(account.id);
        return Ok(Some(Filter { account, ..filter }));
    }
    let link = sought.parse::<LinkId>().ok();
    Ok(link.map(|link| Filter {
        link: Some(link),
        ..filter
    }))
}

fn outcome_choices() -> Vec<(String, String)> {
    let choices = [
        ("", "Any outcome"),
        ("failed", "Failed"),
        ("stopped", "Stopped"),
        ("declined", "Declined"),
        ("under_way", "Under way"),
        ("linked", "Linked"),
    ];
    let owned = choices.map(|(value, label)| (value.to_owned(), label.to_owned()));
    owned.to_vec()
}

fn standing_named(name: &str) -> Option<Standing> {
    clap::ValueEnum::from_str(name, false).ok()
}
