//! `/account/factors/codes`: new recovery codes in the place of the old ones.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::pages::{CodesPage, RenewCodesPage};
use crate::{
    account::{factor_change, password::Hasher},
    factor::{Owner, enrolment::Enrolment, store},
    mail::{Mailer, StepChange},
    self_service::{
        confirmation::Confirmation,
        pages::Tab,
        visit::{Visit, to_login},
    },
    web::{page, page_error::PageError, state::AppState},
};

const PATH: &str = "/account/factors/codes";
const ALL: &str = "/account/factors";

/// `GET /account/factors/codes`
#[tracing::instrument(name = "account.recovery_codes", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let owner = Owner::Account(visit.account.id);
    if !store::has_any(&state.db, owner).await? {
        return Ok(page::see_other(ALL));
    }
    let confirmation = Confirmation::of(&visit).await?;
    let enrolment = Enrolment::begin(owner, &state, visit.now);
    let sealed = enrolment.seal(&state, visit.now)?;
    draw(visit, sealed, confirmation)
}

/// `POST /account/factors/codes`
#[tracing::instrument(name = "account.renew_recovery_codes", skip_all)]
pub async fn submit(
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
        return Ok(page::see_other(PATH));
    };
    let confirmation = Confirmation::of(&visit).await?;
    let confirmation = confirmation.check(&form, &hasher, &visit).await?;
    if confirmation.refused.is_some() {
        return draw(visit, sealed.to_owned(), confirmation);
    }
    let mut transaction = state.db.begin().await?;
    if !store::has_any(&mut *transaction, owner).await? {
        return Ok(page::see_other(ALL));
    }
    let codes = enrolment.codes.hashes();
    store::replace_recovery_codes(&mut transaction, owner, &codes, now).await?;
    let change = StepChange::CodesRenewed;
    factor_change::note(&mut transaction, &visit.account, change, None, now).await?;
    transaction.commit().await?;
    mailer.wake();
    let frame = visit.frame(ALL);
    let page = CodesPage {
        around: visit.around(Tab::Security, &frame),
        codes: enrolment.codes.shown(),
        done: None,
        frame,
    };
    visit.draw(&page)
}

fn draw(
    visit: Visit<'_>,
    enrolment: String,
    confirmation: Confirmation,
) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let page = RenewCodesPage {
        around: visit.around(Tab::Security, &frame),
        confirmation,
        enrolment,
        frame,
    };
    let mut response = visit.draw(&page)?;
    confirmation.tell(&mut response);
    Ok(response)
}
