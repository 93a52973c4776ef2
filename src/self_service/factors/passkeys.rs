//! `/account/factors/passkeys`: adding passkeys, naming them, and removing them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use uuid::Uuid;

use super::pages::{AddPasskeyPage, CodesPage, Done, PasskeyPage};
use crate::{
    account::{
        entry::{Without, stays_open},
        factor_change,
        password::Hasher,
    },
    factor::{
        Owner,
        enrolment::Enrolment,
        passkey::{self, Answer, store},
    },
    mail::{Mailer, StepChange},
    self_service::{
        confirmation::Confirmation,
        pages::Tab,
        visit::{Visit, to_login},
    },
    web::{
        form::PostedForm, page, page_error::PageError, pages::Problem, state::AppState, time::ago,
        user_agent,
    },
};

const NEW: &str = "/account/factors/passkeys/new";
const ALL: &str = "/account/factors";

/// `GET /account/factors/passkeys/new`
#[tracing::instrument(name = "account.passkey.new", skip_all)]
pub async fn show_new(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let confirmation = Confirmation::of(&visit).await?;
    let enrolment = Enrolment::begin(Owner::Account(visit.account.id), &state, visit.now);
    draw_new(visit, &enrolment, (confirmation, false)).await
}

/// `POST /account/factors/passkeys/new`
#[tracing::instrument(name = "account.passkey.add", skip_all)]
pub async fn add(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let (now, owner) = (visit.now, Owner::Account(visit.account.id));
    let sealed = form.text("enrolment");
    let Some(enrolment) = Enrolment::open(sealed, owner, &state, now).await? else {
        return Ok(page::see_other(NEW));
    };
    let confirmation = Confirmation::of(&visit).await?;
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if confirmation.refused.is_some() {
        return draw_new(visit, &enrolment, (confirmation, false)).await;
    }
    // A double tap finds the passkey there, and shows the codes that count.
    if !store::has_passkey(&state.db, owner, enrolment.id).await? {
        if !make(&visit, &form, &enrolment).await? {
            return draw_new(visit, &enrolment, (confirmation, true)).await;
        }
        mailer.wake();
    }
    if !enrolment.has_the_codes(&state.db).await? {
        return Ok(page::see_other("/account/factors?done=passkey-added"));
    }
    let frame = visit.frame(ALL);
    let page = CodesPage {
        around: visit.around(Tab::Security, &frame),
        codes: enrolment.codes.shown(),
        done: Some(Done::PasskeyAdded),
        frame,
    };
    visit.draw(&page)
}

/// Stores the passkey that the browser made, and tells the person: both or nothing. Whether it was one.
async fn make(visit: &Visit<'_>, form: &PostedForm, enrolment: &Enrolment) -> sqlx::Result<bool> {
    let (state, now) = (visit.state, visit.now);
    let answer = Answer {
        credential: form.text("credential"),
        challenge: form.text("challenge"),
    };
    let owner = Owner::Account(visit.account.id);
    let Some(made) = passkey::made(owner, answer, form.browser, state, now).await? else {
        return Ok(false);
    };
    let name = name(form, visit);
    let mut transaction = state.db.begin().await?;
    let added = enrolment.add_passkey(&mut transaction, &made, &name, now);
    if !added.await? {
        return Ok(false);
    }
    let change = StepChange::PasskeyAdded;
    factor_change::note(&mut transaction, &visit.account, change, None, now).await?;
    transaction.commit().await?;
    Ok(true)
}

/// `GET /account/factors/passkeys/{id}`
#[tracing::instrument(name = "account.passkey", skip_all)]
pub async fn show(
    state: Data<AppState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let confirmation = Confirmation::of(&visit).await?;
    draw(visit, parse(&id)?, (confirmation, false)).await
}

