//! `/login/with/{provider}`: to a provider, and back from it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};

use super::{
    Provider,
    calls::Failure,
    connection::store as connections,
    directory::Directory,
    exchange::Exchange,
    identity::Identity,
    parse_id,
    pending::Pending,
    round_trip::{Errand, RoundTrip},
    store,
    trouble::{Stopped, Trouble},
};
use crate::{
    account::{
        session,
        store::find_account_by_email,
        way_in::{Visit, with_flow},
    },
    event::{
        Recorder,
        attempt::{Reason, StepKind},
    },
    foundation::ids::ProviderId,
    mail::Mailer,
    web::{
        body,
        browser::Browser,
        csrf::BoundTo,
        flow::Flow,
        form::{MAX_FORM_BYTES, PostedForm},
        page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
        user_agent,
    },
};

/// `POST /login/with/{provider}`: a tap on a button of ours, so that nobody is sent off by a link.
#[tracing::instrument(name = "sign_in.start", skip_all)]
pub async fn start(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    let flow = form.parameters.get("flow");
    if let Some(sealed) = flow {
        // Who is too late is told so before they sign in there.
        Flow::open(sealed, Some(form.browser), &request, &state, visit.now).await?;
    }
    send(&id, (Errand::SignIn, flow), &form, &recorder, visit).await
}

/// Sends a person to a provider.
pub async fn send(
    id: &str,
    (errand, flow): (Errand, Option<&str>),
    form: &PostedForm,
    recorder: &Recorder,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let Visit {
        request,
        state,
        now,
    } = visit;
    if let Some(seconds) = state.limits.count_authorization(request, state, now).await {
        let seconds = seconds.into();
        return Err(Problem::TooMany { seconds }.into());
    }
    let provider = switched_on(parse_id(id), state).await?;
    let stopped = Stopped {
        provider: provider.as_ref(),
        flow,
        connecting: matches!(errand, Errand::Connect(_)),
    };
    let Some(provider) = &provider else {
        return Trouble::Off.page(stopped, visit).await;
    };
    let turned_away = provider.kind.known().refuses_web_views;
    if turned_away && user_agent::is_web_view(&user_agent::presented(request)) {
        return Trouble::WebView.page(stopped, visit).await;
    }
    let round_trip = RoundTrip::begin(provider, form.browser, (errand, flow), state, now);
    let sealed = round_trip.seal(state, now).map_err(PageError::internal)?;
    let language = page::words(request, state, None).lang().tag();
    let address = with_exchange(provider, visit, async |exchange| {
        Ok(exchange.address(&round_trip, sealed, language))
    });
    match address.await {
        Ok(address) => Ok(page::see_other(address.as_str())),
        Err(failure) => failed(failure, stopped, recorder, visit).await,
    }
}

/// `GET /login/with/{provider}`: nobody is sent anywhere by a link.
#[tracing::instrument(name = "sign_in.up", skip_all)]
pub async fn up() -> HttpResponse {
    page::see_other("/login")
}

