//! `/password/forgot` and `/password/reset`: a new password for whoever reads the account's mail. It ends
//! every login; links stay, because who forgot a password still wants the speaker to answer.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::{
    Account, address, email_key,
    entry::{Entrant, Proof},
    finish::{self, Filled, Opened},
    mailed_code::{self, Purpose},
    password::Hasher,
    password_change, store,
    way_in::{Visit, with_flow},
};
use crate::{
    event::{self, Event, EventKind, Recorder},
    mail::Mailer,
    web::{
        body,
        csrf::BoundTo,
        form::{MAX_FORM_BYTES, PostedForm},
        page,
        page_error::PageError,
        state::AppState,
    },
};

fn visit<'a>(request: &'a HttpRequest, state: &'a AppState) -> Visit<'a> {
    Visit {
        request,
        state,
        now: state.clock.now(),
    }
}

/// `GET /password/forgot`
#[tracing::instrument(name = "recovery.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    address::show(Purpose::Recovery, visit(&request, &state)).await
}

/// `POST /password/forgot`
#[tracing::instrument(name = "recovery.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    address::submit(Purpose::Recovery, &form, &mailer, visit).await
}

/// `GET /password/reset?ticket=…`
#[tracing::instrument(name = "recovery.reset.show", skip_all)]
pub async fn show_reset(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let (ticket, flow) = (
        page::query_value(&request, "ticket").unwrap_or_default(),
        page::query_value(&request, "flow"),
    );
    let named = (ticket.as_str(), flow.as_deref());
    match Opened::open(Purpose::Recovery, named, visit).await? {
        Ok(opened) => opened.draw(Filled::default(), visit).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /password/reset`
#[tracing::instrument(name = "recovery.reset", skip_all)]
pub async fn submit_reset(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    let named = (form.text("ticket"), form.parameters.get("flow"));
    let opened = match Opened::open(Purpose::Recovery, named, visit).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let known = store::find_account_by_email(&state.db, &opened.ticket.email).await?;
    let name = known.map(|account| account.name).unwrap_or_default();
    let password_hash = match opened.password(&form, &name, &hasher, visit).await? {
        Ok(hash) => hash,
        Err(weakness) => {
            let filled = Filled {
                weakness: Some(weakness),
                ..Filled::default()
            };
            return opened.draw(filled, visit).await;
        }
    };
    let Some(changed) = replace(password_hash, (&opened, &form), visit).await? else {
        return Ok(finish::anew(Purpose::Recovery, opened.flow));
    };
    mailer.wake();
    let entered = changed.enter(opened.flow, (&recorder, &mailer), visit);
    // Unless somebody has changed it again, or disabled the account.
    let next = entered.await?;
    Ok(next.unwrap_or_else(|| page::see_other(&with_flow("/login", opened.flow, &[]))))
}

/// Uses up the code, and replaces the password it was for: both or nothing. `None` where the code no
/// longer counts, or the account doesn't.
async fn replace(
    password_hash: String,
    (opened, form): (&Opened<'_>, &PostedForm),
    visit: Visit<'_>,
) -> Result<Option<Entrant>, PageError> {
    let Visit { state, now, .. } = visit;
    let mut transaction = state.db.begin().await?;
    let proven =
        mailed_code::store::use_up(&mut *transaction, &opened.ticket, form.browser, now).await?;
    let Some(id) = proven.and_then(|proven| proven.account_id) else {
        return Ok(None);
    };
    let account = store::lock_account(&mut transaction, id).await?;
    // Nor where its mail goes to another address by now.
    let address = email_key(&opened.ticket.email);
    let good =
        |account: &Account| account.disabled_at.is_none() && email_key(&account.email) == address;
    let Some(account) = account.filter(good) else {
        return Ok(None);
    };
    password_change::change(&mut transaction, &account, &password_hash, now).await?;
    let replaced = Event::new(EventKind::PasswordReset, now).account(id);
    event::store::insert_events(&mut *transaction, &[replaced]).await?;
    transaction.commit().await?;
    let proof = Proof::NewPassword {
        hash: password_hash,
    };
    Ok(Some(Entrant { id, proof }))
}
