//! `POST /oauth/revoke` (RFC 7009): the platform says good-bye.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};

use super::{
    access::{AccessToken, NotGood},
    call::{ClientCall, named_client},
    lookup::Lookup,
    refresh::RefreshToken,
    store::TokenClient,
};
use crate::{
    client::authenticator::Authenticator,
    event::{Event, EventKind, Recorder},
    foundation::ids::LinkId,
    link::{self, EndReason, LinkState, refreshing::Refreshable},
    protocol::OAuthError,
    web::{json, state::AppState},
};

/// `token_type_hint` is read by nobody: a token says itself what it is (RFC 7009 §2.1).
const KNOWN: [&str; 6] = [
    "token",
    "token_type_hint",
    "client_id",
    "client_secret",
    "client_assertion_type",
    "client_assertion",
];

/// A genuine token of any client.
#[derive(Debug)]
enum Presented {
    /// Whatever its generation: one that is stale says good-bye as well.
    Refresh(LinkId),
    /// One that is good until the link's row says otherwise.
    Access(AccessToken),
}

/// Ends the link of a refresh token, or the access tokens of an access token's epoch. Whatever is
/// not the client's own good token is answered the same, and nothing happens (RFC 7009 §2.2).
#[tracing::instrument(name = "revoke.post", skip_all)]
pub async fn post(
    state: Data<AppState>,
    (lookup, authenticator, recorder): (Data<Lookup>, Data<Authenticator>, Data<Recorder>),
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let now = state.clock.now();
    match revoke(
        &state,
        (&lookup, &authenticator, &recorder),
        &request,
        payload,
        now,
    )
    .await
    {
        // RFC 7009 §2.2 has clients ignore the body; some take one that isn't JSON for a failure.
        Ok(()) => HttpResponse::Ok().json(serde_json::json!({})),
        Err(refusal) => json::oauth_error(&refusal),
    }
}

async fn revoke(
    state: &AppState,
    (lookup, authenticator, recorder): (&Lookup, &Authenticator, &Recorder),
    request: &HttpRequest,
    payload: Payload,
    now: DateTime<Utc>,
) -> Result<(), OAuthError> {
    let call = ClientCall::read(request, payload, &KNOWN).await?;
    let client_id = named_client(&call.presented)?;
    let text = call.parameters.get("token");
    let token = match text {
        Some(text) => Presented::read(text, state, now).await?,
        None => None,
    };
    let link = token.as_ref().map(Presented::link);
    let found = lookup
        .by_link(client_id, link, now)
        .await
        .map_err(not_done)?;
    let known = found.as_ref().map(|(client, _)| &client.credentials);
    let authenticated = authenticator
        .authenticate(&call.presented, known, now)
        .await;
    let counted = call.counted(authenticated, request, state, now).await;
    counted.map_err(not_done)?;
    if text.is_none() {
        return Err(OAuthError::invalid_request("token is missing"));
    }
    let (Some(token), Some((client, Some(link)))) = (token, found) else {
        return Ok(());
    };
    if !token.is_of(&client, &link) || link.state != LinkState::Active {
        return Ok(());
    }
    carry_out(token, &link, state, recorder, now).await
}

impl Presented {
    async fn read(
        text: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, OAuthError> {
        let refresh = RefreshToken::verify(text, &state.keys, now).await;
        if let Some(token) = refresh.map_err(not_done)? {
            return Ok(Some(Self::Refresh(token.link_id)));
        }
        let access = AccessToken::verify(text, &state.keys, state.public_url.issuer(), now).await;
        Ok(match access.map_err(not_done)? {
            Ok(token) => Some(Self::Access(token)),
            // It opens nothing any more, and others may be in use.
            Err(NotGood::Expired(_) | NotGood::Unknown) => None,
        })
    }

    fn link(&self) -> LinkId {
        match self {
            Self::Refresh(link) => *link,
            Self::Access(token) => token.link_id,
        }
    }

    /// Whether it is the client's own, and all that it says is so.
    fn is_of(&self, client: &TokenClient, link: &Refreshable) -> bool {
        let audience = client.token_audience.as_deref();
        link.client_id == client.id
            && match self {
                Self::Refresh(_) => true,
                Self::Access(token) => token.is_so(&client.id, link.account_id, audience),
            }
    }
}

async fn carry_out(
    token: Presented,
    link: &Refreshable,
    state: &AppState,
    recorder: &Recorder,
    now: DateTime<Utc>,
) -> Result<(), OAuthError> {
    let reason = EndReason::Platform;
    let (done, kind, detail) = match token {
        Presented::Refresh(id) => (
            link::store::end(&state.db, id, reason, now).await,
            EventKind::LinkEnded,
            reason.as_str(),
        ),
        Presented::Access(token) => (
            link::store::raise_access_epoch(&state.db, link.link_id, token.access_epoch).await,
            EventKind::AccessRevoked,
            "",
        ),
    };
    if done.map_err(not_done)? {
        let event = Event::new(kind, now).link(link.link_id);
        let event = event.account(link.account_id).client(&link.client_id);
        recorder.record(event.detail(detail));
    }
    Ok(())
}

/// RFC 7009 §2.2.1 knows one answer for a failure: 503 says that the token still exists, so that the
/// client tries again. It is given for whatever reason the database had.
fn not_done(error: impl Into<OAuthError>) -> OAuthError {
    let refusal = error.into();
    if refusal.status() < 500 {
        return refusal;
    }
    let answer = OAuthError::temporarily_unavailable("nothing was revoked, try again");
    match refusal.into_cause() {
        Some(cause) => answer.caused_by(cause),
        None => answer,
    }
}
