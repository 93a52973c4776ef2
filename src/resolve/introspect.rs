//! `POST /oauth/introspect` (RFC 7662): what a token is good for, told to those who may know.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Found, Refused, Resolved, Resolver, judge, record, store::Introspected};
use crate::{
    client::authenticator::Authenticator,
    event::milestone::Milestone,
    foundation::ids::{AccountId, ClientId, LinkId},
    link::refreshing::{Decision, Policy},
    protocol::{OAuthError, ScopeSet},
    token::{
        access::{AccessToken, NotGood},
        call::{ClientCall, named_client},
        refresh::RefreshToken,
    },
    web::{json, state::AppState},
};

/// `token_type_hint` is read by nobody: a token says itself what it is.
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
    Access(AccessToken),
    Expired(Box<AccessToken>),
    Refresh(RefreshToken),
}

/// RFC 7662 §2.2. An inactive token has nothing but `active`.
#[derive(Debug, Default, Serialize)]
struct Answer {
    active: bool,
    #[serde(flatten)]
    facts: Option<Facts>,
}

#[derive(Debug, Serialize)]
struct Facts {
    scope: String,
    client_id: ClientId,
    sub: AccountId,
    /// Absent for a refresh token, which opens nothing by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    iss: String,
    aud: String,
}

/// Answers whether a token is good, and for what.
#[tracing::instrument(name = "introspect.post", skip_all)]
pub async fn post(
    state: Data<AppState>,
    resolver: Data<Resolver>,
    authenticator: Data<Authenticator>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    match introspect(&state, (&authenticator, &resolver), &request, payload).await {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(refusal) => json::oauth_error(&refusal),
    }
}

async fn introspect(
    state: &AppState,
    (authenticator, resolver): (&Authenticator, &Resolver),
    request: &HttpRequest,
    payload: Payload,
) -> Result<Answer, OAuthError> {
    let now = state.clock.now();
    let call = ClientCall::read(request, payload, &KNOWN).await?;
    let client_id = named_client(&call.presented)?;
    let text = call.parameters.get("token");
    let token = match text {
        Some(text) => Presented::read(text, state, now).await?,
        None => None,
    };
    let link = token.as_ref().map(Presented::link);
    let asked = resolver.lookup.introspect(client_id, link, now).await?;
    let caller = asked.as_ref().map(|(caller, _)| &caller.credentials);
    let authenticated = authenticator
        .authenticate(&call.presented, caller, now)
        .await;
    call.counted(authenticated, request, state, now).await?;
    if !caller.is_some_and(|caller| caller.confidential) {
        return Err(OAuthError::invalid_client(
            "only a client with a secret or keys may ask about tokens",
        ));
    }
    if text.is_none() {
        return Err(OAuthError::invalid_request("token is missing"));
    }
    let (Some(token), Some((caller, Some(link)))) = (token, asked) else {
        return Ok(Answer::default());
    };
    let own = link.found.client_id.as_str() == client_id;
    let seen = own || caller.introspect_all;
    let facts = facts(token, link, (own, seen), (state, resolver, request), now);
    Ok(Answer {
        active: facts.is_some(),
        facts,
    })
}

/// What a genuine token is good for, to the client it is `own` of, or to one it may be `seen` by.
fn facts(
    token: Presented,
    link: Introspected,
    (own, seen): (bool, bool),
    (state, resolver, request): (&AppState, &Resolver, &HttpRequest),
    now: DateTime<Utc>,
) -> Option<Facts> {
    let Resolver {
        usage, recorder, ..
    } = resolver;
    let issuer = state.public_url.issuer();
    match token {
        Presented::Refresh(token) if own => link.of_refresh_token(token, issuer, now),
        // To an API that lets in whatever is active, another's refresh token is none of its business.
        Presented::Refresh(_) => None,
        _ if !seen => None,
        Presented::Expired(token) => {
            record(recorder, token.link_id, Refused::Expired, now);
            None
        }
        Presented::Access(token) => match judge(link.found, &token) {
            Ok(Resolved { found, scopes }) => {
                recorder.reached(&found.client_id, Milestone::TokenResolved, request, now);
                usage.note(token.link_id, found.last_used_at, now);
                Some(Facts::of_access_token(&found, &scopes, &token, issuer))
            }
            Err(refused) => {
                record(recorder, token.link_id, refused, now);
                None
            }
        },
    }
}

impl Presented {
    async fn read(text: &str, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<Option<Self>> {
        if let Some(token) = RefreshToken::verify(text, &state.keys, now).await? {
            return Ok(Some(Self::Refresh(token)));
        }
        let issuer = state.public_url.issuer();
        Ok(
            match AccessToken::verify(text, &state.keys, issuer, now).await? {
                Ok(token) => Some(Self::Access(token)),
                Err(NotGood::Expired(token)) => Some(Self::Expired(token)),
                Err(NotGood::Unknown) => None,
            },
        )
    }

    fn link(&self) -> LinkId {
        match self {
            Self::Access(token) => token.link_id,
            Self::Expired(token) => token.link_id,
            Self::Refresh(token) => token.link_id,
        }
    }
}

impl Introspected {
    /// A refresh token is active if refreshing with it now would succeed.
    fn of_refresh_token(
        self,
        token: RefreshToken,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Option<Facts> {
        let link = self.refreshable?;
        let policy = Policy {
            client_id: &self.found.client_id,
            confidential: self.confidential,
            rotation: self.rotation,
        };
        let refused = matches!(
            link.decide(token.generation, policy, now),
            Decision::Refuse(_) | Decision::End
        );
        if refused || !self.found.client_enabled {
            return None;
        }
        Some(Facts {
            scope: self.found.scopes.join(" "),
            sub: link.account_id,
            token_type: None,
            exp: link.idle_expires_at.timestamp(),
            iat: None,
            iss: issuer.to_owned(),
            aud: issuer.to_owned(),
            client_id: self.found.client_id,
        })
    }
}

impl Facts {
    fn of_access_token(
        found: &Found,
        scopes: &ScopeSet,
        token: &AccessToken,
        issuer: &str,
    ) -> Self {
        // An opaque token carries no audience: it is for whomever the client's tokens are for.
        let audience = match &token.named {
            Some(named) => &named.audience,
            None => &found.token_audience,
        };
        Self {
            scope: scopes.to_string(),
            client_id: found.client_id.clone(),
            sub: found.account.id,
            token_type: Some("Bearer"),
            exp: token.expires_at,
            iat: Some(token.issued_at),
            iss: issuer.to_owned(),
            aud: audience.as_deref().unwrap_or(issuer).to_owned(),
        }
    }
}
