//! `/account/factors`: what a person is asked for beside the password.

pub mod app;
pub mod codes;
pub mod pages;
pub mod passkeys;

use actix_web::{HttpRequest, HttpResponse, web::Data};

use self::pages::{Done, FactorsPage, PasskeyRow};
use super::{
    pages::Tab,
    visit::{Visit, to_login},
};
use crate::{
    factor::{
        Owner,
        passkey::store::{ListedPasskey, list_passkeys},
        store::find_factors,
    },
    web::{
        page,
        page_error::PageError,
        state::AppState,
        time::{Day, ago},
    },
};

const PATH: &str = "/account/factors";

/// `GET /account/factors`
#[tracing::instrument(name = "account.factors", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(visit) = Visit::begin(&request, &state).await? else {
        return Ok(to_login());
    };
    let owner = Owner::Account(visit.account.id);
    let factors = find_factors(&state.db, owner).await?;
    let passkeys = list_passkeys(&state.db, owner).await?;
    let frame = visit.frame(PATH);
    let row = |passkey: ListedPasskey| PasskeyRow {
        id: passkey.id.to_string(),
        name: passkey.name,
        since: Day::of(passkey.created_at, frame.words),
        used: passkey
            .last_used_at
            .map(|at| ago(at, visit.now, frame.words)),
    };
    let page = FactorsPage {
        around: visit.around(Tab::Security, &frame),
        app_since: factors.app_since.map(|at| Day::of(at, frame.words)),
        passkeys: passkeys.into_iter().map(row).collect(),
        passkeys_work: state.relying_party.is_some(),
        codes_left: factors.any().then_some(factors.recovery_codes),
        done: page::query_value(&request, "done").and_then(|done| Done::parse(&done)),
        frame,
    };
    visit.draw(&page)
}