/// What a provider hands over in the address.
struct Answered {
    state: String,
    code: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

impl Answered {
    fn read(request: &HttpRequest) -> Self {
        let value = |name| page::query_value(request, name);
        Self {
            state: value("state").unwrap_or_default(),
            code: value("code"),
            error: value("error"),
            issuer: value("iss"),
        }
    }
}

/// `GET /login/with/{provider}/callback`
#[tracing::instrument(name = "sign_in.callback", skip_all)]
pub async fn callback(
    state: Data<AppState>,
    (recorder, mailer): (Data<Recorder>, Data<Mailer>),
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let now = visit.now;
    let answered = Answered::read(&request);
    let id = parse_id(&id);
    let round_trip = RoundTrip::open(&answered.state, &state, now).await?;
    let ours = round_trip.filter(|trip| id.as_ref().is_some_and(|id| trip.is_to(id)));
    let Some(round_trip) = ours else {
        return Trouble::Over.page(Stopped::default(), visit).await;
    };
    let flow = round_trip.flow();
    let flow = flow.as_deref();
    if let Some(sealed) = flow {
        Flow::recognise(sealed, &request, &state, now).await;
    }
    if !round_trip.is_of(Browser::known(&request, &state)) {
        return Err(Problem::OtherBrowser { client: None }.into());
    }
    let provider = switched_on(id, &state).await?;
    let provider = provider.filter(|provider| round_trip.led_to(provider));
    let stopped = Stopped {
        provider: provider.as_ref(),
        flow,
        connecting: matches!(round_trip.errand, Errand::Connect(_)),
    };
    let Some(provider) = &provider else {
        return Trouble::Off.page(stopped, visit).await;
    };
    if round_trip.is_over(now) {
        return Trouble::Over.page(stopped, visit).await;
    }
    if !round_trip.use_up(&state, now).await? {
        return used_before(stopped, visit).await;
    }
    match prove(provider, &answered, &round_trip, visit).await {
        Ok(identity) => {
            let arrived = Arrived {
                provider,
                identity,
                round_trip: &round_trip,
                stopped,
            };
            arrived.go_on(&recorder, &mailer, visit).await
        }
        Err(Unproven::Cancelled) => Trouble::Cancelled.page(stopped, visit).await,
        Err(Unproven::Failed(failure)) => failed(failure, stopped, &recorder, visit).await,
    }
}

/// A reload, or the back button: who is signed in by now goes on, and nobody else is signed in by it.
async fn used_before(stopped: Stopped<'_>, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
    let Visit {
        request,
        state,
        now,
    } = visit;
    let signed_in = session::signed_in(request, state, now).await?.is_some();
    if Pending::of(request, state, now).await?.is_some() {
        let next = if signed_in {
            "/login/connect"
        } else {
            "/signup/with"
        };
        return Ok(page::see_other(&with_flow(next, stopped.flow, &[])));
    }
    if signed_in {
        return Ok(page::see_other(&onward(stopped.flow, request)));
    }
    Trouble::Over.page(stopped, visit).await
}

/// Why a way back proves nothing.
enum Unproven {
    Cancelled,
    Failed(Failure),
}

impl From<Failure> for Unproven {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

async fn prove(
    provider: &Provider,
    answered: &Answered,
    round_trip: &RoundTrip,
    visit: Visit<'_>,
) -> Result<Identity, Unproven> {
    if let Some(error) = &answered.error {
        if error == provider.kind.known().cancelled {
            return Err(Unproven::Cancelled);
        }
        let plain = error.chars().filter(char::is_ascii_graphic);
        let error: String = plain.take(60).collect();
        return Err(Failure::refused(format!("it answered with the error {error}")).into());
    }
    let code = answered.code.as_deref();
    let code = code.ok_or_else(|| Failure::refused("it answered without a code"))?;
    let identity = with_exchange(provider, visit, async |exchange| {
        if !exchange.may_answer(answered.issuer.as_deref()) {
            return Err(Failure::refused("another issuer answered (iss)"));
        }
        let state = answered.state.as_str();
        exchange.identity(code, round_trip, state, visit.now).await
    });
    Ok(identity.await?)
}

/// Does something at a provider, with its addresses and our secret there.
async fn with_exchange<T>(
    provider: &Provider,
    visit: Visit<'_>,
    does: impl AsyncFnOnce(&Exchange<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Visit {
        request,
        state,
        now,
    } = visit;
    let directory = Directory::of(request);
    let directory = directory.ok_or_else(|| Failure::Down("there is no directory".to_owned()))?;
    let endpoints = directory.endpoints(provider, now).await?;
    let opened = state
        .keys
        .open_provider_secret(&provider.id, &provider.client_secret);
    let secret = opened.ok_or_else(|| {
        Failure::Down("the stored secret can't be opened: store it again".to_owned())
    })?;
    let callback = provider.callback(&state.public_url);
    let exchange = Exchange::new(provider, (&endpoints, directory), &secret, callback)?;
    does(&exchange).await
}

/// The page for it; why is for the log and the history.
async fn failed(
    failure: Failure,
    stopped: Stopped<'_>,
    recorder: &Recorder,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let id = stopped.provider.map(|provider| provider.id.as_str());
    tracing::warn!(provider = id, reason = %failure, "a sign-in with a provider failed");
    let detail = format!("{}: {failure}", id.unwrap_or_default());
    let kind = StepKind::LoginFailed;
    recorder.record_step_of(visit.request, kind, visit.now, |step| {
        step.because(Reason::ProviderFailed).detail(&detail)
    });
    let trouble = match failure {
        Failure::Down(_) => Trouble::Down,
        Failure::Refused(_) => Trouble::Failed,
    };
    trouble.page(stopped, visit).await
}

/// Somebody who is proven to be that person at the provider.
struct Arrived<'a> {
    provider: &'a Provider,
    identity: Identity,
    round_trip: &'a RoundTrip,
    stopped: Stopped<'a>,
}

impl Arrived<'_> {
    async fn go_on(
        self,
        recorder: &Recorder,
        mailer: &Mailer,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let state = visit.state;
        let (id, subject) = (&self.provider.id, self.identity.subject.as_str());
        let known = connections::find_connection(&state.db, id, subject).await?;
        match (self.round_trip.errand, known) {
            (Errand::SignIn, Some(known)) if known.account_enabled => {
                let email = self.identity.email.as_deref();
                connections::note_use(&state.db, known.id, email, visit.now).await?;
                let heard_by = (recorder, mailer);
                known.enter(self.stopped, heard_by, visit).await
            }
            (Errand::SignIn, Some(_)) => Trouble::Paused.page(self.stopped, visit).await,
            (Errand::SignIn, None) => self.introduce(visit).await,
            (Errand::Connect(account), Some(known)) if known.account_id == account => {
                Ok(page::see_other("/account/security"))
            }
            (Errand::Connect(_), Some(_)) => Trouble::Elsewhere.page(self.stopped, visit).await,
            (Errand::Connect(_), None) => self.wait("/login/connect", &[], visit),
        }
    }

