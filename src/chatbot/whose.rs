//! Whose account a call is about, what its actions say of it, and why it gets no answer.

use std::sync::Arc;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    call::Call,
    lookup::Calls,
    manner::{Manner, Manners, Sentences},
    store::{self, Asked, Called, Method},
};
use crate::{
    client::{chatbot::is_printable, token_place::TokenPlace},
    event::{Event, EventKind},
    foundation::{
        ids::ClientId,
        secret::{CallSecretKind, Hashed},
    },
    link::chat_user::MAX_USER_ID,
    protocol::{ErrorCode, OAuthError, ScopeSet},
    resolve::{Found, Refused, Resolved, Resolver, endpoint::challenge_needing},
    template::{Template, Values},
    web::{json::log_spoken, state::AppState},
};

/// What a call needs beside itself.
pub struct Around<'a> {
    /// The server's.
    pub state: &'a AppState,
    /// Where actions and links are found.
    pub calls: &'a Calls,
    /// Where uses and refusals are noted.
    pub resolver: &'a Resolver,
    /// How actions answered before.
    pub manners: &'a Manners,
    /// The time of the call.
    pub now: DateTime<Utc>,
}

/// Why a call gets no value.
pub enum Declined {
    /// There is no such client or action.
    Unknown,
    /// It was called in a way that is wrong for everybody, or nothing can be known of it now.
    Call(OAuthError),
    /// The action says no, in its manner. Without an error: there was no token.
    No {
        /// What was wrong.
        error: Option<OAuthError>,
        /// The scopes that were missing.
        needs: Option<ScopeSet>,
        /// How the action says so.
        manner: Arc<Manner>,
    },
}

/// The account a call is about, and the actions it called.
pub struct Answering {
    /// As they were asked for.
    pub methods: Vec<Arc<Method>>,
    resolved: Resolved,
}

impl Answering {
    /// Finds them in one read.
    pub async fn find(
        call: &Call<'_>,
        client: &ClientId,
        actions: &[String],
        around: &Around<'_>,
    ) -> Result<Self, Declined> {
        let tokens = call.tokens(around.state, around.now).await;
        let tokens = tokens.map_err(Declined::Call)?;
        let asked = Asked {
            client: client.clone(),
            actions: actions.to_vec(),
            links: tokens.links(),
        };
        let called = around.calls.find(asked).await;
        let called = called.map_err(|error| Declined::Call(error.into()))?;
        let Called { methods, mut links } = called.ok_or(Declined::Unknown)?;
        for (action, method) in actions.iter().zip(&methods) {
            around.manners.learn(client, action, &method.manner);
        }
        let first = methods.first().ok_or(Declined::Unknown)?;
        let no = |error| Declined::in_manner(error, &first.manner);
        let token = first_token(call, &first.places).map_err(|error| no(Some(error)))?;
        let token = token.ok_or_else(|| no(None))?;
        let (resolver, now) = (around.resolver, around.now);
        let judged = tokens
            .verified(token)
            .map_err(|not_good| resolver.refuse(not_good, now))
            .and_then(|token| {
                let at = links
                    .iter()
                    .position(|found| found.link_id == token.link_id);
                let found = at.map(|at| links.swap_remove(at));
                resolver.judge(&token, found, Some(client), now)
            });
        Ok(Self {
            resolved: judged.map_err(|refused| no(Some(refused.into())))?,
            methods,
        })
    }

