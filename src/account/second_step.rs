//! `/login/factor`: asks who gave the right password for their second factor. Until that is given there is
//! no session.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Payload},
};
use askama::Template;

use super::{
    entry::Entrant,
    factor_change, knock, store,
    way_in::{OnTheWay, Visit, with_flow},
};
use crate::{
    event::{
        Event, EventKind, Recorder,
        attempt::{Reason, StepKind},
    },
    factor::{
        code::Typed,
        passkey::{self, Answer, COPIED, Question},
        store::find_factors,
        ticket::Ticket,
    },
    foundation::ids::AccountId,
    mail::{Mailer, StepChange},
    web::{
        body,
        browser::Browser,
        csrf::BoundTo,
        device::DeviceId,
        form::{MAX_FORM_BYTES, PostedForm},
        frame::Frame,
        limits::login::Door,
        page,
        page_error::PageError,
        state::AppState,
    },
};

const PATH: &str = "/login/factor";

/// Asks for a code.
#[derive(Debug, Template)]
#[template(path = "account/second_step.html")]
pub struct SecondStepPage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// Who is asked.
    pub ticket: String,
    /// Whether a recovery code is asked for: instead of an app's, or because there is no app.
    pub recovery: bool,
    /// Whether the person has an app.
    pub has_app: bool,
    /// What a browser is asked where the person has passkeys.
    pub passkey: Option<Question>,
    /// What was wrong with what was typed.
    pub error: Option<StepError>,
}

/// Why a code or a passkey does not lead on. Nobody is told which part of it was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepError {
    /// The code is another one, or was used before.
    Wrong,
    /// The passkey did not sign, or too late.
    Passkey,
    /// Too many were tried.
    TooMany {
        /// How long to wait.
        seconds: u32,
    },
}

impl StepError {
    const fn status(self) -> StatusCode {
        match self {
            Self::Wrong | Self::Passkey => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

impl SecondStepPage {
    /// What is wrong with the code.
    fn problem(&self) -> Option<String> {
        let words = self.frame.words;
        match self.error? {
            StepError::Passkey => None,
            StepError::Wrong if self.recovery => Some(words.say("second-step-recovery-wrong")),
            StepError::Wrong => Some(words.say("second-step-wrong")),
            StepError::TooMany { seconds } => {
                let minutes = seconds.div_ceil(60).to_string();
                Some(words.tell("second-step-too-many", &[("minutes", &minutes)]))
            }
        }
    }

    fn passkey_failed(&self) -> bool {
        self.error == Some(StepError::Passkey)
    }

    /// The same page for the other kind of code.
    fn other(&self) -> String {
        let ticket = ("ticket", self.ticket.as_str());
        let flow = self.way.flow.as_deref();
        if self.recovery {
            with_flow(PATH, flow, &[ticket])
        } else {
            with_flow(PATH, flow, &[ticket, ("recovery", "1")])
        }
    }
}

/// What the page carries from request to request.
#[derive(Clone, Copy)]
struct Carried<'a> {
    ticket: &'a str,
    flow: Option<&'a str>,
    recovery: bool,
}

/// `GET /login/factor?ticket=…`
#[tracing::instrument(name = "second_step.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let sealed = page::query_value(&request, "ticket").unwrap_or_default();
    let flow = page::query_value(&request, "flow");
    let browser = Browser::known(&request, &state);
    let carried = Carried {
        ticket: &sealed,
        flow: flow.as_deref(),
        recovery: page::query_value(&request, "recovery").is_some(),
    };
    match Ticket::open(&sealed, browser, &state, visit.now).await? {
        Some(ticket) => draw(carried, &ticket, None, visit).await,
        None => Ok(to_login(carried.flow)),
    }
}

/// `POST /login/factor`
#[tracing::instrument(name = "second_step.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (recorder, mailer): (Data<Recorder>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = visit(&request, &state);
    let now = visit.now;
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    let carried = Carried {
        ticket: form.text("ticket"),
        flow: form.parameters.get("flow"),
        recovery: form.ticked("recovery"),
    };
    let ticket = Ticket::open(carried.ticket, Some(form.browser), &state, now).await?;
    let entrant = match &ticket {
        Some(ticket) => Entrant::of_ticket(ticket, &state).await?,
        None => None,
    };
    let (Some(ticket), Some(entrant)) = (ticket, entrant) else {
        return Ok(to_login(carried.flow));
    };
    let device = knock::device(Door::People, entrant.id.0, &request, &state, now).await?;
    let typed = look(&ticket, &form, device, visit).await?;
    note(typed, entrant.id, (&recorder, &mailer), visit).await?;
    let error = match typed {
        Typed::App | Typed::Recovery | Typed::Passkey => {
            let entered = entrant.admit(carried.flow, (&recorder, &mailer), visit);
            let next = entered.await?;
            return Ok(next.unwrap_or_else(|| to_login(carried.flow)));
        }
        Typed::TooMany { seconds } => StepError::TooMany { seconds },
        Typed::Wrong | Typed::Copied | Typed::Over if by_passkey(&form) => StepError::Passkey,
        Typed::Wrong | Typed::Copied | Typed::Over => StepError::Wrong,
    };
    recorder.record_step_of(&request, StepKind::LoginFailed, now, |step| {
        step.because(Reason::WrongSecondFactor)
    });
    if typed == Typed::Over {
        return Ok(to_login(carried.flow));
    }
    draw(carried, &ticket, Some(error), visit).await
}

