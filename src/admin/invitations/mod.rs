//! `/admin/invitations`: who was invited to sign up, and what came of it.

pub mod new;
pub mod show;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    chrome::{Chrome, Section},
    guard::{Opened, Viewer},
    paging::{Pager, Paging},
    when::When,
};
use crate::{
    account::invitation::{
        Standing,
        store::{Invitation, list_invitations},
    },
    config::SignUp,
    web::{page_error::PageError, state::AppState},
};

/// Where the list is.
const LIST: &str = "/admin/invitations";

#[derive(Debug, Template)]
#[template(path = "admin/invitations/list.html")]
struct InvitationsPage {
    chrome: Chrome,
    door: Door,
    invitations: Vec<InvitationRow>,
    pager: Pager,
}

/// Who may sign up at all, and where.
#[derive(Debug)]
struct Door {
    sign_up: SignUp,
    /// Whether mail gets to anybody: without it nobody proves an address.
    mail_arrives: bool,
    address: String,
}

impl Door {
    fn of(state: &AppState) -> Self {
        Self {
            sign_up: state.ways_in.sign_up,
            mail_arrives: state.ways_in.recovery,
            address: state.public_url.join("/signup"),
        }
    }

    fn is_open(&self) -> bool {
        self.sign_up != SignUp::Off && self.mail_arrives
    }

    fn is_off(&self) -> bool {
        self.sign_up == SignUp::Off
    }

    fn is_for_all(&self) -> bool {
        self.sign_up == SignUp::Open
    }
}

/// An invitation, ready to print.
#[derive(Debug)]
struct InvitationRow {
    id: Uuid,
    email: String,
    language: String,
    standing: Standing,
    by: Option<String>,
    invited: When,
    until: When,
    used: Option<When>,
}

impl InvitationRow {
    fn new(invitation: Invitation, now: DateTime<Utc>) -> Self {
        Self {
            standing: invitation.standing(now),
            id: invitation.id,
            email: invitation.email,
            language: invitation.language,
            by: invitation.invited_by,
            invited: When::new(invitation.invited_at, now),
            until: When::new(invitation.expires_at, now),
            used: invitation.used_at.map(|at| When::new(at, now)),
        }
    }
}

/// `GET /admin/invitations`
#[tracing::instrument(name = "admin.invitations", skip_all)]
pub async fn list(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let paging = Paging::of(&console.request);
    let db = &console.state.db;
    let mut found = list_invitations(db, paging.limit(), paging.offset()).await?;
    let pager = paging.cut(&mut found, &console.request);
    let row = |invitation| InvitationRow::new(invitation, console.now);
    console.page(&InvitationsPage {
        chrome: console.chrome(Some(Section::Accounts)),
        door: Door::of(&console.state),
        invitations: found.into_iter().map(row).collect(),
        pager,
    })
}
