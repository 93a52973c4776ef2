//! `/login/passkey`: a login by passkey alone. The device has checked who holds it, so it stands for
//! password and second step.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};

use super::{
    entry::{Entrant, Proof},
    knock, login,
    way_in::{Visit, with_flow},
};
use crate::{
    event::{
        Event, EventKind, Recorder,
        attempt::{Reason, StepKind},
    },
    factor::{
        Owner,
        challenge::Asked,
        passkey::{self, Answer, COPIED, Signed},
    },
    mail::Mailer,
    web::{
        body,
        csrf::BoundTo,
        form::{MAX_FORM_BYTES, PostedForm},
        limits::login::Door,
        page,
        page_error::PageError,
        state::AppState,
    },
};

/// `GET /login/passkey`: the page that asks is another one.
#[tracing::instrument(name = "login.passkey.up", skip_all)]
pub async fn up() -> HttpResponse {
    page::see_other("/login")
}

/// `POST /login/passkey`
#[tracing::instrument(name = "login.passkey", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    (recorder, mailer): (Data<Recorder>, Data<Mailer>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit {
        request: &request,
        state: &state,
        now: state.clock.now(),
    };
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, visit.now).await?;
    let flow = form.parameters.get("flow");
    let heard_by: (&Recorder, &Mailer) = (&recorder, &mailer);
    let failed = |reason| {
        recorder.record_step_of(&request, StepKind::LoginFailed, visit.now, |step| {
            step.because(reason)
        });
    };
    let waits = knock::nameless_has_to_wait(Door::People, &request, &state, visit.now);
    if let Some(refused) = waits.await? {
        failed(refused.reason());
        return login::refuse(refused, "", flow, (&request, &state, visit.now)).await;
    }
    match enter(&form, flow, heard_by, visit).await? {
        Entered::Now(next) => Ok(next),
        Entered::Late => {
            failed(Reason::PasskeyLate);
            Ok(back("late", flow))
        }
        Entered::Not => {
            knock::nameless_failed(Door::People, &request, &state, visit.now).await?;
            failed(Reason::WrongPasskey);
            Ok(back("no", flow))
        }
    }
}

enum Entered {
    Now(HttpResponse),
    /// The page had been open for too long, or its form was posted before.
    Late,
    Not,
}

async fn enter(
    form: &PostedForm,
    flow: Option<&str>,
    heard_by: (&Recorder, &Mailer),
    visit: Visit<'_>,
) -> Result<Entered, PageError> {
    let (state, now) = (visit.state, visit.now);
    let answer = Answer {
        credential: form.text("credential"),
        challenge: form.text("challenge"),
    };
    let (passkey, id) = match passkey::look(Asked::LogIn, answer, form.browser, state, now).await? {
        Signed::By {
            passkey,
            owner: Owner::Account(id),
        } => (passkey, id),
        Signed::Copied {
            owner: Owner::Account(id),
        } => {
            let copied = Event::new(EventKind::FactorChanged, now).account(id);
            heard_by.0.record(copied.detail(COPIED));
            return Ok(Entered::Not);
        }
        Signed::Late => return Ok(Entered::Late),
        Signed::By { .. } | Signed::Copied { .. } | Signed::Not => return Ok(Entered::Not),
    };
    let proof = Proof::Passkey { id: passkey };
    let entered = Entrant { id, proof }.enter(flow, heard_by, visit).await?;
    Ok(entered.map_or(Entered::Not, Entered::Now))
}

/// The login page again, which says why.
fn back(why: &str, flow: Option<&str>) -> HttpResponse {
    page::see_other(&with_flow("/login", flow, &[("passkey", why)]))
}
