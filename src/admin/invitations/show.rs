//! `/admin/invitations/{id}`: one invitation; sending it again, and taking it back.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use uuid::Uuid;

use super::{Door, InvitationRow, LIST, new};
use crate::{
    account::invitation::{
        NewInvitation, Standing, USUAL_DAYS,
        store::{Invitation, find_invitation, withdraw_invitation},
    },
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        flash::Done,
        guard::{Opened, Operator, Posted, Viewer},
    },
    event::{self, Event, EventKind},
    mail::{Mailer, Recipient},
    web::{page_error::PageError, pages::Problem},
};

#[derive(Debug, Template)]
#[template(path = "admin/invitations/show.html")]
struct InvitationPage {
    chrome: Chrome,
    door: Door,
    invitation: InvitationRow,
    days: u16,
}

/// `GET /admin/invitations/{id}`
#[tracing::instrument(name = "admin.invitation", skip_all)]
pub async fn show(opened: Opened<Viewer>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let invitation = named(&id, &console).await?;
    console.page(&InvitationPage {
        chrome: console.chrome(Some(Section::Accounts)),
        door: Door::of(&console.state),
        days: days(&invitation),
        invitation: InvitationRow::new(invitation, console.now),
    })
}

/// `POST /admin/invitations/{id}/send`
#[tracing::instrument(name = "admin.invitation.send", skip_all)]
pub async fn send(
    posted: Posted<Operator>,
    mailer: Data<Mailer>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let console = &posted.console;
    let invitation = named(&id, console).await?;
    let address = format!("{LIST}/{}", invitation.id);
    let used = invitation.standing(console.now) == Standing::Used;
    if used || !Door::of(&console.state).is_open() {
        return Ok(console.done(&address, Done::InvitationNotSent));
    }
    let again = NewInvitation {
        id: invitation.id,
        recipient: Recipient {
            email: &invitation.email,
            language: &invitation.language,
        },
        days: days(&invitation),
        by: Some(console.admin.id),
    };
    new::send(&again, console).await?;
    mailer.wake();
    Ok(console.done(&address, Done::InvitationSent))
}

/// `POST /admin/invitations/{id}/withdraw`
#[tracing::instrument(name = "admin.invitation.withdraw", skip_all)]
pub async fn withdraw(
    posted: Posted<Operator>,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let console = &posted.console;
    let id: Uuid = id.parse().map_err(|_| Problem::NotFound)?;
    // One that is gone already is what was wanted.
    if let Some(invitation) = find_invitation(&console.state.db, id).await? {
        let mut transaction = console.state.db.begin().await?;
        if withdraw_invitation(&mut *transaction, &invitation.email).await? {
            let event = Event::new(EventKind::AdminChange, console.now).admin(console.admin.id);
            let event = event.detail(format!("Withdrew the invitation of {}", invitation.email));
            event::store::insert_events(&mut *transaction, &[event]).await?;
        }
        transaction.commit().await?;
    }
    Ok(console.done(LIST, Done::InvitationWithdrawn))
}

async fn named(id: &str, console: &Console) -> Result<Invitation, PageError> {
    let id: Uuid = id.parse().map_err(|_| Problem::NotFound)?;
    let found = find_invitation(&console.state.db, id).await?;
    Ok(found.ok_or(Problem::NotFound)?)
}

/// As many days as it was good for before.
fn days(invitation: &Invitation) -> u16 {
    let lived = invitation.expires_at - invitation.invited_at;
    u16::try_from(lived.num_days()).unwrap_or(USUAL_DAYS)
}
