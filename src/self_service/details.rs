//! `/account/you`: what is known of the person, and the ways to change it, take it along, or go.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::{
    pages::{Changed, DetailsPage, LanguageChoice, Tab},
    visit::{Visit, to_login},
};
use crate::{
    account::{InvalidAccount, store},
    event::{Event, EventKind, Recorder},
    web::{
        form::PostedForm,
        i18n::{Lang, Words},
        page,
        page_error::PageError,
        state::AppState,
    },
};

const PATH: &str = "/account/you";

/// `GET /account/you`
#[tracing::instrument(name = "account.you", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    match Visit::begin(&request, &state).await? {
        Some(visit) => draw(visit, None),
        None => Ok(to_login()),
    }
}

/// `POST /account/you`
#[tracing::instrument(name = "account.change", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let (id, now) = (visit.account.id, visit.now);
    let mut transaction = state.db.begin().await?;
    // An admin, or the same person elsewhere, may be changing it, too.
    let Some(mut account) = store::lock_account(&mut transaction, id).await? else {
        return Ok(to_login());
    };
    let before = account.clone();
    form.text("name").clone_into(&mut account.name);
    let language = chosen(&form, &account.locale)?;
    account.locale.clone_from(&language);
    match account.check() {
        Ok(()) => {}
        Err(InvalidAccount::Name) => return draw(visit, Some(form.text("name").to_owned())),
        Err(other) => return Err(PageError::Unreadable(other.to_string())),
    }
    if account != before {
        store::update_account(&mut *transaction, &account, now).await?;
        transaction.commit().await?;
        let changed = [
            (account.name != before.name).then_some("name"),
            (account.locale != before.locale).then_some("language"),
        ];
        let changed: Vec<_> = changed.into_iter().flatten().collect();
        let event = Event::new(EventKind::AccountChanged, now).account(id);
        recorder.record(event.detail(changed.join(", ")));
    }
    // The page after it remembers the language in this browser, too.
    let lang = Lang::parse(&language).map_or("", Lang::tag);
    Ok(page::see_other(&page::with_query(
        PATH,
        &[("saved", "1"), ("lang", lang)],
    )))
}

/// The chosen language, one that pages are written in, or the one the account has.
fn chosen(form: &PostedForm, now: &str) -> Result<String, PageError> {
    let named = form.text("language");
    let known = named == now || Lang::ALL.into_iter().any(|lang| lang.tag() == named);
    let unknown = || PageError::Unreadable("language must be one of those offered".to_owned());
    known.then(|| named.to_owned()).ok_or_else(unknown)
}

/// The page; with the name that was refused, if one was.
fn draw(visit: Visit<'_>, refused: Option<String>) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let account = &visit.account;
    let page = DetailsPage {
        around: visit.around(Tab::You, &frame),
        name_refused: refused.is_some(),
        name: refused.unwrap_or_else(|| account.name.clone()),
        email: account.email.clone(),
        email_changes: visit.state.ways_in.recovery,
        languages: languages(&account.locale),
        changed: changed(visit.request),
        frame,
    };
    let status = if page.name_refused {
        actix_web::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        actix_web::http::StatusCode::OK
    };
    let mut response = visit.draw(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// What the address of the page says was changed.
fn changed(request: &HttpRequest) -> Option<Changed> {
    let says = |name| page::query_value(request, name).is_some();
    if says("moved") {
        return Some(Changed::Address);
    }
    says("saved").then_some(Changed::Details)
}

/// The languages of the pages, each by its own name, and the account's where that is another.
fn languages(locale: &str) -> Vec<LanguageChoice> {
    let mut choices: Vec<_> = Lang::ALL
        .into_iter()
        .map(|lang| LanguageChoice {
            tag: lang.tag().to_owned(),
            label: Words::new(lang).say("language-name"),
            chosen: locale == lang.tag(),
        })
        .collect();
    if choices.iter().all(|choice| !choice.chosen) {
        choices.push(LanguageChoice {
            tag: locale.to_owned(),
            label: locale.to_owned(),
            chosen: true,
        });
    }
    choices
}
