//! `/login` and `/logout`. A login knows that it may interrupt a flow, and hands it on unread.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    entry::{Entrant, Proof},
    knock::{self, Knock, Refused},
    pages::{LoginError, LoginNotice, LoginPage},
    password::Hasher,
    provider::{directory, pending::Pending},
    session, store,
    way_in::{Visit, with_flow},
};
use crate::{
    config::SignUp,
    event::{
        Recorder,
        attempt::{Reason, StepKind},
    },
    factor::{challenge::Asked, passkey},
    foundation::ids::AccountId,
    mail::Mailer,
    web::{
        body,
        browser::Browser,
        csrf::{self, BoundTo},
        flow::Flow,
        form::{MAX_FORM_BYTES, PostedForm},
        frame::{Bond, LanguageLink},
        limits::login::Door,
        page,
        page_error::PageError,
        pages::NoticePage,
        state::AppState,
        time::TimeLeft,
    },
};

/// What the form says about itself.
#[derive(Default)]
struct Shown<'a> {
    email: &'a str,
    error: Option<LoginError>,
    notice: Option<LoginNotice>,
    /// Whether a sign-in with a provider waits to be connected.
    connect: bool,
}

/// `GET /login`
#[tracing::instrument(name = "login.show", skip_all)]
pub async fn show(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let flow = page::query_value(&request, "flow");
    let shown = Shown {
        notice: notice(&request),
        connect: page::query_value(&request, "connect").is_some(),
        ..Shown::default()
    };
    let page = draw(flow.as_deref(), shown, &request, &state, now).await?;
    recorder.record_step_of(&request, StepKind::LoginShown, now, |step| step);
    Ok(page)
}

/// Why somebody is led here who did nothing wrong.
fn notice(request: &HttpRequest) -> Option<LoginNotice> {
    let asked = |name| page::query_value(request, name);
    match asked("passkey").as_deref() {
        Some("late") => return Some(LoginNotice::PasskeyLate),
        Some(_) => return Some(LoginNotice::Passkey),
        None => {}
    }
    if asked("other").is_some() {
        return Some(LoginNotice::OtherAccount);
    }
    asked("again").map(|_| LoginNotice::Again)
}

/// `POST /login`
#[tracing::instrument(name = "login.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (hasher, mailer): (Data<Hasher>, Data<Mailer>),
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    let flow = form.parameters.get("flow");
    let email = form.text("email");
    let password = form.parameters.get("password").unwrap_or_default();
    let attempt = Attempt { email, password };
    let visit = Visit {
        request: &request,
        state: &state,
        now,
    };
    let entered = attempt.enter(flow, &hasher, (&recorder, &mailer), visit);
    match entered.await? {
        Ok(next) => Ok(next),
        Err(refused) => {
            recorder.record_step_of(&request, StepKind::LoginFailed, now, |step| {
                step.because(refused.reason())
            });
            refuse(refused, email, flow, (&request, &state, now)).await
        }
    }
}

/// The form again, with what the person may know.
pub(super) async fn refuse(
    refused: Refused,
    email: &str,
    flow: Option<&str>,
    (request, state, now): (&HttpRequest, &AppState, DateTime<Utc>),
) -> Result<HttpResponse, PageError> {
    let error = match refused {
        Refused::Wrong(_) => LoginError::Mismatch,
        Refused::TooMany { seconds } => LoginError::TooMany { seconds },
    };
    let shown = Shown {
        email,
        error: Some(error),
        ..Shown::default()
    };
    let mut response = draw(flow, shown, request, state, now).await?;
    refused.tell(&mut response);
    Ok(response)
}

/// `POST /logout`: also "not you?" on the consent page, which goes on with another login.
#[tracing::instrument(name = "logout.submit", skip_all)]
pub async fn log_out(
    state: Data<AppState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    // The consent page's forms are bound to the browser, the account page's to the session.
    let form = match PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await {
        Err(PageError::Forged(_)) => {
            PostedForm::receive(&body, BoundTo::Session, &request, &state, now).await?
        }
        form => form?,
    };
    let cookie = session::end(&state.db, &request, &state).await?;
    let response = match form.parameters.get("flow") {
        Some(flow) => page::see_other(&page::with_query(
            "/login",
            &[("flow", flow), ("other", "1")],
        )),
        None => page::html(
            &NoticePage::logged_out(page::frame(&request, &state, None)),
            &[],
            &request,
            &state,
        )?,
    };
    page::with_cookie(response, Some(cookie))
}

/// What somebody typed.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// As it was typed.
    pub email: &'a str,
    /// As it was typed.
    pub password: &'a str,
}

