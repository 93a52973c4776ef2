//! `/consent`: asks the person, every time, and does nothing without that tap (RFC 6819 §4.4.1.8).

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    Refusal, pages::ConsentPage, request::AuthorizationRequest, return_to::ReturnTo, start,
};
use crate::{
    account::{Account, session},
    client::{Client, scope_sentence},
    event::{Event, EventKind, Recorder},
    foundation::{
        ids::LinkId,
        keys::{Key, KeyKind},
        seal,
    },
    link::{self, LinkState, code::AuthorizationCode, store::NewLink},
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

/// `GET /consent?flow=…`
#[tracing::instrument(name = "consent.show", skip_all)]
pub async fn show(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let sealed = page::query_value(&request, "flow").ok_or(Problem::NotFound)?;
    answer(ask(&sealed, &request, &state, now).await)
}

/// `POST /consent`
#[tracing::instrument(name = "consent.submit", skip_all)]
pub async fn submit(
    state: Data<AppState>,
    recorder: Data<Recorder>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let now = state.clock.now();
    let body = body::read(payload, MAX_FORM_BYTES).await?;
    let form = PostedForm::receive(&body, BoundTo::Browser, &request, &state, now).await?;
    answer(decide(&form, &recorder, &request, &state, now).await)
}

fn answer(result: Result<HttpResponse, Refusal>) -> Result<HttpResponse, PageError> {
    match result {
        Ok(response) => Ok(response),
        Err(Refusal::Page(error)) => Err(error),
        Err(Refusal::Redirect(return_to, error)) => Ok(return_to.with_error(&error)),
    }
}

async fn ask(
    sealed: &str,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<HttpResponse, Refusal> {
    let mark = Browser::known(request, state);
    let flow = Flow::open(sealed, mark, state, now).await?;
    let Some(account) = session::signed_in(request, state, now)
        .await
        .map_err(PageError::from)?
    else {
        return Ok(page::see_other(&format!("/login?flow={sealed}")));
    };
    let asked: AuthorizationRequest = flow.request()?;
    let (client, return_to) = asked.check_again(&state.db, &state.public_url).await?;
    let asking = Asking {
        client: &client,
        return_to: &return_to,
        account: &account,
    };
    let mark = mark
        .ok_or(Problem::OtherBrowser { client: None })
        .map_err(PageError::from)?;
    Ok(self::page(
        &flow,
        sealed,
        &asked,
        &asking,
        View {
            request,
            state,
            now,
            mark,
        },
    )
    .await?)
}

async fn decide(
    form: &PostedForm,
    recorder: &Recorder,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<HttpResponse, Refusal> {
    let sealed = form.text("flow");
    let flow = Flow::open(sealed, Some(form.browser), state, now).await?;
    let Some(account) = session::signed_in(request, state, now)
        .await
        .map_err(PageError::from)?
    else {
        return Ok(page::see_other(&format!("/login?flow={sealed}")));
    };
    let asked: AuthorizationRequest = flow.request()?;
    let (client, return_to) = asked.check_again(&state.db, &state.public_url).await?;
    let asking = Asking {
        client: &client,
        return_to: &return_to,
        account: &account,
    };
    let event = |kind| Event::new(kind, now).account(account.id).client(&client.id);
    match form.text("decision") {
        "deny" => {
            recorder.record(event(EventKind::LinkDenied));
            Ok(return_to.with_error(&start::denied()))
        }
        // The page named an account; if another is signed in by now, it asks again.
        "approve" if names(form.text("named"), &flow, &account, state, now).await? => {
            let (response, new_link) = approve(&flow, &asked, &asking, state, now).await?;
            if let Some(link) = new_link {
                recorder.record(event(EventKind::LinkApproved).link(link));
            }
            Ok(response)
        }
        "approve" => {
            let view = View {
                request,
                state,
                now,
                mark: form.browser,
            };
            Ok(self::page(&flow, sealed, &asked, &asking, view).await?)
        }
        _ => Err(PageError::Unreadable("decision must be approve or deny".to_owned()).into()),
    }
}

/// Writes the pending link, once for each flow: approving again gives the same redirect until the
/// code is redeemed.
async fn approve(
    flow: &Flow,
    asked: &AuthorizationRequest,
    asking: &Asking<'_>,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<(HttpResponse, Option<LinkId>), PageError> {
    let key = state.keys.find(KeyKind::Code, flow.code_key, now).await?;
    let key = key.ok_or(Problem::FlowExpired {
        client: Some(asking.client.name.clone()),
    })?;
    let code = AuthorizationCode::of_flow(flow.id, &key);
    let link = NewLink {
        id: LinkId::random(&*state.random),
        client_id: &asking.client.id,
        account_id: asking.account.id,
        scopes: &asked.scopes,
        flow_id: flow.id,
        code_hash: code.hash(),
        code_expires_at: now + asking.client.settings.code_lifetime,
        redirect_uri: asking.return_to.redirect_uri(),
        code_challenge: asked.code_challenge.as_deref(),
    };
    if link::store::insert_pending(&state.db, &link, now).await? {
        return Ok((asking.return_to.with_code(&code), Some(link.id)));
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
        named: name(flow, asking.account, state, now),
        frame,
    };
    page::html(&page, &[&origin, ONWARD], request, state)
}

/// What ties a consent form to the account it named.
fn name(flow: &Flow, account: &Account, state: &AppState, now: DateTime<Utc>) -> String {
    let key = state.keys.current(KeyKind::Csrf, now);
    format!("{}.{}", key.id, seal::to_text(&tag(&key, flow, account)))
}

async fn names(
    presented: &str,
    flow: &Flow,
    account: &Account,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<bool, PageError> {
    let Some((id, tag)) = presented.split_once('.') else {
        return Ok(false);
    };
    let (Ok(id), Some(tag)) = (id.parse(), seal::from_text(tag)) else {
        return Ok(false);
    };
    let key = state.keys.find(KeyKind::Csrf, id, now).await?;
    Ok(key.is_some_and(|key| {
        key.verifies(
            &[b"named", flow.id.0.as_bytes(), account.id.0.as_bytes()],
            &tag,
        )
    }))
}

fn tag(key: &Key, flow: &Flow, account: &Account) -> [u8; 32] {
    key.mac(&[b"named", flow.id.0.as_bytes(), account.id.0.as_bytes()])
}
