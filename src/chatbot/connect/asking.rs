//! `/connect`: asks the person, every time, and writes nothing without that tap. The ids of the chat came
//! in an address that anybody could have written and sent.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    ConnectionRequest,
    approval::{Approved, approve},
    outbox::Outbox,
    pages::ConnectPage,
};
use crate::{
    account::{Account, addressed, session},
    authorize::lookup::{Found, Lookup},
    client::{Client, scope_sentence},
    event::{
        Event, EventKind, Recorder,
        attempt::{Step, StepKind},
    },
    web::{
        body,
        browser::{Browser, BrowserMark},
        csrf::{self, BoundTo},
        flow::{Flow, FlowRequest},
        form::{MAX_FORM_BYTES, PostedForm},
        frame::{Bond, Frame, LanguageLink},
        page,
        page_error::PageError,
        pages::{NoticePage, Problem},
        state::AppState,
        time::TimeLeft,
    },
};

/// What a page is drawn for.
#[derive(Clone, Copy)]
struct View<'a> {
    request: &'a HttpRequest,
    state: &'a AppState,
    now: DateTime<Utc>,
    mark: BrowserMark,
}

/// Where a flow stands when its page is asked for or answered.
pub(super) struct Scene {
    pub(super) flow: Flow,
    pub(super) asked: ConnectionRequest,
    pub(super) client: Arc<Client>,
    pub(super) account: Account,
}

/// `GET /connect?flow=…`
#[tracing::instrument(name = "connect.show", skip_all)]
pub async fn show(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    recorder: Data<Recorder>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let sealed = page::query_value(&request, "flow").ok_or(Problem::NotFound)?;
    let mark = Browser::known(&request, &state);
    let Some(scene) = reach(&sealed, mark, &lookup, (&request, &state), now).await? else {
        return Ok(to_login(&sealed));
    };
    let view = View {
        request: &request,
        state: &state,
        now,
        mark: mark.ok_or(Problem::OtherBrowser { client: None })?,
    };
    let page = draw(&scene, &sealed, view).await?;
    recorder.record_step_of(&request, StepKind::ConsentShown, now, |step| {
        step.account(scene.account.id)
    });
    Ok(page)
}

/// `POST /connect`
#[tracing::instrument(name = "connect.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    lookup: Data<Lookup>,
    (recorder, outbox): (Data<Recorder>, Data<Outbox>),
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
    decide(&form, &lookup, (&recorder, &outbox), view).await
}

/// Opens the flow, and finds everything it names anew. `None`: somebody must log in first.
async fn reach(
    sealed: &str,
    mark: Option<BrowserMark>,
    lookup: &Lookup,
    (request, state): (&HttpRequest, &AppState),
    now: DateTime<Utc>,
) -> Result<Option<Scene>, PageError> {
    let flow = Flow::open(sealed, mark, request, state, now).await?;
    let asked: ConnectionRequest = flow.request()?;
    let Found { client, session } = lookup.find(&flow.client_id, request, state).await?;
    let Some(account) = session::of_record(session, state, now).await? else {
        return Ok(None);
    };
    let client = client.ok_or_else(|| Problem::UnknownClient {
        reason: "the client was deleted meanwhile".to_owned(),
    })?;
    let named = Some(client.name.clone());
    if !client.is_enabled() {
        return Err(Problem::ClientDisabled { client: named }.into());
    }
    if client.domain_code() != Some(asked.user.domain_code.as_str()) {
        return Err(Problem::ChatOff { client: named }.into());
    }
    Ok(Some(Scene {
        flow,
        asked,
        client,
        account,
    }))
}

fn to_login(sealed: &str) -> HttpResponse {
    page::see_other(&format!("/login?flow={sealed}"))
}

async fn decide(
    form: &PostedForm,
    lookup: &Lookup,
    (recorder, outbox): (&Recorder, &Outbox),
    view: View<'_>,
) -> Result<HttpResponse, PageError> {
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
    let account = &scene.account;
    let named = |step: Step| step.account(account.id);
    let presented = form.text("named");
    match form.text("decision") {
        "deny" => {
            let event = Event::new(EventKind::LinkDenied, now).account(account.id);
            recorder.record(event.client(&scene.client.id));
            recorder.record_step_of(request, StepKind::Denied, now, named);
            let frame = frame_of(&scene, request, state);
            let page = NoticePage::chat_not_connected(frame, &scene.flow.platform);
            page::html(&page, &[], request, state)
        }
        // The page named an account; if another is signed in by now, it asks again.
        "approve" if addressed::names(presented, &scene.flow, account, state, now).await? => {
            if let Approved::Connected(link) = approve(&scene, state, now).await? {
                let linked = |step: Step| step.account(account.id).link(link);
                recorder.record_step_of(request, StepKind::Approved, now, linked);
                recorder.record_step_of(request, StepKind::ChatConnected, now, linked);
            }
            outbox.wake();
            let frame = frame_of(&scene, request, state);
            let page = NoticePage::chat_connected(frame, &scene.flow.platform);
            page::html(&page, &[], request, state)
        }
        "approve" => draw(&scene, sealed, view).await,
        _ => Err(PageError::Unreadable(
            "decision must be approve or deny".to_owned(),
        )),
    }
}

fn frame_of(scene: &Scene, request: &HttpRequest, state: &AppState) -> Frame {
    let mut frame = page::frame(request, state, scene.flow.language.as_deref());
    frame.bond = Some(Bond {
        platform_mark: scene.flow.mark.clone(),
        platform_name: scene.flow.platform.clone(),
    });
    if let Some(url) = &scene.client.settings.privacy_url {
        frame.privacy_url = Some(url.clone());
    }
    frame
}

async fn draw(scene: &Scene, sealed: &str, view: View<'_>) -> Result<HttpResponse, PageError> {
    let View {
        request,
        state,
        now,
        mark,
    } = view;
    let Scene {
        flow,
        asked,
        account,
        ..
    } = scene;
    let mut frame = frame_of(scene, request, state);
    let path = ConnectionRequest::PAGE;
    frame.languages = LanguageLink::to_page(path, &[("flow", sealed)], frame.words.lang());
    let lines = scope_sentence::lines(&asked.scopes, &frame.service_name, frame.words, state);
    let deadline = DateTime::from_timestamp(flow.deadline, 0).unwrap_or(now);
    let page = ConnectPage {
        client_name: flow.platform.clone(),
        platform: asked.user.platform.clone(),
        user_id: asked.user.user_id.clone(),
        account_name: account.name.clone(),
        account_email: account.email.clone(),
        scopes: lines.await?,
        not_you_action: "/logout".to_owned(),
        time_left: TimeLeft::until(deadline, now, frame.words),
        csrf: csrf::token(mark, BoundTo::Browser, request, state, now),
        flow: sealed.to_owned(),
        named: addressed::name(flow, account, state, now),
        frame,
    };
    page::html(&page, &[], request, state)
}
