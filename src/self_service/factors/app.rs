//! `/account/factors/app`: adding an authenticator app, and removing it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};

use super::pages::{AddAppPage, CodesPage, Done, RemoveAppPage};
use crate::{
    account::{factor_change, password::Hasher},
    factor::{
        Owner,
        enrolment::{Added, Enrolment},
        qr::Drawing,
        store,
    },
    mail::{Mailer, StepChange},
    self_service::{
        confirmation::Confirmation,
        pages::Tab,
        visit::{Visit, to_login},
    },
    web::{form::PostedForm, page, page_error::PageError, state::AppState},
};

const PATH: &str = "/account/factors/app";

/// `GET /account/factors/app`
#[tracing::instrument(name = "account.app", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let confirmation = Confirmation::of(&visit).await?;
    let owner = Owner::Account(visit.account.id);
    if store::find_totp(&state.db, owner).await?.is_some() {
        return draw_removal(visit, confirmation);
    }
    let enrolment = Enrolment::begin(owner, &state, visit.now);
    draw(visit, &enrolment, (confirmation, false))
}

/// `POST /account/factors/app`
#[tracing::instrument(name = "account.change_app", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let confirmation = Confirmation::of(&visit).await?;
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if form.ticked("remove") {
        if confirmation.refused.is_some() {
            return draw_removal(visit, confirmation);
        }
        if remove(&visit).await? {
            mailer.wake();
        }
        return Ok(page::see_other("/account/factors?done=app-removed"));
    }
    add(visit, &form, &mailer, confirmation).await
}

async fn add(
    visit: Visit<'_>,
    form: &PostedForm,
    mailer: &Mailer,
    confirmation: Confirmation,
) -> Result<HttpResponse, PageError> {
    let (state, now) = (visit.state, visit.now);
    let owner = Owner::Account(visit.account.id);
    let sealed = form.text("enrolment");
    let Some(enrolment) = Enrolment::open(sealed, owner, state, now).await? else {
        return Ok(page::see_other(PATH));
    };
    if confirmation.refused.is_some() {
        return draw(visit, &enrolment, (confirmation, false));
    }
    let mut transaction = state.db.begin().await?;
    let typed = form.text("code");
    let added = enrolment.add(&mut transaction, typed, state, now).await;
    match added.map_err(sqlx::Error::from)? {
        Added::Wrong => {
            drop(transaction);
            return draw(visit, &enrolment, (confirmation, true));
        }
        Added::Other => return Ok(page::see_other(PATH)),
        Added::Before => {}
        Added::Now => {
            let change = StepChange::AppAdded;
            factor_change::note(&mut transaction, &visit.account, change, None, now).await?;
            transaction.commit().await?;
            mailer.wake();
        }
    }
    let frame = visit.frame("/account/factors");
    let page = CodesPage {
        around: visit.around(Tab::Security, &frame),
        codes: enrolment.codes.shown(),
        done: Some(Done::AppAdded),
        frame,
    };
    visit.draw(&page)
}

/// Whether there was an app to remove.
async fn remove(visit: &Visit<'_>) -> sqlx::Result<bool> {
    let mut transaction = visit.state.db.begin().await?;
    let owner = Owner::Account(visit.account.id);
    let removed = store::delete_totp(&mut transaction, owner).await?;
    if removed {
        let change = StepChange::AppRemoved;
        factor_change::note(&mut transaction, &visit.account, change, None, visit.now).await?;
    }
    transaction.commit().await?;
    Ok(removed)
}

fn draw(
    visit: Visit<'_>,
    enrolment: &Enrolment,
    (confirmation, wrong): (Confirmation, bool),
) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let uri = enrolment
        .seed
        .uri(&frame.service_name, &visit.account.email);
    let page = AddAppPage {
        around: visit.around(Tab::Security, &frame),
        confirmation,
        qr: Drawing::of(&uri).map_err(PageError::internal)?,
        seed: enrolment.seed.text(),
        uri,
        enrolment: enrolment.seal(visit.state, visit.now)?,
        wrong,
        frame,
    };
    let mut response = visit.draw(&page)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    confirmation.tell(&mut response);
    Ok(response)
}

fn draw_removal(visit: Visit<'_>, confirmation: Confirmation) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let page = RemoveAppPage {
        around: visit.around(Tab::Security, &frame),
        confirmation,
        frame,
    };
    let mut response = visit.draw(&page)?;
    confirmation.tell(&mut response);
    Ok(response)
}
