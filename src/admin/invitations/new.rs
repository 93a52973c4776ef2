//! `/admin/invitations/new`: invites an address.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{Door, LIST};
use crate::{
    account::{
        InvalidAccount,
        invitation::{MOST_DAYS, NewInvitation, USUAL_DAYS},
        is_email,
        store::find_account_by_email,
    },
    admin::{
        chrome::{Chrome, Section},
        console::Console,
        field::{Field, sentence},
        flash::Done,
        guard::{Opened, Operator, Posted},
    },
    event::{self, Event, EventKind},
    mail::{self, Mailer, Recipient},
    web::{
        form::PostedForm,
        i18n::{Lang, Words},
        page_error::PageError,
    },
};

#[derive(Debug, Template)]
#[template(path = "admin/invitations/new.html")]
struct NewPage {
    chrome: Chrome,
    door: Door,
    form: InvitationForm,
    /// Each by its own name.
    languages: Vec<(String, String)>,
}

/// The form as it was typed.
#[derive(Debug)]
struct InvitationForm {
    email: Field,
    language: Field,
    days: Field,
}

/// `GET /admin/invitations/new`
#[tracing::instrument(name = "admin.invitation.new", skip_all)]
pub async fn show(opened: Opened<Operator>) -> Result<HttpResponse, PageError> {
    let form = InvitationForm {
        email: Field::default(),
        language: Field::new(Lang::Ko.tag()),
        days: Field::new(USUAL_DAYS.to_string()),
    };
    opened.console.page(&page(&opened.console, form))
}

/// `POST /admin/invitations/new`
#[tracing::instrument(name = "admin.invitation.create", skip_all)]
pub async fn create(
    posted: Posted<Operator>,
    mailer: Data<Mailer>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let mut typed = InvitationForm::typed(form);
    let Some(days) = typed.check(console).await? else {
        return console.refused(&page(console, typed));
    };
    let new = NewInvitation {
        id: console.state.random.uuid(),
        recipient: Recipient {
            email: &typed.email.value,
            language: &typed.language.value,
        },
        days,
        by: Some(console.admin.id),
    };
    send(&new, console).await?;
    mailer.wake();
    Ok(console.done(LIST, Done::InvitationSent))
}

/// Sends an invitation, and notes who did.
pub(super) async fn send(new: &NewInvitation<'_>, console: &Console) -> sqlx::Result<()> {
    let now = console.now;
    let mut transaction = console.state.db.begin().await?;
    if new.send(&mut transaction, now).await?.is_some() {
        let detail = format!("Invited {}", new.recipient.email);
        let event = Event::new(EventKind::AdminChange, now).admin(console.admin.id);
        event::store::insert_events(&mut *transaction, &[event.detail(detail)]).await?;
    }
    transaction.commit().await
}

fn page(console: &Console, form: InvitationForm) -> NewPage {
    let language = |lang: Lang| {
        let name = Words::new(lang).say("language-name");
        (lang.tag().to_owned(), name)
    };
    NewPage {
        chrome: console.chrome(Some(Section::Accounts)),
        door: Door::of(&console.state),
        form,
        languages: Lang::ALL.map(language).to_vec(),
    }
}

impl InvitationForm {
    fn typed(form: &PostedForm) -> Self {
        let field = |name| Field::new(form.text(name));
        Self {
            email: field("email"),
            language: field("language"),
            days: field("days"),
        }
    }

    /// For how many days; `None` where a field says why it can't be.
    async fn check(&mut self, console: &Console) -> sqlx::Result<Option<u16>> {
        let (state, email) = (&console.state, self.email.value.as_str());
        let reason = if !Door::of(state).is_open() {
            Some("Nobody can sign up here now.".to_owned())
        } else if !is_email(email) || !mail::is_deliverable(email) {
            Some(sentence(&InvalidAccount::Email.to_string()))
        } else if find_account_by_email(&state.db, email).await?.is_some() {
            Some("This address has an account already.".to_owned())
        } else {
            None
        };
        if let Some(reason) = reason {
            self.email.refuse(reason);
        }
        let days = self.days.value.parse().ok();
        let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
        if days.is_none() {
            self.days
                .refuse(format!("It must be 1 to {MOST_DAYS} days."));
        }
        if Lang::ALL
            .into_iter()
            .all(|lang| lang.tag() != self.language.value)
        {
            self.language.refuse("It must be one of these languages.");
        }
        Ok(days.filter(|_| self.is_fine()))
    }

    fn is_fine(&self) -> bool {
        let fields = [&self.email, &self.language, &self.days];
        fields.iter().all(|field| field.error.is_none())
    }
}
