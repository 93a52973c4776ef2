//! `/account/password`: another password, and whether what is linked stays linked.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use secrecy::SecretString;

use super::{
    pages::{PasswordMistake, PasswordPage, Tab},
    store,
    visit::{Visit, to_login},
};
use crate::{
    account::{
        self,
        entry::{Entrant, Proof},
        knock::Refused,
        login::{Attempt, KnowsPassword},
        new_password,
        password::Hasher,
        password_change,
        provider::connection::store::has_password,
        session,
    },
    event::{self, Event, EventKind},
    link::{
        EndReason,
        listing::{Filter, store::list_links},
    },
    mail::Mailer,
    web::{form::PostedForm, page, page_error::PageError, state::AppState},
};

const PATH: &str = "/account/password";
/// More links than anybody has.
const MOST_LINKS: i64 = 200;

/// `GET /account/password`
#[tracing::instrument(name = "account.password", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    match Visit::begin(&request, &state).await? {
        // There is none to be replaced: the first one is set with a code that is mailed.
        Some(visit) if !has_password(&state.db, visit.account.id).await? => {
            Ok(page::see_other("/password/forgot"))
        }
        Some(visit) => draw(visit, None).await,
        None => Ok(to_login()),
    }
}

/// `POST /account/password`
#[tracing::instrument(name = "account.change_password", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Some((visit, form)) = Visit::posting(&request, payload, &state).await? else {
        return Ok(to_login());
    };
    let now = visit.now;
    let attempt = Attempt {
        email: &visit.account.email,
        password: form.parameters.get("current").unwrap_or_default(),
    };
    let checked = attempt
        .check_password(&request, &state, &hasher, now)
        .await?;
    let old = match checked {
        Ok(old) => old,
        Err(refused) => return draw(visit, Some(PasswordMistake::Current(refused))).await,
    };
    let password = form.parameters.get("password").unwrap_or_default();
    let service = state.branding.get();
    let account = &visit.account;
    let about = [&*account.name, &*account.email, &*service.name];
    let checked = new_password::check(password, &about).await;
    if let Err(weakness) = checked.map_err(PageError::internal)? {
        return draw(visit, Some(PasswordMistake::Weak(weakness))).await;
    }
    let password_hash = hasher.hash(SecretString::from(password)).await?;
    if !replace(&visit, &old, &password_hash, &form).await? {
        // Somebody has changed it since: the one that was typed is no longer the right one.
        return Ok(page::see_other(PATH));
    }
    mailer.wake();
    let new = Entrant {
        id: old.id,
        proof: Proof::NewPassword {
            hash: password_hash,
        },
    };
    let cookie = session::begin(&request, &state, &new, now).await?;
    page::with_cookie(page::see_other("/account/security?changed=1"), cookie)
}

/// Replaces the password, ends every login and, where that was chosen, every link: all of it or
/// nothing. Whether the old one still was the account's.
async fn replace(
    visit: &Visit<'_>,
    old: &KnowsPassword,
    password_hash: &str,
    form: &PostedForm,
) -> sqlx::Result<bool> {
    let (state, now) = (visit.state, visit.now);
    let mut transaction = state.db.begin().await?;
    let Some(account) = account::store::lock_account(&mut transaction, old.id).await? else {
        return Ok(false);
    };
    let stored = account::store::find_login(&mut *transaction, &account.email).await?;
    if stored.and_then(|(_, hash)| hash).as_deref() != Some(&old.password_hash) {
        return Ok(false);
    }
    password_change::change(&mut transaction, &account, password_hash, now).await?;
    let mut events = vec![Event::new(EventKind::PasswordChanged, now).account(old.id)];
    if form.text("links") == "end" {
        let reason = EndReason::PasswordChange;
        let ended = store::end_links_of(&mut *transaction, &[old.id], reason, now).await?;
        events.extend(ended.iter().map(|link| {
            Event::new(EventKind::LinkEnded, now)
                .link(link.link_id)
                .account(link.account_id)
                .client(&link.client_id)
                .detail(reason.as_str())
        }));
    }
    event::store::insert_events(&mut *transaction, &events).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn draw(
    visit: Visit<'_>,
    mistake: Option<PasswordMistake>,
) -> Result<HttpResponse, PageError> {
    let frame = visit.frame(PATH);
    let filter = Filter {
        account: Some(visit.account.id),
        alive: true,
        ..Filter::default()
    };
    let links = list_links(&visit.state.db, &filter, MOST_LINKS, 0).await?;
    let page = PasswordPage {
        around: visit.around(Tab::Security, &frame),
        apps: links.into_iter().map(|link| link.client_name).collect(),
        mistake,
        frame,
    };
    let mut response = visit.draw(&page)?;
    match mistake {
        Some(PasswordMistake::Current(refused)) => Refused::tell(refused, &mut response),
        Some(PasswordMistake::Weak(_)) => *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY,
        None => {}
    }
    Ok(response)
}
