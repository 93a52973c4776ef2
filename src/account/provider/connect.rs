//! `/login/connect`: asks a person who is signed in whether the sign-in they have just proven is to be
//! this account's. Nothing is connected without that tap.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::{
    Provider,
    connection::store::{NewConnection, find_connection, insert_connection},
    pages::ConnectPage,
    pending::Pending,
    sign_in::{onward, visit},
    store as providers,
    trouble::{Stopped, Trouble},
};
use crate::{
    account::{
        Account, session, store,
        way_in::{Visit, with_flow},
    },
    event::{self, Event, EventKind},
    foundation::ids::ConnectionId,
    mail::{self, Letter, Mailer, Recipient},
    web::{
        body,
        csrf::{self, BoundTo},
        form::{MAX_FORM_BYTES, PostedForm},
        i18n::{Lang, Words},
        page,
        page_error::PageError,
        state::AppState,
    },
};

const PATH: &str = "/login/connect";

/// `GET /login/connect`
#[tracing::instrument(name = "sign_in.connect.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let flow = page::query_value(&request, "flow");
    let flow = flow.as_deref();
    let Some(account) = session::signed_in(&request, &state, visit.now).await? else {
        return Ok(to_login(flow));
    };
    let Some((pending, provider)) = Pending::of(&request, &state, visit.now).await? else {
        return go_on(flow, visit).await;
    };
    let (frame, mut way, browser) = visit.page(PATH, &[], (flow, false)).await?;
    let bound_to = BoundTo::Session;
    way.csrf = csrf::token(browser.mark, bound_to, &request, &state, visit.now);
    let page = ConnectPage {
        provider: provider.name(frame.words.lang()),
        theirs: pending.spoken(frame.words),
        account_name: account.name,
        account_email: account.email,
        way,
        frame,
    };
    visit.answer(&page, browser)
}

/// `POST /login/connect`
#[tracing::instrument(name = "sign_in.connect", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Session, &request, &state, visit.now).await?;
    let flow = form.parameters.get("flow");
    let Some(account) = session::signed_in(&request, &state, visit.now).await? else {
        return Ok(to_login(flow));
    };
    let Some((pending, provider)) = Pending::of(&request, &state, visit.now).await? else {
        return go_on(flow, visit).await;
    };
    if form.text("decision") != "connect" {
        return Pending::drop_from(go_on(flow, visit).await?, &state);
    }
    let stopped = Stopped {
        provider: Some(&provider),
        flow,
        connecting: flow.is_none(),
    };
    let answer = match connect(&account, &pending, &provider, visit).await? {
        Connected::Now => {
            mailer.wake();
            go_on(flow, visit).await?
        }
        Connected::Before => go_on(flow, visit).await?,
        Connected::Elsewhere => Trouble::Elsewhere.page(stopped, visit).await?,
        Connected::Off => Trouble::Off.page(stopped, visit).await?,
    };
    Pending::drop_from(answer, &state)
}

/// What became of a connection.
enum Connected {
    /// It is there.
    Now,
    /// It was there already.
    Before,
    /// Another account has it.
    Elsewhere,
    /// The provider or the account was switched off meanwhile.
    Off,
}

/// Connects, and tells the person: both or nothing.
async fn connect(
    account: &Account,
    pending: &Pending,
    provider: &Provider,
    visit: Visit<'_>,
) -> sqlx::Result<Connected> {
    let Visit { state, now, .. } = visit;
    let mut transaction = state.db.begin().await?;
    let account = store::lock_account(&mut transaction, account.id).await?;
    let account = account.filter(|account| account.disabled_at.is_none());
    let locked = providers::lock_provider(&mut *transaction, &provider.id).await?;
    let locked = locked.filter(|provider| pending.is_at(provider));
    let (Some(account), Some(provider)) = (account, locked) else {
        return Ok(Connected::Off);
    };
    let new = NewConnection {
        id: ConnectionId::random(&*state.random),
        provider: &provider.id,
        subject: &pending.subject,
        account: account.id,
        email: pending.email.as_deref(),
    };
    if !insert_connection(&mut *transaction, &new, now).await? {
        let known = find_connection(&mut *transaction, new.provider, new.subject).await?;
        let own = known.is_some_and(|known| known.account_id == account.id);
        return Ok(if own {
            Connected::Before
        } else {
            Connected::Elsewhere
        });
    }
    let connected = Event::new(EventKind::SignInConnected, now).account(account.id);
    let connected = connected.detail(provider.name(Lang::En));
    event::store::insert_events(&mut *transaction, &[connected]).await?;
    let recipient = Recipient {
        email: &account.email,
        language: &account.locale,
    };
    let letter = Letter::SignInConnected {
        provider: provider.name(Lang::parse(&account.locale).unwrap_or(Lang::En)),
        at: now,
    };
    mail::post(&mut *transaction, recipient, &letter, now).await?;
    transaction.commit().await?;
    Ok(Connected::Now)
}

fn to_login(flow: Option<&str>) -> HttpResponse {
    page::see_other(&with_flow("/login", flow, &[("connect", "1")]))
}

/// Where the person was going; without that, to where their sign-ins are listed.
async fn go_on(flow: Option<&str>, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
    if let Some(sealed) = flow {
        crate::web::flow::Flow::recognise(sealed, visit.request, visit.state, visit.now).await;
        return Ok(page::see_other(&onward(flow, visit.request)));
    }
    Ok(page::see_other("/account/security"))
}

impl Pending {
    /// Whose sign-in it is, as far as that is known.
    fn spoken(&self, words: Words) -> String {
        let known = self.email.clone().or_else(|| self.name.clone());
        known.unwrap_or_else(|| words.say("with-unnamed"))
    }
}
