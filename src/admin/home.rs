//! `/admin`: whether linking works, and on a fresh installation what to do next.

mod store;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use self::store::{ClientCounts, Refusal};
use super::{
    chrome::{Chrome, Section},
    console::Console,
    guard::{Opened, Viewer},
    history,
    when::When,
};
use crate::{
    link::listing::FORECAST,
    mail::{self, store::Deliveries},
    web::page_error::PageError,
};

/// What "lately" means here.
const LATELY: TimeDelta = TimeDelta::hours(24);
/// No code lives longer.
const LONGEST_CODE: TimeDelta = TimeDelta::minutes(10);
const REFUSALS: i64 = 8;

#[derive(Debug, Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    chrome: Chrome,
    totals: Totals,
    clients: Vec<ClientCounts>,
    refusals: Vec<RefusalRow>,
    first_steps: Option<FirstSteps>,
    /// Whether unusually many logins fail just now.
    alarmed: bool,
    /// What hinders mail, and how many letters wait for that.
    unsent: Option<(String, i64)>,
}

#[derive(Debug, Default)]
struct Totals {
    active: i64,
    expiring: i64,
    linked: i64,
    unredeemed: i64,
    refused: i64,
}

#[derive(Debug)]
struct RefusalRow {
    when: When,
    what: String,
    times: i32,
    detail: String,
    link: Option<String>,
    client_name: String,
}

/// What a newcomer does, in this order; shown until somebody has linked.
#[derive(Debug)]
struct FirstSteps {
    privacy: bool,
    client: Option<String>,
    account: Option<String>,
}

/// `GET /admin`
#[tracing::instrument(name = "admin.home", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (db, now) = (&console.state.db, console.now);
    let since = now - LATELY;
    let clients = store::list_client_counts(db, since, now - LONGEST_CODE, now + FORECAST).await?;
    let refusals = store::list_refusals(db, since, REFUSALS).await?;
    let totals = clients.iter().fold(Totals::default(), Totals::and);
    let linked = totals.active > 0 || store::has_anybody_linked(db).await?;
    let first_steps = if linked {
        None
    } else {
        Some(first_steps(&console, &clients).await?)
    };
    let row = |refusal: Refusal| RefusalRow {
        when: When::new(refusal.happened_at, now),
        what: history::kind_in_words(&refusal.kind).to_owned(),
        times: refusal.times,
        detail: refusal.detail,
        link: refusal.link_id.map(|id| id.to_string()),
        client_name: refusal.client_name,
    };
    console.page(&HomePage {
        chrome: console.chrome(Some(Section::Home)),
        refusals: refusals.into_iter().map(row).collect(),
        totals,
        clients,
        first_steps,
        alarmed: console.state.limits.is_alarmed(now),
        unsent: unsent(mail::store::find_deliveries(db).await?, since),
    })
}

/// Nothing, where the last letter was sent or nothing has been given up lately.
fn unsent(deliveries: Deliveries, since: DateTime<Utc>) -> Option<(String, i64)> {
    let waiting = deliveries.waiting;
    if let Some(reason) = deliveries.waits_because {
        return Some((reason, waiting));
    }
    let given_up_at = deliveries.given_up_at.filter(|at| *at > since)?;
    let sent_since = deliveries.sent_at.is_some_and(|at| at > given_up_at);
    (!sent_since).then_some((deliveries.given_up_because, waiting))
}

async fn first_steps(console: &Console, clients: &[ClientCounts]) -> Result<FirstSteps, PageError> {
    let enabled = clients.iter().find(|client| client.enabled);
    Ok(FirstSteps {
        privacy: console.state.branding.get().privacy_link().is_some(),
        client: enabled.map(|client| client.client_id.to_string()),
        account: store::newest_account(&console.state.db).await?,
    })
}

impl Totals {
    fn and(self, client: &ClientCounts) -> Self {
        Self {
            active: self.active + client.active,
            expiring: self.expiring + client.expiring,
            linked: self.linked + client.linked,
            unredeemed: self.unredeemed + client.unredeemed,
            refused: self.refused + client.refused,
        }
    }
}

/// 1284 as "1,284".
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped_by_thousands() {
        let numbers = [0, 7, 999, 1000, 48_112, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "7", "999", "1,000", "48,112", "1,234,567"]);
    }
}