/// `POST /account/factors/passkeys/{id}`: another name, or removal.
#[tracing::instrument(name = "account.passkey.change", skip_all)]
pub async fn change(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    (request, id): (HttpRequest, Path<String>),
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let (id, owner) = (parse(&id)?, Owner::Account(visit.account.id));
    if form.ticked("rename") {
        let name = name(&form, &visit);
        return if store::rename_passkey(&state.db, owner, id, &name).await? {
            Ok(page::see_other("/account/factors?done=passkey-named"))
        } else {
            Err(Problem::NotFound.into())
        };
    }
    let confirmation = Confirmation::of(&visit).await?;
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if confirmation.refused.is_some() {
        return draw(visit, id, (confirmation, false)).await;
    }
    match remove(&visit, id).await? {
        Removed::Now => mailer.wake(),
        Removed::Before => {}
        Removed::Kept => return draw(visit, id, (confirmation, true)).await,
    }
    Ok(page::see_other("/account/factors?done=passkey-removed"))
}

enum Removed {
    Now,
    /// One that is gone is what was wanted.
    Before,
    /// Nobody could log in without it.
    Kept,
}

/// Removes it, and tells the person: both or nothing.
async fn remove(visit: &Visit<'_>, id: Uuid) -> sqlx::Result<Removed> {
    let (state, account) = (visit.state, &visit.account);
    let owner = Owner::Account(account.id);
    let mut transaction = state.db.begin().await?;
    let known = store::lock_owner(&mut transaction, owner).await?;
    if !known || !store::has_passkey(&mut *transaction, owner, id).await? {
        return Ok(Removed::Before);
    }
    if !stays_open(&mut *transaction, account.id, Without::Passkey(id), state).await? {
        return Ok(Removed::Kept);
    }
    store::delete_passkey(&mut transaction, owner, id).await?;
    let change = StepChange::PasskeyRemoved;
    factor_change::note(&mut transaction, account, change, None, visit.now).await?;
    transaction.commit().await?;
    Ok(Removed::Now)
}

fn parse(id: &str) -> Result<Uuid, PageError> {
    Ok(id.parse().map_err(|_| Problem::NotFound)?)
}

/// What was typed, or what the browser says of its device.
fn name(form: &PostedForm, visit: &Visit<'_>) -> String {
    passkey::name(form.text("name")).unwrap_or_else(|| {
        let device = user_agent::spoken(&user_agent::presented(visit.request));
        device.unwrap_or_else(|| visit.frame(ALL).words.say("factors-passkey"))
    })
}

async fn draw_new(
    visit: Visit<'_>,
    enrolment: &Enrolment,
    (confirmation, failed): (Confirmation, bool),
) -> Result<HttpResponse, PageError> {
    let owner = Owner::Account(visit.account.id);
    let names = (visit.account.email.as_str(), visit.account.name.as_str());
    let (browser, state) = (visit.mark(), visit.state);
    let question = passkey::ask_for_new(owner, names, browser, state, visit.now).await?;
    let Some(question) = question else {
        return Ok(page::see_other(ALL));
    };
    let frame = visit.frame(NEW);
    let page = AddPasskeyPage {
        around: visit.around(Tab::Security, &frame),
        confirmation,
        question,
        enrolment: enrolment.seal(state, visit.now)?,
        failed,
        frame,
    };
    let mut response = visit.draw(&page)?;
    if failed {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    confirmation.tell(&mut response);
    Ok(response)
}

async fn draw(
    visit: Visit<'_>,
    id: Uuid,
    (confirmation, kept): (Confirmation, bool),
) -> Result<HttpResponse, PageError> {
    let owner = Owner::Account(visit.account.id);
    let known = store::list_passkeys(&visit.state.db, owner).await?;
    let known = known.into_iter().find(|passkey| passkey.id == id);
    let known = known.ok_or(Problem::NotFound)?;
    let frame = visit.frame(&format!("/account/factors/passkeys/{id}"));
    let page = PasskeyPage {
        around: visit.around(Tab::Security, &frame),
        confirmation,
        id: id.to_string(),
        name: known.name,
        used: known.last_used_at.map(|at| ago(at, visit.now, frame.words)),
        kept,
        frame,
    };
    let mut response = visit.draw(&page)?;
    if kept {
        *response.status_mut() = StatusCode::CONFLICT;
    }
    confirmation.tell(&mut response);
    Ok(response)
}
