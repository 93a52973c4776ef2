//! `/consent`: asks the person, every time, and does nothing without that tap (RFC 6819 §4.4.1.8).

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    Refusal,
    lookup::{Found, Lookup},
    pages::ConsentPage,
    request::AuthorizationRequest,
    return_to::ReturnTo,
    start,
};
use crate::{
    account::{Account, addressed, session},
    client::{Client, scope_sentence},
    event::{
        Event, EventKind, Recorder,
        attempt::{Reason, Step, StepKind},
    },
    foundation::{ids::LinkId, keys::KeyKind},
    link::{self, LinkState, changes::Changes, code::AuthorizationCode, store::NewLink},
    web::{
        body,
        browser::{Browser, BrowserMark},
        csrf::{self, BoundTo},
        flow::Flow,
        form::{MAX_FORM_BYTES, PostedForm},
        frame::{Bond, LanguageLink},
        page,
        page_error::PageError,
        pages::Problem,
        state::AppState,
        time::TimeLeft,
    },
};

/// Where platforms send the person on to after they took the code: Chromium holds `form-action`
/// against every redirect that follows the post, not only against ours.
const ONWARD: &str = "https:";

/// Whom the page asks, for whom, and where the answer goes.
pub(super) struct Asking<'a> {
    pub(super) client: &'a Client,
    pub(super) return_to: &'a ReturnTo,
    pub(super) account: &'a Account,
}

/// What a page is drawn for.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) state: &'a AppState,
    pub(super) now: DateTime<Utc>,
    pub(super) mark: BrowserMark,
}

/// Where a flow stands when its consent page is asked for or answered.
struct Scene {
    flow: Flow,
    asked: AuthorizationRequest,
    client: Arc<Client>,
    return_to: ReturnTo,
    account: Account,
}

impl Scene {
    fn asking(&self) -> Asking<'_> {
        Asking {
            client: &self.client,
            return_to: &self.return_to,
            account: &self.account,
        }
    }
}

/// `GET /consent?flow=…`
#[tracing::instrument(name = "consent.show", skip_all)]
pub async fn show(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    recorder: Data<Recorder>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let sealed = page::query_value(&request, "flow").ok_or(Problem::NotFound)?;
    let asked = ask(&sealed, &request, (&lookup, &recorder), &state, now).await;
    answer(asked, &recorder, &request, now)
}

/// `POST /consent`
#[tracing::instrument(name = "consent.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    (changes, recorder): (Data<Changes>, Data<Recorder>),
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    let view = View {
        request: &request,
        state: &state,
        now,
        mark: form.browser,
    };
    let decided = decide(&form, &lookup, (&changes, &recorder), view).await;
    answer(decided, &recorder, &request, now)
}

fn answer(
    result: Result<HttpResponse, Refusal>,
    recorder: &Recorder,
    request: &HttpRequest,
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    match result {
        Ok(response) => Ok(response),
        Err(Refusal::Page(error)) => Err(error),
        Err(Refusal::Redirect(return_to, error)) => {
            recorder.record_step_of(request, StepKind::RequestRefused, now, |step| {
                let step = step.because(Reason::of_refusal(&error));
                step.detail(error.description())
            });
            Ok(return_to.with_error(&error))
        }
    }
}

/// Opens the flow, and finds everything it names anew. `None`: somebody must log in first.
async fn reach(
    sealed: &str,
    mark: Option<BrowserMark>,
    lookup: &Lookup,
    (request, state): (&HttpRequest, &AppState),
    now: DateTime<Utc>,
) -> Result<Option<Scene>, Refusal> {
    let flow = Flow::open(sealed, mark, request, state, now).await?;
    let asked: AuthorizationRequest = flow.request()?;
    let found = lookup.find(&asked.client_id, request, state).await;
    let Found { client, session } = found.map_err(PageError::from)?;
    let account = session::of_record(session, state, now).await;
    let Some(account) = account.map_err(PageError::from)? else {
        return Ok(None);
    };
    let (client, return_to) = asked.check_again(client, &state.public_url)?;
    Ok(Some(Scene {
        flow,
        asked,
        client,
        return_to,
        account,
    }))
}

fn to_login(sealed: &str) -> HttpResponse {
    page::see_other(&format!("/login?flow={sealed}"))
}

