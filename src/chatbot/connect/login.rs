//! `GET /chatbot/{client_id}/login`: where the chatbot sends somebody it doesn't know. Checks what the
//! address says, seals it into a flow, and hands over to the login or to the page that asks.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};

use super::ConnectionRequest;
use crate::{
    account::session,
    authorize::lookup::{Found, Lookup},
    client::{Client, chatbot::is_printable},
    event::{
        Recorder,
        attempt::{Reason, Step, StepKind},
    },
    foundation::ids::ClientId,
    link::chat_user::ChatUser,
    protocol::Parameters,
    web::{
        browser::Browser,
        flow::{Beginning, Flow, FlowRequest},
        frame, page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
    },
};

/// The longest nonce, in characters.
const MAX_NONCE: usize = 256;

/// Starts a flow that ends in a connection.
#[tracing::instrument(name = "connect.start", skip_all)]
pub async fn start(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    recorder: Data<Recorder>,
    client: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let limits = &state.limits;
    if let Some(seconds) = limits.count_authorization(&request, &state, now).await {
        let seconds = u64::from(seconds);
        return Err(Problem::TooMany { seconds }.into());
    }
    let id = ClientId(client.into_inner());
    if !id.as_str().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::NotFound.into());
    }
    let Found { client, session } = lookup.find(&id, &request, &state).await?;
    let client = client.filter(|client| client.domain_code().is_some());
    let client = client.ok_or(Problem::NotFound)?;
    let asked = read(&client, &request)
        .map_err(|refused| refused.record(&client, &recorder, &request, now))?;

    let browser = Browser::known_or_new(&request, &state);
    let beginning = Beginning {
        browser: browser.mark,
        deadline: now + state.lifetimes.flow,
        client_id: client.id.clone(),
        platform: client.name.clone(),
        mark: frame::mark(&client.name),
        language: None,
        request: &asked,
    };
    let flow = Flow::begin(beginning, &state, now)?;
    let sealed = flow.seal(&state, now)?;
    flow.tell(&request);
    recorder.record_step_of(&request, StepKind::ChatRequested, now, |step| {
        step.detail(&format!("messenger {}", asked.user.platform))
    });
    let path = match session::of_record(session, &state, now).await? {
        Some(_) => ConnectionRequest::PAGE,
        None => "/login",
    };
    let onward = page::see_other(&format!("{path}?flow={sealed}"));
    page::with_cookie(onward, browser.cookie)
}

/// Why an address begins nothing.
enum Refused {
    /// What it says is wrong, in our own words.
    Request(String),
    /// An admin has switched the client off.
    Disabled,
}

fn read(client: &Client, request: &HttpRequest) -> Result<ConnectionRequest, Refused> {
    let wrong = |what: &str| Refused::Request(what.to_owned());
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let parameters = parameters.map_err(|_| wrong("the address can't be read"))?;
    if let Some(name) = parameters.first_duplicate(&["userId", "platform", "domainCode", "nonce"]) {
        return Err(Refused::Request(format!("{name} is given more than once")));
    }
    let given = |name: &str| {
        let value = parameters.get(name);
        value.ok_or_else(|| Refused::Request(format!("{name} is missing")))
    };
    let user = ChatUser::named(given("userId")?, given("platform")?, given("domainCode")?);
    let user = user.map_err(|what| wrong(what.description()))?;
    if client.domain_code() != Some(user.domain_code.as_str()) {
        return Err(wrong("domainCode is not the one stored with this client"));
    }
    let nonce = parameters.get("nonce");
    if !nonce.is_none_or(|nonce| is_printable(nonce, MAX_NONCE)) {
        return Err(wrong(
            "nonce must have at most 256 characters, and no control character",
        ));
    }
    if !client.is_enabled() {
        return Err(Refused::Disabled);
    }
    Ok(ConnectionRequest {
        user,
        nonce: nonce.map(str::to_owned),
        scopes: client.scopes.to_names(),
    })
}

impl Refused {
    /// Writes it into the history, under a code that the page will show.
    fn record(
        self,
        client: &Client,
        recorder: &Recorder,
        request: &HttpRequest,
        now: DateTime<Utc>,
    ) -> PageError {
        let named = Some(client.name.clone());
        let (why, detail, problem) = match self {
            Self::Request(reason) => (
                Reason::ChatLink,
                reason.clone(),
                Problem::BadRequest {
                    client: named,
                    reason,
                },
            ),
            Self::Disabled => (
                Reason::ClientDisabled,
                String::new(),
                Problem::ClientDisabled { client: named },
            ),
        };
        let kind = StepKind::RequestRefused;
        let step = Step::refused(Some(&client.id), kind, why, &detail, now);
        if let Some(code) = step.code() {
            request.extensions_mut().insert(code.clone());
        }
        recorder.record_step(step.detail(&detail));
        problem.into()
    }
}
