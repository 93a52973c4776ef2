//! `/admin/links`: every link, narrowed to an account, a client or a state.

pub mod end;
pub mod show;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    chrome::{Chrome, Section},
    console::Console,
    field::Field,
    guard::{Opened, Viewer},
    paging::{Pager, Paging},
    when::When,
};
use crate::{
    account, client,
    foundation::ids::{ClientId, LinkId},
    link::{
        LinkState,
        listing::{
            FORECAST, Filter, ListedLink,
            store::{find_listed, list_links},
        },
    },
    web::{page::query_value, page_error::PageError, pages::Problem},
};

/// What the choice of links that soon die of idleness is called in addresses.
const EXPIRING: &str = "expiring";

#[derive(Debug, Template)]
#[template(path = "admin/links.html")]
struct LinksPage {
    chrome: Chrome,
    account: Field,
    client: Field,
    clients: Vec<(String, String)>,
    state: Field,
    states: Vec<(String, String)>,
    filtered: bool,
    links: Vec<LinkRow>,
    pager: Pager,
}

/// One link in a list.
#[derive(Debug)]
pub struct LinkRow {
    /// The link's id.
    pub id: String,
    /// Whose it is.
    pub account_id: String,
    /// The account's name.
    pub account_name: String,
    /// The account's e-mail address.
    pub account_email: String,
    /// The client's id.
    pub client_id: String,
    /// The client's name.
    pub client_name: String,
    /// Where it stands.
    pub state: ShownState,
    /// When the person approved.
    pub approved: When,
    /// When it was last used or refreshed.
    pub used: Option<When>,
}

/// A link's state in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownState(LinkState);

impl LinkRow {
    /// The row of a listed link.
    pub fn new(link: ListedLink, now: DateTime<Utc>) -> Self {
        let used = link.last_used_at.max(link.last_refreshed_at);
        Self {
            id: link.link_id.to_string(),
            account_id: link.account_id.to_string(),
            account_name: link.account_name,
            account_email: link.account_email,
            client_id: link.client_id.0,
            client_name: link.client_name,
            state: ShownState(link.state),
            approved: When::new(link.approved_at, now),
            used: used.map(|at| When::new(at, now)),
        }
    }
}

impl ShownState {
    /// What admins call it.
    pub fn label(self) -> &'static str {
        match self.0 {
            LinkState::Pending => "Not redeemed",
            LinkState::Active => "Active",
            LinkState::Ended => "Ended",
        }
    }

    /// How its pill looks.
    pub fn mood(self) -> &'static str {
        match self.0 {
            LinkState::Pending => "warn",
            LinkState::Active => "ok",
            LinkState::Ended => "",
        }
    }
}

/// `GET /admin/links`
#[tracing::instrument(name = "admin.links", skip_all)]
pub async fn list(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let request = &console.request;
    let asked = |name| Field::new(query_value(request, name).unwrap_or_default().trim());
    let (mut account, client, state) = (asked("account"), asked("client"), asked("state"));
    let mut filter = Filter {
        client: client.filled().map(|id| ClientId(id.to_owned())),
        state: state_named(&state.value),
        idle_by: (state.value == EXPIRING).then(|| console.now + FORECAST),
        ..Filter::default()
    };
    if let Some(who) = account.filled() {
        match account::named::find(&console.state.db, who).await? {
            Some(found) => filter.account = Some(found.id),
            None => {
                account.refuse("No account has this e-mail address, account id or external id.");
            }
        }
    }
    let paging = Paging::of(request);
    let mut links = if account.error.is_some() {
        Vec::new()
    } else {
        let (limit, offset) = (paging.limit(), paging.offset());
        list_links(&console.state.db, &filter, limit, offset).await?
    };
    let pager = paging.cut(&mut links, request);
    console.page(&LinksPage {
        chrome: console.chrome(Some(Section::Links)),
        filtered: [&account, &client, &state]
            .iter()
            .any(|field| field.filled().is_some()),
        clients: client_choices(&console).await?,
        states: state_choices(),
        account,
        client,
        state,
        links: links
            .into_iter()
            .map(|link| LinkRow::new(link, console.now))
            .collect(),
        pager,
    })
}

/// The link an address names, or the page that says there is none.
async fn named(id: &str, console: &Console) -> Result<ListedLink, PageError> {
    let id: LinkId = id.parse().map_err(|_| Problem::NotFound)?;
    let found = find_listed(&console.state.db, id).await?;
    Ok(found.ok_or(Problem::NotFound)?)
}

/// Every client as a choice, after "any".
pub(super) async fn client_choices(console: &Console) -> sqlx::Result<Vec<(String, String)>> {
    let clients = client::store::list_clients(&console.state.db).await?;
    let any = (String::new(), "Any client".to_owned());
    let choices = clients.into_iter().map(|client| (client.id.0, client.name));
    Ok(std::iter::once(any).chain(choices).collect())
}

fn state_choices() -> Vec<(String, String)> {
    let choices = [
        ("", "Any state"),
        ("active", "Active"),
        (EXPIRING, "Active, expires within 14 days"),
        ("pending", "Not redeemed"),
        ("ended", "Ended"),
    ];
    let owned = choices.map(|(value, label)| (value.to_owned(), label.to_owned()));
    owned.to_vec()
}

fn state_named(name: &str) -> Option<LinkState> {
    match name {
        "pending" => Some(LinkState::Pending),
        "active" => Some(LinkState::Active),
        "ended" => Some(LinkState::Ended),
        _ => None,
    }
}
