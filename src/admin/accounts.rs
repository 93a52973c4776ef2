//! `/admin/accounts`: everybody, and the search for somebody.

pub mod edit;
pub mod factors;
pub mod show;
pub mod switch;

use actix_web::HttpResponse;
use askama::Template;

use super::{
    chrome::{Chrome, Section},
    guard::{Opened, Viewer},
    paging::{Pager, Paging},
    when::When,
};
use crate::{
    account::{self, Account},
    foundation::ids::AccountId,
    web::{page, page_error::PageError, pages::Problem, state::AppState},
};

/// Longer than any name, address or id.
const MAX_SEARCH: usize = 300;

#[derive(Debug, Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    chrome: Chrome,
    search: String,
    accounts: Vec<AccountRow>,
    pager: Pager,
}

#[derive(Debug)]
struct AccountRow {
    account: Account,
    created: When,
}

/// `GET /admin/accounts`
#[tracing::instrument(name = "admin.accounts", skip_all)]
pub async fn list(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let search = page::query_value(&console.request, "q").unwrap_or_default();
    let search: String = search.trim().chars().take(MAX_SEARCH).collect();
    let paging = Paging::of(&console.request);
    let db = &console.state.db;
    let mut found =
        account::store::search_accounts(db, &search, paging.limit(), paging.offset()).await?;
    let pager = paging.cut(&mut found, &console.request);
    let row = |account: Account| AccountRow {
        created: When::new(account.created_at, console.now),
        account,
    };
    console.page(&AccountsPage {
        chrome: console.chrome(Some(Section::Accounts)),
        search,
        accounts: found.into_iter().map(row).collect(),
        pager,
    })
}

/// The account an address names, or the page that says there is none.
async fn named(id: &str, state: &AppState) -> Result<Account, PageError> {
    let id: AccountId = id.parse().map_err(|_| Problem::NotFound)?;
    let found = account::store::find_account(&state.db, id).await?;
    Ok(found.ok_or(Problem::NotFound)?)
}

/// Where an account is shown.
pub(super) fn address(id: AccountId) -> String {
    format!("/admin/accounts/{id}")
}
