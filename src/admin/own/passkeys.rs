//! `/admin/sign-in/passkeys`: adding passkeys, and removing them.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use uuid::Uuid;

use super::{CodesPage, PATH};
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
        enrolment::Enrolment,
        passkey::{self, Answer, Question, store},
    },
    mail::StepChange,
    web::{form::PostedForm, page::see_other, page_error::PageError, pages::Problem, user_agent},
};

const NEW: &str = "/admin/sign-in/passkeys/new";

#[derive(Debug, Template)]
#[template(path = "admin/passkey_add.html")]
struct AddPage {
    chrome: Chrome,
    /// Whether there is no way around a second factor.
    must: bool,
    question: Question,
    enrolment: String,
    /// Whether the last answer was none that counts.
    failed: bool,
    password: Field,
}

#[derive(Debug, Template)]
#[template(path = "admin/passkey_remove.html")]
struct RemovePage {
    chrome: Chrome,
    id: String,
    name: String,
    required: bool,
    password: Field,
}

/// `GET /admin/sign-in/passkeys/new`
#[tracing::instrument(name = "admin.own.passkey.new", skip_all)]
pub async fn show_new(opened: Opened<Oneself>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let enrolment = Enrolment::begin(console.owner(), &console.state, console.now);
    match addition(&console, &enrolment, (false, Field::default())).await? {
        Some(page) => console.page(&page),
        None => Ok(see_other(PATH)),
    }
}

/// `POST /admin/sign-in/passkeys/new`
#[tracing::instrument(name = "admin.own.passkey.add", skip_all)]
pub async fn add(posted: Posted<Oneself>, hasher: Data<Hasher>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let (state, owner) = (&console.state, console.owner());
    let sealed = form.text("enrolment");
    let opened = Enrolment::open(sealed, owner, state, console.now).await?;
    let Some(enrolment) = opened else {
        return Ok(see_other(NEW));
    };
    let confirmed = console.confirmed(form, &hasher).await?;
    // A double tap finds the passkey there, and shows the codes that count.
    let wrong = match confirmed {
        Err(password) => Some((false, password)),
        Ok(()) if store::has_passkey(&state.db, owner, enrolment.id).await? => None,
        Ok(()) if make(console, form, &enrolment).await? => None,
        Ok(()) => Some((true, Field::default())),
    };
    if let Some(wrong) = wrong {
        return match addition(console, &enrolment, wrong).await? {
            Some(page) => console.refused(&page),
            None => Ok(see_other(PATH)),
        };
    }
    if !enrolment.has_the_codes(&state.db).await? {
        return Ok(console.done(PATH, Done::PasskeyAdded));
    }
    console.page(&CodesPage {
        chrome: console.chrome(None),
        codes: enrolment.codes.shown(),
    })
}

/// Stores the passkey that the browser made. Whether it was one.
async fn make(
    console: &Console,
    form: &PostedForm,
    enrolment: &Enrolment,
) -> Result<bool, PageError> {
    let (state, now) = (&console.state, console.now);
    let answer = Answer {
        credential: form.text("credential"),
        challenge: form.text("challenge"),
    };
    let made = passkey::made(console.owner(), answer, form.browser, state, now).await?;
    let Some(made) = made else {
        return Ok(false);
    };
    let name = passkey::name(form.text("name")).unwrap_or_else(|| {
        let device = user_agent::spoken(&user_agent::presented(&console.request));
        device.unwrap_or_else(|| "Passkey".to_owned())
    });
    let mut transaction = state.db.begin().await?;
    let added = enrolment.add_passkey(&mut transaction, &made, &name, now);
    if !added.await? {
        return Ok(false);
    }
    transaction.commit().await?;
    let detail = StepChange::PasskeyAdded.detail();
    console.record_as(EventKind::FactorChanged, detail, |event| event);
    Ok(true)
}

/// `GET /admin/sign-in/passkeys/{id}`
#[tracing::instrument(name = "admin.own.passkey", skip_all)]
pub async fn show(opened: Opened<Oneself>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let page = removal(&console, parse(&id)?, Field::default()).await?;
    console.page(&page)
}

/// `POST /admin/sign-in/passkeys/{id}`: removes it.
#[tracing::instrument(name = "admin.own.passkey.remove", skip_all)]
pub async fn remove(
    posted: Posted<Oneself>,
    id: Path<String>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let id = parse(&id)?;
    if let Err(password) = console.confirmed(form, &hasher).await? {
        return console.refused(&removal(console, id, password).await?);
    }
    let mut transaction = console.state.db.begin().await?;
    store::lock_owner(&mut transaction, console.owner()).await?;
    let removed = store::delete_passkey(&mut transaction, console.owner(), id).await?;
    transaction.commit().await?;
    if removed {
        let detail = StepChange::PasskeyRemoved.detail();
        console.record_as(EventKind::FactorChanged, detail, |event| event);
    }
    Ok(console.done(PATH, Done::FactorRemoved))
}

fn parse(id: &str) -> Result<Uuid, PageError> {
    Ok(id.parse().map_err(|_| Problem::NotFound)?)
}

/// The page that asks the browser for one; `None` where browsers make none for this server.
async fn addition(
    console: &Console,
    enrolment: &Enrolment,
    (failed, password): (bool, Field),
) -> Result<Option<AddPage>, PageError> {
    let (state, now, email) = (&console.state, console.now, &console.admin.email);
    let name = format!("{email} (console)");
    let names = (email.as_str(), name.as_str());
    let browser = console.browser.mark;
    let question = passkey::ask_for_new(console.owner(), names, browser, state, now).await?;
    let Some(question) = question else {
        return Ok(None);
    };
    Ok(Some(AddPage {
        chrome: console.chrome(None),
        must: console.must_enrol,
        question,
        enrolment: enrolment.seal(state, now)?,
        failed,
        password,
    }))
}

async fn removal(console: &Console, id: Uuid, password: Field) -> Result<RemovePage, PageError> {
    let known = store::list_passkeys(&console.state.db, console.owner()).await?;
    let known = known.into_iter().find(|passkey| passkey.id == id);
    Ok(RemovePage {
        chrome: console.chrome(None),
        id: id.to_string(),
        name: known.ok_or(Problem::NotFound)?.name,
        required: console.state.admin_factor_required,
        password,
    })
}
