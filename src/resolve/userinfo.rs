//! `GET, POST /oauth/userinfo`: the facts of `/resolve` as OpenID Connect claims (Core §5.1, §5.3).

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Resolved, Resolver, endpoint::answer};
use crate::{foundation::ids::AccountId, web::state::AppState};

/// What the token's scopes show of the account. `external_id` and `attributes` are claims of ours,
/// named as in `/resolve`.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    sub: AccountId,
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Map<String, Value>>,
}

/// Answers who the token stands for.
#[tracing::instrument(name = "userinfo.get", skip_all)]
pub async fn get(
    state: Data<AppState>,
    resolver: Data<Resolver>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    answer(&state, &resolver, &request, payload, |resolved| {
        HttpResponse::Ok().json(Claims::of(resolved))
    })
    .await
}

impl<'a> Claims<'a> {
    fn of(resolved: &'a Resolved) -> Self {
        let account = &resolved.found.account;
        let granted = |scope: &str| resolved.scopes.contains(scope);
        let (email, profile) = (granted("account:email"), granted("account:profile"));
        Self {
            sub: account.id,
            external_id: account.external_id.as_deref(),
            email: email.then_some(&account.email),
            // The operator makes the accounts and answers for their addresses.
            email_verified: email.then_some(true),
            name: profile.then_some(&account.name),
            locale: profile.then_some(&account.locale),
            attributes: granted("account:attributes").then_some(&account.attributes),
        }
    }
}
