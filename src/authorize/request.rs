//! Reading an authorization request: first who sends it and where answers go, then the rest.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Refusal, return_to::ReturnTo, unproven::Unproven};
use crate::{
    client::{Client, registration::with_always_granted},
    foundation::ids::ClientId,
    protocol::{OAuthError, Parameters, ScopeSet, pkce::CodeChallenge},
    web::{flow::FlowRequest, page_error::PageError, pages::Problem, state::PublicUrl},
};

/// The longest `state` taken, in bytes; longer ones are refused, never cut.
const MAX_STATE_BYTES: usize = 4096;
/// The longest `scope` taken, in bytes.
const MAX_SCOPE_BYTES: usize = 4096;

/// Parameters whose repetition is refused (RFC 6749 §3.1), beside those that prove the client.
const SINGLE: [&str; 8] = [
    "response_type",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// A checked request, as it is sealed into the flow. Nothing of it comes from the browser again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What is asked for, with what is always granted.
    pub scopes: Vec<String>,
    /// Returned byte for byte.
    pub state: Option<String>,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
}

impl FlowRequest for AuthorizationRequest {
    const PAGE: &'static str = "/consent";
}

/// The client that asks; until its redirect URI is proven every error is a page.
pub fn client_id(parameters: &Parameters) -> Result<ClientId, Unproven> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.duplicate(name) {
            return Err(Unproven::repeated(name));
        }
    }
    let id = parameters.get("client_id");
    id.map(|id| ClientId(id.to_owned()))
        .ok_or_else(Unproven::without_client)
}

/// Proves the redirect URI of the client that was found.
pub fn identify(
    client: Option<Arc<Client>>,
    parameters: &Parameters,
    url: &PublicUrl,
) -> Result<(Arc<Client>, ReturnTo), Unproven> {
    let id = parameters.get("client_id").unwrap_or_default();
    let client = client.ok_or_else(|| Unproven::unknown_client(id))?;
    let Some(presented) = parameters.get("redirect_uri") else {
        return Err(Unproven::without_redirect_uri(&client));
    };
    // A `state` that can't be returned is left out: the redirect then says what was wrong with it.
    let state = parameters
        .get("state")
        .filter(|state| state.len() <= MAX_STATE_BYTES && !parameters.duplicate("state"));
    let Some(return_to) = ReturnTo::prove(&client, presented, state, url) else {
        return Err(Unproven::redirect_uri(&client, presented));
    };
    if client.is_enabled() {
        Ok((client, return_to))
    } else {
        Err(Unproven::disabled(&client))
    }
}

/// Checks everything else; errors go back to the platform.
pub fn check(
    client: &Client,
    return_to: &ReturnTo,
    parameters: &Parameters,
) -> Result<AuthorizationRequest, OAuthError> {
    if parameters.first_duplicate(&SINGLE).is_some() {
        return Err(OAuthError::invalid_request("a parameter is repeated"));
    }
    if parameters
        .get("state")
        .is_some_and(|state| state.len() > MAX_STATE_BYTES)
    {
        return Err(OAuthError::invalid_request(
            "state is longer than 4096 bytes",
        ));
    }
    // OpenID Connect Core §3.1.2.6; nothing is ever fetched.
    if parameters.get("request").is_some() {
        return Err(OAuthError::request_not_supported(
            "request objects are not supported",
        ));
    }
    if parameters.get("request_uri").is_some() {
        return Err(OAuthError::request_uri_not_supported(
            "request objects are not supported",
        ));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(OAuthError::unsupported_response_type(
                "response_type must be code",
            ));
        }
        None => return Err(OAuthError::invalid_request("response_type is missing")),
    }
    if parameters
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(OAuthError::invalid_request("response_mode must be query"));
    }
    let challenge = CodeChallenge::of_request(
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
    )?;
    // RFC 9700 §2.1.1.
    if challenge.is_none() && !client.confidential {
        return Err(OAuthError::invalid_request(
            "a public client must send a code_challenge",
        ));
    }
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri: return_to.redirect_uri().to_owned(),
        scopes: asked_scopes(client, parameters.get("scope"))?.to_names(),
        state: parameters.get("state").map(str::to_owned),
        code_challenge: challenge.map(|challenge| challenge.as_str().to_owned()),
    })
}

fn asked_scopes(client: &Client, scope: Option<&str>) -> Result<ScopeSet, OAuthError> {
    let text = scope.unwrap_or_default();
    if text.len() > MAX_SCOPE_BYTES {
        return Err(OAuthError::invalid_scope("scope is too long"));
    }
    let asked = ScopeSet::parse(text)
        .map_err(|error| OAuthError::invalid_scope("scope is malformed").caused_by(error))?;
    if asked.is_empty() {
        return Ok(client.scopes.clone());
    }
    if !asked.is_subset_of(&client.scopes) {
        return Err(OAuthError::invalid_scope(
            "scope asks for more than the client is registered for",
        ));
    }
    with_always_granted(&asked.to_names())
        .map_err(|error| OAuthError::invalid_scope("scope is malformed").caused_by(error))
}

impl AuthorizationRequest {
    /// What history tells of it.
    pub fn in_words(&self) -> String {
        let scopes = self.scopes.join(" ");
        let pkce = self.code_challenge.as_ref().map_or("without", |_| "with");
        format!("{scopes}, {pkce} PKCE")
    }

    /// Looks at the client again before a page is shown or an answer given: it may have been disabled,
    /// or lost the URI or a scope, since the flow began.
    pub fn check_again(
        &self,
        client: Option<Arc<Client>>,
        url: &PublicUrl,
    ) -> Result<(Arc<Client>, ReturnTo), Refusal> {
        let gone = || {
            PageError::from(Problem::UnknownClient {
                reason: "the client was deleted meanwhile".to_owned(),
            })
        };
        let client = client.ok_or_else(gone)?;
        let named = Some(client.name.clone());
        let Some(return_to) =
            ReturnTo::prove(&client, &self.redirect_uri, self.state.as_deref(), url)
        else {
            let reason = "redirect_uri is no longer registered for this client".to_owned();
            return Err(Refusal::Page(
                Problem::BadRequest {
                    client: named,
                    reason,
                }
                .into(),
            ));
        };
        if !client.is_enabled() {
            return Err(Refusal::Page(
                Problem::ClientDisabled { client: named }.into(),
            ));
        }
        if self
            .scopes
            .iter()
            .all(|scope| client.scopes.contains(scope))
        {
            Ok((client, return_to))
        } else {
            let error = OAuthError::invalid_scope("the client lost a scope meanwhile");
            Err(Refusal::Redirect(return_to, error))
        }
    }
}