/// Somebody whose password was right a moment ago.
#[derive(Debug)]
pub struct KnowsPassword {
    /// Whose it is.
    pub id: AccountId,
    /// The hash it was checked against, as it is stored now.
    pub password_hash: String,
}

impl KnowsPassword {
    fn entrant(self) -> Entrant {
        Entrant {
            id: self.id,
            proof: Proof::Password {
                hash: self.password_hash,
            },
        }
    }
}

impl Attempt<'_> {
    /// Lets the person in if the password is right, and still is when the session is stored.
    async fn enter(
        self,
        flow: Option<&str>,
        hasher: &Hasher,
        heard_by: (&Recorder, &Mailer),
        visit: Visit<'_>,
    ) -> Result<Result<HttpResponse, Refused>, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        if let Some(refused) = knock::has_to_wait(Door::People, request, state, now) {
            return Ok(Err(refused));
        }
        // Another login may have put a stronger hash of the same password in its place meanwhile.
        for _ in 0..2 {
            let checked = self.check_password(request, state, hasher, now).await?;
            let entrant = match checked {
                Ok(known) => known.entrant(),
                Err(refused) => return Ok(Err(refused)),
            };
            if let Some(next) = entrant.enter(flow, heard_by, visit).await? {
                return Ok(Ok(next));
            }
        }
        Ok(Err(Refused::Wrong(Reason::WrongPassword)))
    }

    /// Whose password it is; looked at only as often as the limits allow.
    pub async fn check_password(
        self,
        request: &HttpRequest,
        state: &AppState,
        hasher: &Hasher,
        now: DateTime<Utc>,
    ) -> Result<Result<KnowsPassword, Refused>, PageError> {
        let Self { email, password } = self;
        // PostgreSQL can't hold NUL, so no account has it; an overlong address is nobody's either.
        let plausible = email.len() <= super::MAX_EMAIL_LENGTH && !email.contains('\0');
        let known = if plausible {
            store::find_login(&state.db, email).await?
        } else {
            None
        };
        let knock = Knock {
            door: Door::People,
            email,
            password,
            known: known.clone().map(|(id, stored)| (id.0, stored)),
        };
        let right = match knock.answer(request, state, hasher, now).await? {
            Ok(right) => right,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some((id, Some(stored))) = known else {
            return Ok(Err(Refused::Wrong(Reason::WrongPassword)));
        };
        let password_hash = match right.rehashed {
            Some(hash) => {
                store::upgrade_password_hash(&state.db, id, &stored, &hash).await?;
                hash
            }
            None => stored,
        };
        Ok(Ok(KnowsPassword { id, password_hash }))
    }
}

async fn draw(
    sealed: Option<&str>,
    shown: Shown<'_>,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    let browser = Browser::known_or_new(request, state);
    let flow = match sealed {
        Some(sealed) => Some(Flow::open(sealed, Some(browser.mark), request, state, now).await?),
        None => None,
    };
    let language = flow.as_ref().and_then(|flow| flow.language.as_deref());
    let mut frame = page::frame(request, state, language);
    let query: Vec<_> = sealed.map(|sealed| ("flow", sealed)).into_iter().collect();
    frame.languages = LanguageLink::to_page("/login", &query, frame.words.lang());
    frame.bond = flow.as_ref().map(|flow| Bond {
        platform_mark: flow.mark.clone(),
        platform_name: flow.platform.clone(),
    });
    let deadline = flow
        .as_ref()
        .and_then(|flow| DateTime::from_timestamp(flow.deadline, 0));
    let pending = if shown.connect {
        Pending::of(request, state, now).await?
    } else {
        None
    };
    let (buttons, targets) = directory::offered(request, frame.words);
    let connect = pending.map(|(pending, provider)| {
        let email = pending.email.unwrap_or_default();
        (provider.name(frame.words.lang()), email)
    });
    let known = connect.as_ref().map(|(_, email)| email.as_str());
    let page = LoginPage {
        passkey: passkey::ask(Asked::LogIn, browser.mark, state, now).await?,
        email: known.unwrap_or(shown.email).to_owned(),
        connect,
        buttons,
        error: shown.error,
        notice: shown.notice,
        client_name: flow.map(|flow| flow.platform),
        time_left: deadline.map(|deadline| TimeLeft::until(deadline, now, frame.words)),
        action: "/login".to_owned(),
        sign_up: (state.ways_in.sign_up != SignUp::Off).then(|| with_flow("/signup", sealed, &[])),
        forgot: with_flow("/password/forgot", sealed, &[]),
        flow: sealed.map(str::to_owned),
        csrf: csrf::token(browser.mark, BoundTo::Browser, request, state, now),
        frame,
    };
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    page::with_cookie(page::html(&page, &targets, request, state)?, browser.cookie)
}