    /// Nobody here yet. Whose address it is, is told only to who was proven to read its mail; and nobody
    /// gets into an account by an address.
    async fn introduce(self, visit: Visit<'_>) -> Result<HttpResponse, PageError> {
        let proven = self.identity.email.as_deref();
        let proven = proven.filter(|_| self.identity.email_proven);
        let taken = match proven {
            Some(email) => find_account_by_email(&visit.state.db, email)
                .await?
                .is_some(),
            None => false,
        };
        if taken {
            self.wait("/login", &[("connect", "1")], visit)
        } else {
            self.wait("/signup/with", &[], visit)
        }
    }

    fn wait(
        self,
        path: &str,
        query: &[(&str, &str)],
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let browser = Browser::known(request, state);
        let browser = browser.ok_or(Problem::OtherBrowser { client: None })?;
        let pending = Pending::new(self.provider, self.identity, browser, now);
        let next = page::see_other(&with_flow(path, self.stopped.flow, query));
        pending.carry(next, state, now)
    }
}

/// Where somebody who is signed in goes on.
pub(super) fn onward(flow: Option<&str>, request: &HttpRequest) -> String {
    flow.map_or_else(|| "/account".to_owned(), |flow| Flow::onward(flow, request))
}

async fn switched_on(id: Option<ProviderId>, state: &AppState) -> sqlx::Result<Option<Provider>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let found = store::find_provider(&state.db, &id).await?;
    Ok(found.filter(|provider| provider.enabled))
}

pub(super) fn visit<'a>(request: &'a HttpRequest, state: &'a AppState) -> Visit<'a> {
    Visit {
        request,
        state,
        now: state.clock.now(),
    }
}
