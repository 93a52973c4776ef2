//! `/admin/sign-in/codes`: new recovery codes in the place of the old ones.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{CodesPage, PATH};
use crate::{
    account::password::Hasher,
    admin::{
        chrome::Chrome,
        field::Field,
        guard::{Opened, Posted, Viewer},
    },
    event::EventKind,
    factor::{enrolment::Enrolment, store},
    mail::StepChange,
    web::{page::see_other, page_error::PageError},
};

#[derive(Debug, Template)]
#[template(path = "admin/codes_renew.html")]
struct RenewPage {
    chrome: Chrome,
    enrolment: String,
    password: Field,
}

/// `GET /admin/sign-in/codes`
#[tracing::instrument(name = "admin.own.codes", skip_all)]
pub async fn show(opened: Opened<Viewer>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let enrolment = Enrolment::begin(console.owner(), &console.state, console.now);
    console.page(&RenewPage {
        chrome: console.chrome(None),
        enrolment: enrolment.seal(&console.state, console.now)?,
        password: Field::default(),
    })
}

/// `POST /admin/sign-in/codes`
#[tracing::instrument(name = "admin.own.renew_codes", skip_all)]
pub async fn submit(
    posted: Posted<Viewer>,
    hasher: Data<Hasher>,
) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let (state, now, owner) = (&console.state, console.now, console.owner());
    let sealed = form.text("enrolment");
    let Some(enrolment) = Enrolment::open(sealed, owner, state, now).await? else {
        return Ok(see_other("/admin/sign-in/codes"));
    };
    if let Err(password) = console.confirmed(form, &hasher).await? {
        return console.refused(&RenewPage {
            chrome: console.chrome(None),
            enrolment: sealed.to_owned(),
            password,
        });
    }
    let mut transaction = state.db.begin().await?;
    if !store::has_any(&mut *transaction, owner).await? {
        return Ok(see_other(PATH));
    }
    let codes = enrolment.codes.hashes();
    store::replace_recovery_codes(&mut transaction, owner, &codes, now).await?;
    transaction.commit().await?;
    let detail = StepChange::CodesRenewed.detail();
    console.record_as(EventKind::FactorChanged, detail, |event| event);
    console.page(&CodesPage {
        chrome: console.chrome(None),
        codes: enrolment.codes.shown(),
    })
}
