//! `GET, POST /action/{client_id}/{action}`: action method v1.0, one value.

use std::sync::Arc;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    action::is_name,
    call::{Call, Tokens},
    lookup::Calls,
    manner::{Manner, Manners},
    store::{Asked, Called},
};
use crate::{
    client::token_place::TokenPlace,
    event::{Event, EventKind},
    foundation::ids::{ClientId, LinkId},
    protocol::{ErrorCode, OAuthError, ScopeSet},
    resolve::{self, Refused, Resolved, Resolver, endpoint::challenge_needing},
    template::{Template, Values},
    token::access::NotGood,
    web::state::AppState,
};

/// Which action is called.
struct Address {
    client: ClientId,
    action: String,
}

/// Why a call gets no value.
enum Declined {
    /// There is no such client or action.
    Unknown,
    /// It was called in a way that is wrong for everybody, or nothing can be known of it now.
    Call(OAuthError),
    /// The action says no, in its manner. Without an error: there was no token.
    No {
        error: Option<OAuthError>,
        needs: Option<ScopeSet>,
        manner: Arc<Manner>,
    },
}

/// What a call needs beside itself.
struct Around<'a> {
    state: &'a AppState,
    calls: &'a Calls,
    resolver: &'a Resolver,
    manners: &'a Manners,
    now: DateTime<Utc>,
}

/// Answers the action's value for the account whose token came along.
#[tracing::instrument(name = "action.call", skip_all)]
pub async fn call(
    state: Data<AppState>,
    calls: Data<Calls>,
    resolver: Data<Resolver>,
    manners: Data<Manners>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let around = Around {
        state: &state,
        calls: &calls,
        resolver: &resolver,
        manners: &manners,
        now: state.clock.now(),
    };
    let Some(address) = Address::of(&request).await else {
        return unknown();
    };
    let answering = async {
        let call = Call::read(&request, payload)
            .await
            .map_err(Declined::Call)?;
        answer(&address, &call, &around).await
    };
    let answered = tokio::time::timeout(manners.deadline(), answering).await;
    answered
        .unwrap_or_else(|_| {
            Err(Declined::Call(OAuthError::temporarily_unavailable(
                "the answer took too long, try again",
            )))
        })
        .unwrap_or_else(|declined| declined.answer(&address, &manners))
}

impl Address {
    async fn of(request: &HttpRequest) -> Option<Self> {
        let (client, action) = Path::<(String, String)>::extract(request)
            .await
            .ok()?
            .into_inner();
        let printable = client.bytes().all(|byte| byte.is_ascii_graphic());
        (printable && is_name(&action)).then_some(Self {
            client: ClientId(client),
            action,
        })
    }
}

async fn answer(
    address: &Address,
    call: &Call<'_>,
    around: &Around<'_>,
) -> Result<HttpResponse, Declined> {
    let tokens = call
        .tokens(around.state, around.now)
        .await
        .map_err(Declined::Call)?;
    let (client, action) = (&address.client, address.action.as_str());
    let asked = Asked {
        client: client.clone(),
        action: action.to_owned(),
        links: tokens.links(),
    };
    let mut called = around
        .calls
        .find(asked)
        .await
        .map_err(|error| Declined::Call(error.into()))?
        .ok_or(Declined::Unknown)?;
    let method = called.method.clone();
    let (places, manner) = (&method.places, &method.manner);
    around.manners.learn(client, action, manner);

    let no = |error: Option<OAuthError>| Declined::in_manner(error, manner);
    let token = first_token(call, places).map_err(|error| no(Some(error)))?;
    let token = token.ok_or_else(|| no(None))?;
    let resolved = resolve(token, &tokens, &mut called, client).map_err(|(link, refused)| {
        if let Some(link) = link {
            resolve::record(&around.resolver.recorder, link, refused, around.now);
        }
        no(Some(refused.into()))
    })?;
    let found = &resolved.found;
    around
        .resolver
        .usage
        .note(found.link_id, found.last_used_at, around.now);

    let template = method
        .template
        .as_ref()
        .map_err(|error| no(Some(OAuthError::server_error(error.clone()))))?;
    check_scopes(template, &resolved, manner).inspect_err(|_| {
        let detail = format!("the action {action} needs a scope that the access token lacks");
        around.resolver.recorder.record(
            Event::new(EventKind::AccessRefused, around.now)
                .link(found.link_id)
                .detail(detail),
        );
    })?;
    let rendered = template.render(&Values {
        account: found.account.subject(),
        entity: &|name| call.entity(name, places),
        arguments: &[],
    });
    match rendered {
        Ok(text) => Ok(manner.say(text)),
        Err(too_large) => Err(no(Some(OAuthError::server_error(too_large)))),
    }
}

