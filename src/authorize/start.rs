//! `GET, POST /oauth/authorize`: checks the request, seals it into a flow, and hands over to the
//! login or the consent page. Nothing is written.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Refusal, consent,
    lookup::{Found, Lookup},
    request,
};
use crate::{
    account::session,
    client::{Client, preset::Preset},
    protocol::{OAuthError, Parameters},
    web::{
        body,
        bounds::MAX_ADDRESS_BYTES,
        browser::Browser,
        flow::{Beginning, Flow},
        frame::mark,
        json, page,
        page_error::PageError,
        state::AppState,
    },
};

/// Starts a flow (RFC 6749 §4.1.1).
#[tracing::instrument(name = "authorize.start", skip_all)]
pub async fn start(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    match begin(&state, &lookup, &request, payload, now).await {
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
    lookup: &Lookup,
    request: &HttpRequest,
    payload: Payload,
    now: DateTime<Utc>,
) -> Result<HttpResponse, Refusal> {
    let raw = raw_parameters(request, payload).await?;
    let parameters = Parameters::parse(&raw)?;
    let id = request::client_id(&parameters)?;
    let found = lookup.find(&id, request, state).await;
    let Found { client, session } = found.map_err(PageError::from)?;
    let (client, return_to) = request::identify(client, &parameters, &state.public_url)?;
    let authorization = request::check(&client, &return_to, &parameters)
        .map_err(|error| Refusal::Redirect(return_to.clone(), error))?;
    if request.method() == Method::POST {
        // A browser keeps back its cookies from another site's post; it sends them when it follows
        // this, so both ways end in the same flow. Encoded anew, because a body may hold bytes that no
        // header can.
        let query: Vec<_> = parameters.iter().collect();
        let url = page::with_query("/oauth/authorize", &query);
        return Ok(page::see_other(&url));
    }
    let browser = Browser::known_or_new(request, state);
    let flow = Flow::begin(
        Beginning {
            browser: browser.mark,
            deadline: now + flow_lifetime(&client, state),
            platform: client.name.clone(),
            mark: mark(&client.name),
            language: language(&parameters),
            request: &authorization,
        },
        state,
        now,
    );
    let flow = flow.map_err(PageError::from)?;
    let sealed = flow.seal(state, now).map_err(PageError::from)?;
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
            consent::page(
                &flow,
                &sealed,
                &authorization,
                &asking,
                consent::View {
                    request,
                    state,
                    now,
                    mark: browser.mark,
                },
            )
            .await?
        }
        None => page::see_other(&format!("/login?flow={sealed}")),
    };
    Ok(page::with_cookie(response, browser.cookie)?)
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

/// A request that is refused after its redirect URI was proven.
pub(super) fn denied() -> OAuthError {
    OAuthError::access_denied("the person did not approve")
}
