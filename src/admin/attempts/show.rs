//! `/admin/attempts/{code}`: the way of one attempt, step by step, and what to do about it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use super::AttemptRow;
use crate::{
    admin::{
        chrome::{Chrome, Section},
        guard::{Opened, Viewer},
        when::When,
    },
    event::attempt::{
        Outcome, Reason, StepKind,
        listing::{
            Filter, ListedAttempt, ListedStep,
            store::{count_alike, list_attempts, list_steps},
        },
        story::{self, Verdict},
    },
    foundation::support_code::SupportCode,
    web::{page::with_query, page_error::PageError, pages::Problem},
};

/// What a person's attempt goes through; what is still to come is shown, too.
const WAY: [StepKind; 6] = [
    StepKind::LoggedIn,
    StepKind::ConsentShown,
    StepKind::Approved,
    StepKind::CodeHandedOver,
    StepKind::CodeRedeemed,
    StepKind::FirstUse,
];

#[derive(Debug, Template)]
#[template(path = "admin/attempt.html")]
struct AttemptPage {
    chrome: Chrome,
    attempt: AttemptRow,
    link: Option<String>,
    began: When,
    went_well: bool,
    verdict: Verdict,
    /// How many others failed the same way, and where they are listed.
    alike: Option<(i64, String)>,
    steps: Vec<StepRow>,
}

/// One step in the timeline.
#[derive(Debug)]
struct StepRow {
    number: usize,
    /// Its class: done, stuck or still to come.
    mood: &'static str,
    what: String,
    why: String,
    detail: String,
    account: bool,
    times: Option<String>,
    presented: String,
    registered: String,
    when: Option<StepTime>,
}

#[derive(Debug)]
struct StepTime {
    datetime: String,
    exact: String,
    shown: String,
}

/// The same for one that came from a chat.
const WAY_OF_A_CHAT: [StepKind; 5] = [
    StepKind::LoggedIn,
    StepKind::ConsentShown,
    StepKind::Approved,
    StepKind::ChatConnected,
    StepKind::FirstUse,
];

/// `GET /admin/attempts/{code}`
#[tracing::instrument(name = "admin.attempt", skip_all)]
pub async fn show(opened: Opened<Viewer>, code: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (db, now) = (&console.state.db, console.now);
    let code: SupportCode = code.parse().map_err(|_| Problem::NotFound)?;
    let filter = Filter {
        code: Some(code),
        ..Filter::default()
    };
    let found = list_attempts(db, &filter, (1, 0), now).await?;
    let attempt = found.into_iter().next().ok_or(Problem::NotFound)?;
    let steps = list_steps(db, &attempt.code).await?;
    let alike = match attempt.reason {
        Some(reason) => {
            let count = count_alike(db, &attempt, reason).await?;
            (count > 0).then(|| (count, address_of_alike(&attempt, reason)))
        }
        None => None,
    };
    console.page(&AttemptPage {
        chrome: console.chrome(Some(Section::Attempts)),
        link: attempt.link_id.map(|id| id.to_string()),
        began: When::new(attempt.began_at, now),
        went_well: attempt.outcome == Outcome::Linked,
        verdict: story::verdict(&attempt, &steps, now),
        alike,
        steps: rows(&attempt, &steps),
        attempt: AttemptRow::new(&attempt, now),
    })
}

fn address_of_alike(attempt: &ListedAttempt, reason: Reason) -> String {
    let client = attempt.client_id.as_ref().map(|id| ("client", id.as_str()));
    let query: Vec<_> = client
        .into_iter()
        .chain([("reason", reason.as_str())])
        .collect();
    with_query("/admin/attempts", &query)
}

fn rows(attempt: &ListedAttempt, steps: &[ListedStep]) -> Vec<StepRow> {
    let app = attempt.client_name.as_deref();
    let first = steps.first().map(|step| step.first_at);
    let walked = steps.iter().zip(1..).map(|(step, number)| {
        let refused = step.reason.is_some_and(|reason| !reason.passes());
        let repeated = (step.times > 1).then(|| {
            let span = story::elapsed(step.last_at - step.first_at);
            format!("{} times in {}", step.times, span.trim_start_matches('+'))
        });
        StepRow {
            number,
            mood: if refused { "stuck" } else { "done" },
            what: story::named(story::step_in_words(step.kind), app),
            why: step
                .reason
                .map_or_else(String::new, |reason| story::named(reason.sentence(), app)),
            detail: step.detail.clone(),
            account: step.kind == StepKind::LoggedIn,
            times: repeated,
            presented: step.presented.clone(),
            registered: step.registered.clone(),
            when: first.map(|first| StepTime::new(step.first_at, first, number)),
        }
    });
    let mut rows: Vec<_> = walked.collect();
    for kind in to_come(attempt, steps) {
        rows.push(StepRow {
            number: rows.len() + 1,
            mood: "",
            what: story::named(story::step_in_words(kind), app),
            why: String::new(),
            detail: String::new(),
            account: false,
            times: None,
            presented: String::new(),
            registered: String::new(),
            when: None,
        });
    }
    rows
}

/// What a person's attempt did not come to.
fn to_come(attempt: &ListedAttempt, steps: &[ListedStep]) -> Vec<StepKind> {
    let walked = |kind| steps.iter().any(|step: &ListedStep| step.kind == kind);
    let way: &[StepKind] = match () {
        () if attempt.outcome == Outcome::Declined => &[],
        () if walked(StepKind::Requested) => &WAY,
        () if walked(StepKind::ChatRequested) => &WAY_OF_A_CHAT,
        () => &[],
    };
    let reached = way.iter().rposition(|kind| walked(*kind));
    let rest = way.iter().skip(reached.map_or(0, |at| at + 1));
    rest.copied().collect()
}

impl StepTime {
    fn new(at: DateTime<Utc>, first: DateTime<Utc>, number: usize) -> Self {
        Self {
            datetime: at.to_rfc3339_opts(SecondsFormat::Millis, true),
            exact: at.format("%-d %b %Y, %H:%M:%S%.3f UTC").to_string(),
            shown: if number == 1 {
                at.format("%H:%M:%S%.3f").to_string()
            } else {
                story::elapsed(at - first)
            },
        }
    }
}
