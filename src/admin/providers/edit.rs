//! `/admin/providers/{id}`: one provider, and what can be changed of it.

use actix_web::{HttpResponse, web::Path};

use super::{form::ProviderForm, named, new::EditPage};
use crate::{
    account::provider::{seal_secret, store},
    admin::{
        flash::Done,
        guard::{Opened, Owner, Posted},
    },
    web::{page_error::PageError, pages::Problem},
};

/// `GET /admin/providers/{id}`
#[tracing::instrument(name = "admin.provider", skip_all)]
pub async fn show(opened: Opened<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let console = opened.console;
    let provider = named(&id, &console).await?;
    let form = ProviderForm::of(&provider)?;
    console.page(&EditPage::draw(&console, form, Some(provider.enabled)))
}

/// `POST /admin/providers/{id}`
#[tracing::instrument(name = "admin.provider.save", skip_all)]
pub async fn save(posted: Posted<Owner>, id: Path<String>) -> Result<HttpResponse, PageError> {
    let Posted { console, form, .. } = &posted;
    let provider = named(&id, console).await?;
    let mut typed = ProviderForm::typed(provider.kind, form);
    // What never changes is not taken from a form.
    provider.id.as_str().clone_into(&mut typed.id.value);
    typed.issuer.value = provider.issuer.clone().unwrap_or_default();
    let Some(filled) = typed.checked(true, console) else {
        return console.refused(&EditPage::draw(console, typed, Some(provider.enabled)));
    };
    let state = &console.state;
    let mut transaction = state.db.begin().await?;
    let secret = match &filled.secret {
        Some(secret) => {
            let sealed = seal_secret(&mut transaction, &provider.id, secret, state).await;
            Some(sealed.map_err(sqlx::Error::from)?)
        }
        None => None,
    };
    let before = store::lock_provider(&mut *transaction, &provider.id).await?;
    let before = before.ok_or(Problem::NotFound)?;
    if !typed.has_seen(&before)? {
        return console.refused(&EditPage::draw(console, typed, Some(before.enabled)));
    }
    let after = filled.changed(&before, secret);
    store::update_provider(&mut *transaction, &after, console.now).await?;
    transaction.commit().await?;
    super::reload(console).await?;
    console.record(format!("Changed sign-in with {}", after.id), |event| event);
    Ok(console.done(super::LIST, Done::ProviderSaved))
}