async fn ask(
    sealed: &str,
    request: &HttpRequest,
    (lookup, recorder): (&Lookup, &Recorder),
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<HttpResponse, Refusal> {
    let mark = Browser::known(request, state);
    let Some(scene) = reach(sealed, mark, lookup, (request, state), now).await? else {
        return Ok(to_login(sealed));
    };
    let mark = mark
        .ok_or(Problem::OtherBrowser { client: None })
        .map_err(PageError::from)?;
    let view = View {
        request,
        state,
        now,
        mark,
    };
    let page = page(&scene.flow, sealed, &scene.asked, &scene.asking(), view).await?;
    recorder.record_step_of(request, StepKind::ConsentShown, now, |step| {
        step.account(scene.account.id)
    });
    Ok(page)
}

async fn decide(
    form: &PostedForm,
    lookup: &Lookup,
    (changes, recorder): (&Changes, &Recorder),
    view: View<'_>,
) -> Result<HttpResponse, Refusal> {
    let View {
        request,
        state,
        now,
        mark,
    } = view;
    let sealed = form.text("flow");
    let Some(scene) = reach(sealed, Some(mark), lookup, (request, state), now).await? else {
        return Ok(to_login(sealed));
    };
    let Scene {
        flow,
        asked,
        client,
        return_to,
        account,
    } = &scene;
    let event = |kind| Event::new(kind, now).account(account.id).client(&client.id);
    let named = |step: Step| step.account(account.id);
    match form.text("decision") {
        "deny" => {
            recorder.record(event(EventKind::LinkDenied));
            recorder.record_step_of(request, StepKind::Denied, now, named);
            Ok(return_to.with_error(&start::denied()))
        }
        // The page named an account; if another is signed in by now, it asks again.
        "approve" if addressed::names(form.text("named"), flow, account, state, now).await? => {
            let (response, new_link) =
                approve(flow, asked, &scene.asking(), (changes, state), now).await?;
            if let Some(link) = new_link {
                recorder.record(event(EventKind::LinkApproved).link(link));
                let linked = |step| named(step).link(link);
                recorder.record_step_of(request, StepKind::Approved, now, linked);
            }
            recorder.record_step_of(request, StepKind::CodeHandedOver, now, named);
            Ok(response)
        }
        "approve" => Ok(page(flow, sealed, asked, &scene.asking(), view).await?),
        _ => Err(PageError::Unreadable("decision must be approve or deny".to_owned()).into()),
    }
}

/// Writes the pending link, once for each flow: approving again gives the same redirect until the
/// code is redeemed.
async fn approve(
    flow: &Flow,
    asked: &AuthorizationRequest,
    asking: &Asking<'_>,
    (changes, state): (&Changes, &AppState),
    now: DateTime<Utc>,
) -> Result<(HttpResponse, Option<LinkId>), PageError> {
    let key = state.keys.find(KeyKind::Code, flow.code_key, now).await?;
    let key = key.ok_or(Problem::FlowExpired {
        client: Some(asking.client.name.clone()),
    })?;
    let code = AuthorizationCode::of_flow(flow.id, &key);
    let id = LinkId::random(&*state.random);
    let link = NewLink {
        id,
        client_id: asking.client.id.clone(),
        account_id: asking.account.id,
        scopes: asked.scopes.clone(),
        flow_id: flow.id,
        code_hash: code.hash(),
        approved_at: now,
        code_expires_at: now + asking.client.settings.code_lifetime,
        redirect_uri: asking.return_to.redirect_uri().to_owned(),
        code_challenge: asked.code_challenge.clone(),
    };
    if changes.approve(link).await? {
        return Ok((asking.return_to.with_code(&code), Some(id)));
    }
    let client = Some(asking.client.name.clone());
    match link::store::find_by_flow(&state.db, flow.id).await? {
        Some(known) if known.account_id != asking.account.id => {
            Err(Problem::OtherAccount { client }.into())
        }
        Some(known) if known.state == LinkState::Pending => {
            Ok((asking.return_to.with_code(&code), None))
        }
        _ => Err(Problem::AlreadyLinked { client }.into()),
    }
}

/// Draws the consent page.
pub(super) async fn page(
    flow: &Flow,
    sealed: &str,
    asked: &AuthorizationRequest,
    asking: &Asking<'_>,
    view: View<'_>,
) -> Result<HttpResponse, PageError> {
    let View {
        request,
        state,
        now,
        mark,
    } = view;
    let mut frame = page::frame(request, state, flow.language.as_deref());
    frame.bond = Some(Bond {
        platform_mark: flow.mark.clone(),
        platform_name: flow.platform.clone(),
    });
    frame.languages = LanguageLink::to_page("/consent", &[("flow", sealed)], frame.words.lang());
    if let Some(url) = &asking.client.settings.privacy_url {
        frame.privacy_url = Some(url.clone());
    }
    let scopes =
        scope_sentence::lines(&asked.scopes, &frame.service_name, frame.words, state).await?;
    let deadline = DateTime::from_timestamp(flow.deadline, 0).unwrap_or(now);
    let origin = asking.return_to.origin();
    let page = ConsentPage {
        client_name: flow.platform.clone(),
        account_name: asking.account.name.clone(),
        account_email: asking.account.email.clone(),
        scopes,
        not_you_action: "/logout".to_owned(),
        return_host: origin.split("://").nth(1).unwrap_or_default().to_owned(),
        time_left: TimeLeft::until(deadline, now, frame.words),
        csrf: csrf::token(mark, BoundTo::Browser, request, state, now),
        flow: sealed.to_owned(),
        named: addressed::name(flow, asking.account, state, now),
        frame,
    };
    page::html(&page, &[&origin, ONWARD], request, state)
}
