//! `POST /oauth/introspect` (RFC 7662): what a token is good for, told to those who may know.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Found, Refused, judge, record, store};
use crate::{
    client::authenticator::Authenticator,
    event::{Recorder, milestone::Milestone},
    foundation::ids::{AccountId, ClientId, LinkId},
    link::{
        refreshing::{Decision, Policy},
        usage::Usage,
    },
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
    usage: Data<Usage>,
    (authenticator, recorder): (Data<Authenticator>, Data<Recorder>),
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let with = (&**authenticator, &**usage, &**recorder);
    match introspect(&state, with, &request, payload).await {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(refusal) => json::oauth_error(&refusal),
    }
}

async fn introspect(
    state: &AppState,
    (authenticator, usage, recorder): (&Authenticator, &Usage, &Recorder),
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
    let asked = store::find_for_introspection(&state.db, client_id, link, now).await?;
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
    let issuer = state.public_url.issuer();
    let facts = match token {
        Presented::Refresh(token) if own => link.of_refresh_token(token, issuer, now),
        // To an API that lets in whatever is active, another's refresh token is none of its business.
        Presented::Refresh(_) => None,
        _ if !own && !caller.introspect_all => None,
        Presented::Expired(token) => {
            record(recorder, token.link_id, Refused::Expired, now);
            None
        }
        Presented::Access(token) => match judge(link.found, &token) {
            Ok(resolved) => {
                let client = &resolved.found.client_id;
                recorder.reached(client, Milestone::TokenResolved, request, now);
                usage.note(token.link_id, resolved.found.last_used_at, now);
                Some(Facts::of_access_token(
                    &resolved.found,
                    &resolved.scopes,
                    &token,
                    issuer,
                ))
            }
            Err(refused) => {
                record(recorder, token.link_id, refused, now);
                None
            }
        },
    };
    Ok(Answer {
        active: facts.is_some(),
        facts,
    })
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

impl store::Introspected {
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
