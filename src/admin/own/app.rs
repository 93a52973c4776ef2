//! `/admin/sign-in/app`: adding an authenticator app, and removing it.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{APP, CodesPage, PATH};
use crate::{
    account::password::Hasher,
    admin::{
        chrome::Chrome,
        console::Console,
        field::Field,
        flash::Done,
        guard::{Oneself, Opened, Posted},
    },
    event::EventKind,
    factor::{
        enrolment::{Added, Enrolment},
        qr::Drawing,
        store,
    },
    mail::StepChange,
    web::{form::PostedForm, page::see_other, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/app_add.html")]
struct AddPage {
    chrome: Chrome,
    /// Whether there is no way around it.
    must: bool,
    /// Whether a passkey would do as well.
    passkeys_work: bool,
    qr: Drawing,
    seed: String,
    enrolment: String,
    code: Field,
    password: Field,
}

#[derive(Debug, Template)]
#[template(path = "admin/app_remove.html")]
struct RemovePage {
    chrome: Chrome,
    required: bool,
    password: Field,
}

/// `GET /admin/sign-in/app`
#[tracing::instrument(name = "admin.own.app", skip_all)]
pub async fn show(opened: Opened<Oneself>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let known = store::find_totp(&console.state.db, console.owner()).await?;
    if known.is_some() {
        return console.page(&removal(&console, Field::default()));
    }
    let enrolment = Enrolment::begin(console.owner(), &console.state, console.now);
    let page = addition(&console, &enrolment, Field::default(), Field::default())?;
    console.page(&page)
}

/// `POST /admin/sign-in/app`
#[tracing::instrument(name = "admin.own.change_app", skip_all)]
pub async fn submit(
    posted: Posted<Oneself>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let confirmed = console.confirmed(form, &hasher).await?;
    if !form.ticked("remove") {
        return add(console, form, confirmed).await;
    }
    if let Err(password) = confirmed {
        return console.refused(&removal(console, password));
    }
    let mut transaction = console.state.db.begin().await?;
    let removed = store::delete_totp(&mut transaction, console.owner()).await?;
    transaction.commit().await?;
    if removed {
        let detail = StepChange::AppRemoved.detail();
        console.record_as(EventKind::FactorChanged, detail, |event| event);
    }
    Ok(console.done(PATH, Done::FactorRemoved))
}

async fn add(
    console: &Console,
    form: &PostedForm,
    confirmed: Result<(), Field>,
) -> Result<HttpResponse, PageError> {
    let (state, now) = (&console.state, console.now);
    let opened = Enrolment::open(form.text("enrolment"), console.owner(), state, now).await?;
    let Some(enrolment) = opened else {
        return Ok(see_other(APP));
    };
    if let Err(password) = confirmed {
        let page = addition(console, &enrolment, Field::default(), password)?;
        return console.refused(&page);
    }
    let mut transaction = state.db.begin().await?;
    let typed = form.text("code");
    let added = enrolment.add(&mut transaction, typed, state, now).await;
    match added.map_err(sqlx::Error::from)? {
        Added::Wrong => {
            let mut code = Field::default();
            code.refuse("That code is not right. Enter the newest one, and see that the phone’s clock is right.");
            let page = addition(console, &enrolment, code, Field::default())?;
            return console.refused(&page);
        }
        Added::Other => return Ok(see_other(APP)),
        Added::Before => {}
        Added::Now => {
            transaction.commit().await?;
            let detail = StepChange::AppAdded.detail();
            console.record_as(EventKind::FactorChanged, detail, |event| event);
        }
    }
    console.page(&CodesPage {
        chrome: console.chrome(None),
        codes: enrolment.codes.shown(),
    })
}

fn addition(
    console: &Console,
    enrolment: &Enrolment,
    code: Field,
    password: Field,
) -> Result<AddPage, PageError> {
    let service = format!("{} console", console.state.branding.get().name);
    let uri = enrolment.seed.uri(&service, &console.admin.email);
    Ok(AddPage {
        chrome: console.chrome(None),
        must: console.must_enrol,
        passkeys_work: console.state.relying_party.is_some(),
        qr: Drawing::of(&uri).map_err(PageError::internal)?,
        seed: enrolment.seed.text(),
        enrolment: enrolment.seal(&console.state, console.now)?,
        code,
        password,
    })
}

fn removal(console: &Console, password: Field) -> RemovePage {
    RemovePage {
        chrome: console.chrome(None),
        required: console.state.admin_factor_required,
        password,
    }
}