    /// The same for the chat user that a call names. Only what came with the client's call secret learns
    /// that there is such a client.
    pub async fn find_by_chat_user(
        call: &Call<'_>,
        secret: &Hashed<CallSecretKind>,
        client: &ClientId,
        actions: &[String],
        around: &Around<'_>,
    ) -> Result<Self, Declined> {
        let user = call.json().pointer("/userInfo/id").and_then(Value::as_str);
        let user = user.filter(|user| is_printable(user, MAX_USER_ID));
        let user = user.ok_or_else(|| {
            Declined::Call(OAuthError::invalid_request(
                "userInfo.id is missing, or no id of a chat user",
            ))
        })?;
        let db = &around.state.db;
        let found = store::find_called_by_user(db, client, user, actions, around.now).await;
        let found = found.map_err(|error| Declined::Call(error.into()))?;
        let (stored, called) = found.ok_or(Declined::Unknown)?;
        if !secret.matches(&stored) {
            return Err(Declined::Unknown);
        }
        let Called { methods, links } = called;
        for (action, method) in actions.iter().zip(&methods) {
            around.manners.learn(client, action, &method.manner);
        }
        let first = methods.first().ok_or(Declined::Unknown)?;
        let no = |error: OAuthError| Declined::in_manner(Some(error), &first.manner);
        // Two messengers may have the same id for two people: then nobody is meant.
        let Ok([found]) = <[Found; 1]>::try_from(links) else {
            return Err(no(OAuthError::invalid_token(
                "no account is connected to this chat user",
            )));
        };
        if !found.account_enabled || !found.client_enabled {
            return Err(no(Refused::Disabled.into()));
        }
        let usage = &around.resolver.usage;
        usage.note(found.link_id, found.last_used_at, around.now);
        let scopes = ScopeSet::from_names(&found.scopes).unwrap_or_default();
        let resolved = Resolved { found, scopes };
        Ok(Self { methods, resolved })
    }

    /// What one of the actions says.
    pub fn say(
        &self,
        (name, method): (&str, &Method),
        entity: &dyn Fn(&str) -> Option<String>,
        arguments: &[String],
        around: &Around<'_>,
    ) -> Result<String, Declined> {
        let broken =
            |error| Declined::in_manner(Some(OAuthError::server_error(error)), &method.manner);
        let template = method.template.as_ref();
        let template = template.map_err(|error| broken(anyhow::Error::from(error.clone())))?;
        self.check_scopes(template, &method.manner)
            .inspect_err(|_| {
                let detail = format!("the action {name} needs a scope that the access token lacks");
                around.resolver.recorder.record(
                    Event::new(EventKind::AccessRefused, around.now)
                        .link(self.resolved.found.link_id)
                        .detail(detail),
                );
            })?;
        let values = Values {
            account: self.resolved.found.account.subject(),
            entity,
            arguments,
        };
        template
            .render(&values)
            .map_err(|error| broken(error.into()))
    }

    fn check_scopes(&self, template: &Template, manner: &Arc<Manner>) -> Result<(), Declined> {
        let needed = template.needed_scopes();
        let granted = &self.resolved.scopes;
        if needed.iter().all(|scope| granted.contains(scope)) {
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

impl Declined {
    /// The action says no.
    pub fn in_manner(error: Option<OAuthError>, manner: &Arc<Manner>) -> Self {
        Self::No {
            error,
            needs: None,
            manner: manner.clone(),
        }
    }

    /// Its answer. `last` tells how the action answered before, where that has to do, and `say` says
    /// a sentence in place of the answer.
    pub fn answer(
        self,
        manners: &Manners,
        last: impl FnOnce() -> Option<Arc<Manner>>,
        say: impl FnOnce(&Manner, &str) -> HttpResponse,
    ) -> HttpResponse {
        let (error, needs, manner) = match self {
            Self::Unknown => return unknown(),
            Self::Call(error) => (Some(error), None, last()),
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
        let sentence =
            |Sentences { relink, busy }: &Sentences| if passes { busy } else { relink }.clone();
        match manner {
            Some(manner) if !malformed => match manner.sentences.as_ref().map(sentence) {
                Some(sentence) => {
                    log_spoken("an action", error.as_ref());
                    say(&manner, &sentence)
                }
                None => challenge_needing(error.as_ref(), needs.as_ref()),
            },
            _ => challenge_needing(error.as_ref(), needs.as_ref()),
        }
    }
}

fn unknown() -> HttpResponse {
    HttpResponse::NotFound().json(json!({
        "error": "not_found",
        "error_description": "there is no such client or action",
    }))
}
