//! `/signup/with`: an account, without a password, for who signed in with a provider and is nobody here
//! yet. An address that the provider has not proven is proven by a code that is mailed, as in any sign-up.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use serde_json::Map;

use super::{
    Provider,
    connection::store::{NewConnection, find_connection, insert_connection},
    pages::NewcomerPage,
    pending::Pending,
    sign_in::{onward, visit},
    store as providers,
    trouble::{Stopped, Trouble},
};
use crate::{
    account::{
        Account, InvalidAccount, address, invitation,
        mailed_code::{self, Asked, Purpose, Ticket},
        session,
        store::{self, Taken},
        way_in::{Visit, with_flow},
    },
    config::SignUp,
    event::{self, Event, EventKind, Recorder},
    foundation::ids::{AccountId, ConnectionId},
    mail::{self, Mailer},
    web::{
        body,
        browser::BrowserMark,
        csrf::BoundTo,
        flow::Flow,
        form::{MAX_FORM_BYTES, PostedForm},
        i18n::Lang,
        page,
        page_error::PageError,
        pages::NoticePage,
        state::AppState,
    },
};

const PATH: &str = "/signup/with";

/// Who signs up, and what the page or the form carries.
struct Newcomer<'a> {
    pending: Pending,
    provider: Provider,
    flow: Option<&'a str>,
    /// A code that was typed.
    ticket: Option<(&'a str, Ticket)>,
}

/// What was typed, and what is wrong with it.
#[derive(Clone, Copy, Default)]
struct Filled<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    email_is_wrong: bool,
    name_is_wrong: bool,
    minutes: Option<u32>,
}