/// The first place that holds anything decides; what stands elsewhere counts for nothing.
fn first_token<'a>(
    call: &'a Call<'_>,
    places: &[TokenPlace],
) -> Result<Option<&'a str>, OAuthError> {
    for place in places {
        if let Some(token) = call.at(place)? {
            return Ok(Some(token));
        }
    }
    Ok(None)
}

/// The link a token stands for, or why not, with the link whose history should tell.
fn resolve(
    token: &str,
    tokens: &Tokens,
    called: &mut Called,
    client: &ClientId,
) -> Result<Resolved, (Option<LinkId>, Refused)> {
    let token = tokens.verified(token).map_err(|not_good| match not_good {
        NotGood::Unknown => (None, Refused::Unknown),
        NotGood::Expired(token) => (Some(token.link_id), Refused::Expired),
    })?;
    let link = token.link_id;
    let at = called.links.iter().position(|found| found.link_id == link);
    let judged = match at.map(|at| called.links.swap_remove(at)) {
        None => Err(Refused::LinkEnded),
        Some(found) if found.client_id != *client => Err(Refused::OtherClient),
        Some(found) => resolve::judge(found, &token),
    };
    judged.map_err(|refused| (Some(link), refused))
}

fn check_scopes(
    template: &Template,
    resolved: &Resolved,
    manner: &Arc<Manner>,
) -> Result<(), Declined> {
    let needed = template.needed_scopes();
    if needed.iter().all(|scope| resolved.scopes.contains(scope)) {
        return Ok(());
    }
    Err(Declined::No {
        error: Some(OAuthError::insufficient_scope(
            "the link does not grant what this action answers",
        )),
        needs: ScopeSet::from_names(needed).ok(),
        manner: manner.clone(),
    })
}

impl Declined {
    fn in_manner(error: Option<OAuthError>, manner: &Arc<Manner>) -> Self {
        Self::No {
            error,
            needs: None,
            manner: manner.clone(),
        }
    }

    fn answer(self, address: &Address, manners: &Manners) -> HttpResponse {
        let (error, needs, manner) = match self {
            Self::Unknown => return unknown(),
            Self::Call(error) => {
                let manner = manners.last(&address.client, &address.action);
                (Some(error), None, manner)
            }
            Self::No {
                error,
                needs,
                manner,
            } => (error, needs, Some(manner)),
        };
        let passes = error.as_ref().is_some_and(|error| error.status() >= 500);
        if passes {
            manners.count_busy();
        }
        // A malformed call is a mistake of whoever built the chatbot, and is never spoken.
        let malformed = error
            .as_ref()
            .is_some_and(|error| error.code() == ErrorCode::InvalidRequest);
        let sentences = manner
            .as_ref()
            .and_then(|manner| Some((manner, manner.sentences.as_ref()?)));
        match sentences {
            Some((manner, sentences)) if !malformed => {
                log(error.as_ref());
                manner.say(
                    if passes {
                        &sentences.busy
                    } else {
                        &sentences.relink
                    }
                    .clone(),
                )
            }
            _ => challenge_needing(error.as_ref(), needs.as_ref()),
        }
    }
}

/// What a sentence hides from the caller.
fn log(error: Option<&OAuthError>) {
    let Some(error) = error else { return };
    let code = error.code().as_str();
    let cause = error.cause().map(|cause| format!("{cause:#}"));
    tracing::info!(
        error = code,
        cause,
        "an action was refused: {}",
        error.description()
    );
}

fn unknown() -> HttpResponse {
    HttpResponse::NotFound().json(json!({
        "error": "not_found",
        "error_description": "there is no such client or action",
    }))
}
