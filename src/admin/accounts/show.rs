//! `/admin/accounts/{id}`: one person, their links and their history.

use actix_web::{HttpResponse, web::Path};
use askama::Template;

use super::named;
use crate::{
    account::{Account, provider::connection::store::list_connections},
    admin::{
        chrome::{Chrome, Section},
        guard::{Opened, Viewer},
        history::HistoryLine,
        links::LinkRow,
        when::When,
    },
    event,
    factor::{Owner, store::has_any},
    link::listing::{Filter, store::list_links},
    web::{i18n::Lang, page_error::PageError},
};

/// How many of the newest links and events the page shows.
const SHOWN: i64 = 20;

#[derive(Debug, Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    chrome: Chrome,
    account: Account,
    created: When,
    disabled: Option<When>,
    /// When it will be deleted, because its person asked.
    leaves: Option<When>,
    /// The attributes as JSON, one to a line.
    attributes: String,
    /// Whether the person is asked for more than a password.
    has_factors: bool,
    links: Vec<LinkRow>,
    more_links: bool,
    connections: Vec<ConnectionRow>,
    history: Vec<HistoryLine>,
}

#[derive(Debug)]
struct ConnectionRow {
    name: String,
    email: Option<String>,
    since: When,
    used: Option<When>,
}

/// `GET /admin/accounts/{id}`
#[tracing::instrument(name = "admin.account", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let (db, now) = (&console.state.db, console.now);
    let account = named(&id, &console.state).await?;
    let filter = Filter {
        account: Some(account.id),
        ..Filter::default()
    };
    let mut links = list_links(db, &filter, SHOWN + 1, 0).await?;
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let more_links = links.len() > shown;
    links.truncate(shown);
    let history = event::store::list_events_of_account(db, account.id, SHOWN).await?;
    let connections = list_connections(db, account.id).await?.into_iter();
    let connections = connections.map(|connection| ConnectionRow {
        name: connection.provider_name(Lang::En),
        email: connection.email,
        since: When::new(connection.connected_at, now),
        used: connection.last_used_at.map(|at| When::new(at, now)),
    });
    console.page(&AccountPage {
        connections: connections.collect(),
        chrome: console.chrome(Some(Section::Accounts)),
        created: When::new(account.created_at, now),
        disabled: account.disabled_at.map(|at| When::new(at, now)),
        leaves: account.delete_at.map(|at| When::new(at, now)),
        attributes: pretty(&account)?,
        has_factors: has_any(db, Owner::Account(account.id)).await?,
        links: links
            .into_iter()
            .map(|link| LinkRow::new(link, now))
            .collect(),
        more_links,
        history: HistoryLine::all(history, now),
        account,
    })
}

/// The attributes as an admin reads and edits them.
pub(super) fn pretty(account: &Account) -> Result<String, PageError> {
    serde_json::to_string_pretty(&account.attributes).map_err(PageError::internal)
}
