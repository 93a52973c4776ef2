//! `/account/factors`: what a person is asked for beside the password.

pub mod app;
pub mod codes;
pub mod pages;

use actix_web::{HttpRequest, HttpResponse, web::Data};

use self::pages::{Done, FactorsPage};
use super::{
    pages::Tab,
    visit::{Visit, to_login},
};
use crate::{
    factor::{Owner, store::find_factors},
    web::{page, page_error::PageError, state::AppState, time::Day},
};

const PATH: &str = "/account/factors";

/// `GET /account/factors`
#[tracing::instrument(name = "account.factors", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let factors = find_factors(&state.db, Owner::Account(visit.account.id)).await?;
    let frame = visit.frame(PATH);
    let page = FactorsPage {
        around: visit.around(Tab::Security, &frame),
        app_since: factors.app_since.map(|at| Day::of(at, frame.words)),
        codes_left: factors.any().then_some(factors.recovery_codes),
        done: page::query_value(&request, "done").and_then(|done| Done::parse(&done)),
        frame,
    };
    visit.draw(&page)
}