/// What was typed, or signed by a passkey.
async fn look(
    ticket: &Ticket,
    form: &PostedForm,
    device: Option<DeviceId>,
    visit: Visit<'_>,
) -> sqlx::Result<Typed> {
    let Visit { state, now, .. } = visit;
    if !by_passkey(form) {
        return ticket.try_code(form.text("code"), device, state, now).await;
    }
    let answer = Answer {
        credential: form.text("credential"),
        challenge: form.text("challenge"),
    };
    ticket.try_passkey(answer, form.browser, state, now).await
}

/// Which of the page's two forms was posted.
fn by_passkey(form: &PostedForm) -> bool {
    form.ticked("challenge")
}

/// Tells whom it concerns of what is more than a login.
async fn note(
    typed: Typed,
    id: AccountId,
    (recorder, mailer): (&Recorder, &Mailer),
    visit: Visit<'_>,
) -> sqlx::Result<()> {
    match typed {
        Typed::Recovery => {
            tell_of_used_code(id, visit).await?;
            mailer.wake();
        }
        Typed::Copied => {
            let copied = Event::new(EventKind::FactorChanged, visit.now).account(id);
            recorder.record(copied.detail(COPIED));
        }
        _ => {}
    }
    Ok(())
}

async fn tell_of_used_code(id: AccountId, visit: Visit<'_>) -> sqlx::Result<()> {
    let Visit { state, now, .. } = visit;
    let mut transaction = state.db.begin().await?;
    if let Some(account) = store::find_account(&mut *transaction, id).await? {
        let change = StepChange::CodeUsed;
        factor_change::note(&mut transaction, &account, change, None, now).await?;
    }
    transaction.commit().await
}

fn visit<'a>(request: &'a HttpRequest, state: &'a AppState) -> Visit<'a> {
    Visit {
        request,
        state,
        now: state.clock.now(),
    }
}

/// Back to the first step, which says why.
fn to_login(flow: Option<&str>) -> HttpResponse {
    page::see_other(&with_flow("/login", flow, &[("again", "1")]))
}

async fn draw(
    carried: Carried<'_>,
    asked: &Ticket,
    error: Option<StepError>,
    visit: Visit<'_>,
) -> Result<HttpResponse, PageError> {
    let mut query = vec![("ticket", carried.ticket)];
    if carried.recovery {
        query.push(("recovery", "1"));
    }
    let (frame, way, browser) = visit.page(PATH, &query, (carried.flow, false)).await?;
    let factors = find_factors(&visit.state.db, asked.owner).await?;
    let (state, now) = (visit.state, visit.now);
    let passkey = passkey::ask(asked.question(), browser.mark, state, now).await?;
    let has_app = factors.app_since.is_some();
    let page = SecondStepPage {
        has_app,
        passkey,
        frame,
        way,
        ticket: carried.ticket.to_owned(),
        recovery: carried.recovery || !has_app,
        error,
    };
    let mut response = visit.answer(&page, browser)?;
    if let Some(error) = error {
        *response.status_mut() = error.status();
    }
    if let Some(StepError::TooMany { seconds }) = error {
        let seconds = header::HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}