/// `GET /signup/with`
#[tracing::instrument(name = "sign_in.newcomer.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let value = |name| page::query_value(&request, name);
    let (ticket, flow) = (value("ticket"), value("flow"));
    let carried = (ticket.as_deref(), flow.as_deref());
    match Newcomer::find(carried, visit).await? {
        Ok(newcomer) => newcomer.draw(Filled::default(), visit).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /signup/with`
#[tracing::instrument(name = "sign_in.newcomer", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    mailer: Data<Mailer>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    let carried = (form.parameters.get("ticket"), form.parameters.get("flow"));
    let newcomer = match Newcomer::find(carried, visit).await? {
        Ok(newcomer) => newcomer,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let name = form.text("name");
    let Some(email) = newcomer.proven() else {
        return newcomer
            .ask(form.text("email"), &form, &mailer, visit)
            .await;
    };
    let account = Account {
        id: AccountId::random(&*state.random),
        external_id: None,
        email: email.to_owned(),
        name: name.to_owned(),
        locale: page::words(&request, &state, None).lang().tag().to_owned(),
        attributes: Map::new(),
        disabled_at: None,
        delete_at: None,
        created_at: visit.now,
    };
    if account.check() == Err(InvalidAccount::Name) {
        let filled = Filled {
            name: Some(name),
            name_is_wrong: true,
            ..Filled::default()
        };
        return newcomer.draw(filled, visit).await;
    }
    let made = newcomer.make(&account, form.browser, visit).await?;
    newcomer.enter(made, (&recorder, &mailer), visit).await
}

/// What became of a new account.
enum Made {
    /// It is there, or a second tap made it.
    Account,
    /// The address has another one.
    Taken,
    /// The code was used up, or its time is over.
    TooLate,
    /// The provider was switched off meanwhile.
    Off,
}

impl<'a> Newcomer<'a> {
    /// Who it is; else where they go.
    async fn find(
        (ticket, flow): (Option<&'a str>, Option<&'a str>),
        visit: Visit<'_>,
    ) -> Result<Result<Self, HttpResponse>, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let Some((pending, provider)) = Pending::of(request, state, now).await? else {
            // Back, or a reload, after it was done.
            let signed_in = session::signed_in(request, state, now).await?.is_some();
            if let Some(sealed) = flow {
                Flow::recognise(sealed, request, state, now).await;
            }
            return Ok(Err(page::see_other(&if signed_in {
                onward(flow, request)
            } else {
                with_flow("/login", flow, &[])
            })));
        };
        if let Some(closed) = address::closed(Purpose::SignUp, flow, visit) {
            return closed.map(Err);
        }
        let mut found = Self {
            pending,
            provider,
            flow,
            ticket: None,
        };
        if let Some(sealed) = ticket {
            found.ticket = found.open(sealed, visit).await?;
        }
        if found.is_uninvited(visit).await? {
            return found.not_invited(visit).map(Err);
        }
        Ok(Ok(found))
    }

    /// A code that was typed for an address that this person gave.
    async fn open(
        &self,
        sealed: &'a str,
        visit: Visit<'_>,
    ) -> Result<Option<(&'a str, Ticket)>, PageError> {
        let Visit { state, now, .. } = visit;
        let ticket = Ticket::open(sealed, &[Purpose::SignUp], state, now).await?;
        let ours = |ticket: &Ticket| self.pending.asked(&ticket.email);
        let Some(ticket) = ticket.filter(ours) else {
            return Ok(None);
        };
        let browser = crate::web::browser::Browser::known(visit.request, state);
        let open = match browser {
            Some(browser) => ticket.is_open(browser, state, now).await?,
            None => false,
        };
        Ok(open.then_some((sealed, ticket)))
    }

    /// The address that is proven, by the provider or by a code.
    fn proven(&self) -> Option<&str> {
        match &self.ticket {
            Some((_, ticket)) => Some(&ticket.email),
            None => self
                .pending
                .email
                .as_deref()
                .filter(|_| self.pending.email_proven),
        }
    }

    /// Whether accounts are by invitation, and this address has none. One that is not proven yet is told
    /// by mail.
    async fn is_uninvited(&self, visit: Visit<'_>) -> sqlx::Result<bool> {
        let Visit { state, now, .. } = visit;
        match self.proven() {
            Some(email) if state.ways_in.sign_up == SignUp::Invited => {
                Ok(!invitation::store::is_invited(&state.db, email, now).await?)
            }
            _ => Ok(false),
        }
    }

    fn not_invited(&self, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
        let frame = page::frame(visit.request, visit.state, None);
        let words = frame.words;
        let email = self.proven().unwrap_or_default();
        let named = [("email", email), ("service", frame.service_name.as_str())];
        let notice = NoticePage {
            title: words.tell("with-not-invited-title", &named),
            explanation: words.tell("with-not-invited-what", &named),
            next: Some((
                words.say("back-to-login"),
                with_flow("/login", self.flow, &[]),
            )),
            bond: "",
            frame,
        };
        page::html(&notice, &[], visit.request, visit.state)
    }

    async fn draw(&self, filled: Filled<'_>, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
        let ticket = self.ticket.as_ref().map(|(sealed, _)| *sealed);
        let query: Vec<_> = ticket
            .map(|ticket| ("ticket", ticket))
            .into_iter()
            .collect();
        let (frame, way, browser) = visit.page(PATH, &query, (self.flow, false)).await?;
        let words = frame.words;
        let (proven, told) = (self.proven(), self.pending.email.as_deref());
        let email = proven.or(filled.email).or(told).unwrap_or_default();
        let name = filled.name.or(self.pending.name.as_deref());
        let page = NewcomerPage {
            provider: self.provider.name(words.lang()),
            ticket: ticket.map(str::to_owned),
            email: email.to_owned(),
            email_proven: proven.is_some(),
            email_is_wrong: filled.email_is_wrong,
            name: name.unwrap_or_default().to_owned(),
            name_is_wrong: filled.name_is_wrong,
            above: filled.minutes.map(|minutes| {
                words.tell("address-too-many", &[("minutes", &minutes.to_string())])
            }),
            way,
            frame,
        };
        let mut response = visit.answer(&page, browser)?;
        if filled.minutes.is_some() {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        } else if filled.name_is_wrong || filled.email_is_wrong {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    /// Has a code mailed to the address that was typed.
    async fn ask(
        self,
        email: &str,
        form: &PostedForm,
        mailer: &Mailer,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let name = form.text("name");
        let mut filled = Filled {
            email: Some(email),
            name: Some(name),
            ..Filled::default()
        };
        filled.email_is_wrong = !super::super::is_email(email) || !mail::is_deliverable(email);
        if filled.email_is_wrong {
            return self.draw(filled, visit).await;
        }
        let asked = address::ask(Purpose::SignUp, email, form.browser, visit).await?;
        mailer.wake();
        if let Asked::TooMany { seconds } = asked {
            filled.minutes = Some(seconds.div_ceil(60));
            return self.draw(filled, visit).await;
        }
        let about = (Purpose::SignUp, email, self.flow);
        let next = address::lead_on(asked, about, None, visit).await?;
        let pending = self.pending.asking(email, name);
        pending.carry(next, visit.state, visit.now)
    }

    /// Uses up the code, if there is one, and stores the account with its connection: all or nothing.
    async fn make(
        &self,
        account: &Account,
        browser: BrowserMark,
        visit: Visit<'_>,
    ) -> Result<Made, PageError> {
        let Visit { state, now, .. } = visit;
        let checked = account.check();
        checked.map_err(|invalid| PageError::Unreadable(invalid.to_string()))?;
        let mut transaction = state.db.begin().await?;
        let locked = providers::lock_provider(&mut *transaction, &self.provider.id).await?;
        if !locked.is_some_and(|provider| self.pending.is_at(&provider)) {
            return Ok(Made::Off);
        }
        let (id, subject) = (&self.provider.id, self.pending.subject.as_str());
        if find_connection(&mut *transaction, id, subject)
            .await?
            .is_some()
        {
            return Ok(Made::Account);
        }
        if let Some((_, ticket)) = &self.ticket
            && mailed_code::store::use_up(&mut *transaction, ticket, browser, now)
                .await?
                .is_none()
        {
            return Ok(Made::TooLate);
        }
        match store::insert_account(&mut *transaction, account, None).await {
            Ok(()) => {}
            Err(error) if Taken::from_error(&error).is_some() => return Ok(Made::Taken),
            Err(error) => return Err(error.into()),
        }
        let new = NewConnection {
            id: ConnectionId::random(&*state.random),
            provider: id,
            subject,
            account: account.id,
            email: self.pending.email.as_deref(),
        };
        if !insert_connection(&mut *transaction, &new, now).await? {
            // Rolled back: the other tap's account is the one.
            return Ok(Made::Account);
        }
        invitation::store::note_used(&mut *transaction, &account.email, account.created_at).await?;
        let with = self.provider.name(Lang::En);
        let signed_up = Event::new(EventKind::SignedUp, now).account(account.id);
        let connected = Event::new(EventKind::SignInConnected, now).account(account.id);
        let events = [signed_up, connected.detail(with)];
        event::store::insert_events(&mut *transaction, &events).await?;
        transaction.commit().await?;
        Ok(Made::Account)
    }

    async fn enter(
        &self,
        made: Made,
        background: (&Recorder, &Mailer),
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let state = visit.state;
        let stopped = Stopped {
            provider: Some(&self.provider),
            flow: self.flow,
            connecting: false,
        };
        let (id, subject) = (&self.provider.id, self.pending.subject.as_str());
        let known = find_connection(&state.db, id, subject).await?;
        let answer = match (made, known) {
            (Made::Off, _) => Trouble::Off.page(stopped, visit).await?,
            (_, Some(known)) if known.account_enabled => {
                let answer = known.enter(stopped, background, visit).await?;
                return Pending::drop_from(answer, state);
            }
            (_, Some(_)) => Trouble::Paused.page(stopped, visit).await?,
            // It was proven to be theirs, so they may know that it has an account.
            (Made::Taken, None) => {
                let login = with_flow("/login", self.flow, &[("connect", "1")]);
                return Ok(page::see_other(&login));
            }
            (Made::TooLate | Made::Account, None) => {
                return Ok(page::see_other(&with_flow(PATH, self.flow, &[])));
            }
        };
        Pending::drop_from(answer, state)
    }
}
