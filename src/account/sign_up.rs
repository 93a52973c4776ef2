//! `/signup`: an account of one's own, in three pages: the address, the code that was mailed there, and
//! then a name and a password. Until the last one there is no account.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde_json::Map;

use super::{
    Account, InvalidAccount, address,
    entry::{Entrant, Proof},
    finish::{self, Filled, Opened},
    invitation,
    mailed_code::{self, Purpose},
    password::Hasher,
    store::{self, Taken},
    way_in::{Visit, with_flow},
};
use crate::{
    event::{self, Event, EventKind, Recorder},
    foundation::ids::AccountId,
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

/// `GET /signup`
#[tracing::instrument(name = "sign_up.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    address::show(Purpose::SignUp, visit(&request, &state)).await
}

/// `POST /signup`
#[tracing::instrument(name = "sign_up.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    address::submit(Purpose::SignUp, &form, &mailer, visit).await
}

/// `GET /signup/finish?ticket=…`
#[tracing::instrument(name = "sign_up.finish.show", skip_all)]
pub async fn show_finish(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let (ticket, flow) = (
        page::query_value(&request, "ticket").unwrap_or_default(),
        page::query_value(&request, "flow"),
    );
    let named = (ticket.as_str(), flow.as_deref());
    match Opened::open(Purpose::SignUp, named, visit).await? {
        Ok(opened) => opened.draw(Filled::default(), visit).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /signup/finish`
#[tracing::instrument(name = "sign_up.finish", skip_all)]
pub async fn submit_finish(
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
    let opened = match Opened::open(Purpose::SignUp, named, visit).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let name = form.text("name");
    let account = Account {
        id: AccountId::random(&*state.random),
        external_id: None,
        email: opened.ticket.email.clone(),
        name: name.to_owned(),
        locale: page::words(&request, &state, None).lang().tag().to_owned(),
        attributes: Map::new(),
        disabled_at: None,
        delete_at: None,
        created_at: visit.now,
    };
    let name_is_wrong = account.check() == Err(InvalidAccount::Name);
    let password = opened.password(&form, name, &hasher, visit).await?;
    let password_hash = match password {
        Ok(hash) if !name_is_wrong => hash,
        password => {
            let filled = Filled {
                name,
                name_is_wrong,
                weakness: password.err(),
            };
            return opened.draw(filled, visit).await;
        }
    };
    let to_login = || page::see_other(&with_flow("/login", opened.flow, &[]));
    match make(&account, &password_hash, (&opened, &form), visit).await? {
        Made::Account => {
            let made = Entrant {
                id: account.id,
                proof: Proof::NewPassword {
                    hash: password_hash,
                },
            };
            let entered = made.enter(opened.flow, (&recorder, &mailer), visit);
            Ok(entered.await?.unwrap_or_else(to_login))
        }
        // Its owner proved to be just that, so they may know; they had no code for this before.
        Made::Taken => Ok(to_login()),
        Made::TooLate => Ok(finish::anew(Purpose::SignUp, opened.flow)),
    }
}

/// What became of a new account.
enum Made {
    /// It is there.
    Account,
    /// Its address has got another one meanwhile.
    Taken,
    /// The code was used up, or its time is over.
    TooLate,
}

/// Uses up the code, and stores the account for it: both or nothing.
async fn make(
    account: &Account,
    password_hash: &str,
    (opened, form): (&Opened<'_>, &PostedForm),
    visit: Visit<'_>,
) -> Result<Made, PageError> {
    let Visit { state, now, .. } = visit;
    account
        .check()
        .map_err(|invalid| PageError::Unreadable(invalid.to_string()))?;
    let mut transaction = state.db.begin().await?;
    let proven =
        mailed_code::store::use_up(&mut *transaction, &opened.ticket, form.browser, now).await?;
    if proven.is_none() {
        return Ok(Made::TooLate);
    }
    let stored = store::insert_account(&mut *transaction, account, Some(password_hash)).await;
    match stored {
        Ok(()) => {}
        Err(error) if Taken::from_error(&error).is_some() => return Ok(Made::Taken),
        Err(error) => return Err(error.into()),
    }
    invitation::store::note_used(&mut *transaction, &account.email, now).await?;
    let signed_up = Event::new(EventKind::SignedUp, now).account(account.id);
    event::store::insert_events(&mut *transaction, &[signed_up]).await?;
    transaction.commit().await?;
    Ok(Made::Account)
}
