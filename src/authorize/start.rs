//! `GET, POST /oauth/authorize`: checks the request, seals it into a flow, and hands over to the
//! login or the consent page. Nothing is written.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Refusal, consent,
    lookup::{Found, Lookup},
    request::{self, AuthorizationRequest},
    return_to::ReturnTo,
    unproven::Unproven,
};
use crate::{
    account::session::{self, SessionRecord},
    client::{Client, preset::Preset},
    event::{
        Recorder,
        attempt::{Reason, Step, StepKind},
        milestone::Milestone,
    },
    protocol::{OAuthError, Parameters},
    web::{
        body,
        bounds::MAX_ADDRESS_BYTES,
        browser::{Browser, BrowserMark},
        flow::{Beginning, Flow},
        frame, json, page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
    },
};

/// Starts a flow (RFC 6749 §4.1.1).
#[tracing::instrument(name = "authorize.start", skip_all)]
pub async fn start(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    if let Some(seconds) = state
        .limits
        .count_authorization(&request, &state, now)
        .await
    {
        let seconds = u64::from(seconds);
        return Err(Problem::TooMany { seconds }.into());
    }
    match begin(&state, (&lookup, &recorder), &request, payload, now).await {
        Ok(response) => Ok(response),
        Err(Refusal::Page(error)) => Err(error),
        Err(Refusal::Redirect(return_to, error)) => {
            tracing::info!(
                error = error.code().as_str(),
                "refused: {}",
                error.description()
            );
            Ok(return_to.with_error(&error))
        }
    }
}

async fn begin(
    state: &AppState,
    (lookup, recorder): (&Lookup, &Recorder),
    request: &HttpRequest,
    payload: Payload,
    now: DateTime<Utc>,
) -> Result<HttpResponse, Refusal> {
    let identified = identify(state, lookup, request, payload).await;
    let Identified {
        parameters,
        client,
        return_to,
        session,
    } = identified.map_err(|unproven| unproven.record(recorder, request, now))?;
    let authorization = request::check(&client, &return_to, &parameters).map_err(|error| {
        recorder.record_step(refused(&client, &parameters, &error, now));
        Refusal::Redirect(return_to.clone(), error)
    })?;
    if request.method() == Method::POST {
        // A browser keeps back its cookies from another site's post; it sends them when it follows
        // this, so both ways end in the same flow. Encoded anew, because a body may hold bytes that no
        // header can.
        let query: Vec<_> = parameters.iter().collect();
        let url = page::with_query("/oauth/authorize", &query);
        return Ok(page::see_other(&url));
    }
    recorder.reached(&client.id, Milestone::AuthorizeSeen, request, now);
    let browser = Browser::known_or_new(request, state);
    let flow = new_flow(
        &authorization,
        &client,
        browser.mark,
        &parameters,
        state,
        now,
    )?;
    let sealed = flow.seal(state, now).map_err(PageError::from)?;
    flow.tell(request);
    let asked_for = authorization.in_words();
    recorder.record_step_of(request, StepKind::Requested, now, |step| {
        step.detail(&asked_for)
    });
    let response = match session::of_record(session, state, now)
        .await
        .map_err(PageError::from)?
    {
        Some(account) => {
            let asking = consent::Asking {
                client: &client,
                return_to: &return_to,
                account: &account,
            };
            let view = consent::View {
                request,
                state,
                now,
                mark: browser.mark,
            };
            let page = consent::page(&flow, &sealed, &authorization, &asking, view).await?;
            recorder.record_step_of(request, StepKind::ConsentShown, now, |step| {
                step.account(account.id)
            });
            page
        }
        None => page::see_other(&format!("/login?flow={sealed}")),
    };
    Ok(page::with_cookie(response, browser.cookie)?)
}

/// Who asks, where the answer goes, and who may be signed in.
struct Identified {
    parameters: Parameters,
    client: Arc<Client>,
    return_to: ReturnTo,
    session: Option<SessionRecord>,
}

async fn identify(
    state: &AppState,
    lookup: &Lookup,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Identified, Unproven> {
    let raw = raw_parameters(request, payload).await?;
    let parameters = Parameters::parse(&raw)?;
    let id = request::client_id(&parameters)?;
    let Found { client, session } = lookup.find(&id, request, state).await?;
    let (client, return_to) = request::identify(client, &parameters, &state.public_url)?;
    Ok(Identified {
        parameters,
        client,
        return_to,
        session,
    })
}

/// A request that goes back to the platform refused. Scopes are no secret, and the rest of the request
/// is not kept.
fn refused(
    client: &Client,
    parameters: &Parameters,
    error: &OAuthError,
    now: DateTime<Utc>,
) -> Step {
    let reason = Reason::of_refusal(error);
    let (presented, registered) = if reason == Reason::ScopeRefused {
        let asked = parameters.get("scope").unwrap_or_default();
        (asked, client.scopes.to_names().join(" "))
    } else {
        ("", String::new())
    };
    let (kind, told) = (StepKind::RequestRefused, error.description());
    let step = Step::refused(Some(&client.id), kind, reason, told, now);
    step.presented(presented)
        .registered(&registered)
        .detail(told)
}

fn new_flow(
    authorization: &AuthorizationRequest,
    client: &Client,
    mark: BrowserMark,
    parameters: &Parameters,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<Flow, PageError> {
    let beginning = Beginning {
        browser: mark,
        deadline: now + flow_lifetime(client, state),
        client_id: client.id.clone(),
        platform: client.name.clone(),
        mark: frame::mark(&client.name),
        language: language(parameters),
        request: authorization,
    };
    Ok(Flow::begin(beginning, state, now)?)
}

async fn raw_parameters(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, PageError> {
    if request.method() != Method::POST {
        return Ok(request.query_string().as_bytes().to_vec());
    }
    if !json::is_form(request) {
        let reason = "the body must be application/x-www-form-urlencoded in UTF-8".to_owned();
        return Err(PageError::Unreadable(reason));
    }
    Ok(body::read(payload, MAX_ADDRESS_BYTES).await?.to_vec())
}

/// As long as the flow setting allows, but no longer than the platform keeps its `state`: an
/// approval after that would end in an error of the platform's.
fn flow_lifetime(client: &Client, state: &AppState) -> TimeDelta {
    let preset = Preset::find(&client.preset).and_then(|preset| preset.state_lifetime);
    let platform = preset.and_then(|span| TimeDelta::from_std(span).ok());
    platform.map_or(state.lifetimes.flow, |platform| {
        platform.min(state.lifetimes.flow)
    })
}

/// `user_locale` is Google's name for it, `ui_locales` OpenID Connect's.
fn language(parameters: &Parameters) -> Option<String> {
    let asked = parameters
        .get("user_locale")
        .or_else(|| parameters.get("ui_locales"))?;
    (asked.len() <= 64).then(|| asked.to_owned())
}

/// The person's no.
pub(super) fn denied() -> OAuthError {
    OAuthError::access_denied("the person did not approve")
}
