//! From the code that a provider handed over to who it is: the `oauth2` crate exchanges it, and the ID
//! token, or an answer about the person, says the rest.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Kind, Provider,
    calls::Failure,
    directory::Directory,
    endpoints::Endpoints,
    id_token::{self, Expected},
    identity::Identity,
    known::SecretIn,
    round_trip::RoundTrip,
};

/// How long all of it may take: a page has to come before people give up.
const PATIENCE: Duration = Duration::from_secs(8);

type OAuthClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What of a token endpoint's answer is used. The rest is written in too many ways: NAVER's lifetime is
/// a text.
#[derive(Deserialize, Serialize)]
struct TokenAnswer {
    access_token: AccessToken,
    id_token: Option<String>,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenAnswer(…)")
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// One provider, ready to be talked to.
pub struct Exchange<'a> {
    provider: &'a Provider,
    endpoints: &'a Endpoints,
    directory: &'a Directory,
    secret: &'a str,
    oauth: OAuthClient,
}

impl<'a> Exchange<'a> {
    /// With our secret there, and our callback.
    pub fn new(
        provider: &'a Provider,
        (endpoints, directory): (&'a Endpoints, &'a Directory),
        secret: &'a str,
        callback: String,
    ) -> Result<Self, Failure> {
        let callback = RedirectUrl::new(callback);
        let callback = callback.map_err(|error| Failure::down(error.to_string()))?;
        let oauth = Client::new(ClientId::new(provider.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret.to_owned()))
            .set_auth_type(match endpoints.secret_in {
                SecretIn::Body => AuthType::RequestBody,
                SecretIn::Header => AuthType::BasicAuth,
            })
            .set_auth_uri(AuthUrl::from_url(endpoints.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
            .set_redirect_uri(callback);
        Ok(Self {
            provider,
            endpoints,
            directory,
            secret,
            oauth,
        })
    }

    /// Whether an answer that names `iss` may be this provider's (RFC 9207 §2.4).
    pub fn may_answer(&self, iss: Option<&str>) -> bool {
        self.endpoints.may_be(iss)
    }

    /// Where a person is sent.
    pub fn address(&self, round_trip: &RoundTrip, state: String, language: &str) -> Url {
        let known = self.provider.kind.known();
        let email = known.email_scope.filter(|_| self.provider.asks_email);
        let scopes = known.scopes.iter().copied().chain(email);
        let mut asking = self
            .oauth
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())));
        if known.pkce {
            let verifier = PkceCodeVerifier::new(round_trip.verifier());
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
            asking = asking.set_pkce_challenge(challenge);
        }
        if !known.signs_with.is_empty() {
            asking = asking.add_extra_param("nonce", round_trip.nonce());
            asking = asking.add_extra_param("ui_locales", language.to_owned());
        }
        asking.url().0
    }

    /// Who it is that comes back with this code.
    pub async fn identity(
        &self,
        code: &str,
        round_trip: &RoundTrip,
        state: &str,
        now: DateTime<Utc>,
    ) -> Result<Identity, Failure> {
        let all = async {
            let tokens = self.tokens(code, round_trip, state).await?;
            self.identity_of(&tokens, round_trip, now).await
        };
        let told = tokio::time::timeout(PATIENCE, all).await;
        told.unwrap_or_else(|_| Err(Failure::down("it did not answer in time")))
    }

    async fn tokens(
        &self,
        code: &str,
        round_trip: &RoundTrip,
        state: &str,
    ) -> Result<TokenAnswer, Failure> {
        let code = AuthorizationCode::new(code.to_owned());
        let mut asking = self.oauth.exchange_code(code);
        if self.provider.kind.known().pkce {
            let verifier = PkceCodeVerifier::new(round_trip.verifier());
            asking = asking.set_pkce_verifier(verifier);
        }
        if self.provider.kind == Kind::Naver {
            // Its token endpoint wants it, too.
            asking = asking.add_extra_param("state", state.to_owned());
        }
        let calls = &self.directory.calls;
        let answer = asking.request_async(&|request| calls.send(request)).await;
        answer.map_err(|error| match error {
            RequestTokenError::Request(failure) => failure,
            RequestTokenError::ServerResponse(refusal) => {
                let error: String = refusal.error().to_string().chars().take(80).collect();
                Failure::refused(format!("the token endpoint refused: {error}"))
            }
            // NAVER refuses with status 200.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Failure::refused("the token endpoint answered without a token")
            }
        })
    }

    async fn identity_of(
        &self,
        tokens: &TokenAnswer,
        round_trip: &RoundTrip,
        now: DateTime<Utc>,
    ) -> Result<Identity, Failure> {
        let known = self.provider.kind.known();
        let claimed = if known.signs_with.is_empty() {
            None
        } else {
            let token = tokens.id_token.as_deref();
            let token = token.ok_or_else(|| Failure::refused("it gave no ID token"))?;
            Some(self.claimed(token, round_trip, now).await?)
        };
        let (Some(reading), Some(about)) = (&known.answers, &self.endpoints.about) else {
            return claimed.ok_or_else(|| Failure::refused("it does not say who it is"));
        };
        // OpenID Connect has said all that is needed where the address is there.
        let is_whole = known.place.is_none()
            && claimed
                .as_ref()
                .is_some_and(|claimed| claimed.email.is_some() || !self.provider.asks_email);
        match claimed {
            Some(claimed) if is_whole => Ok(claimed),
            claimed => {
                let token = tokens.access_token.secret();
                let told = self.directory.calls.get(about, Some(token)).await?;
                let told = reading.read(&told)?;
                claimed.map_or(Ok(told.clone()), |claimed| claimed.with(told))
            }
        }
    }

    async fn claimed(
        &self,
        token: &str,
        round_trip: &RoundTrip,
        now: DateTime<Utc>,
    ) -> Result<Identity, Failure> {
        let known = self.provider.kind.known();
        let header = id_token::header(token, known.signs_with)?;
        let keys = if header.alg == Algorithm::HS256 {
            vec![DecodingKey::from_secret(self.secret.as_bytes())]
        } else {
            let url = self.endpoints.keys.as_ref();
            let url = url.ok_or_else(|| Failure::refused("it publishes no keys"))?;
            let keys = self.directory.keys(url);
            let mut keys = keys.lock().await;
            let named = (header.kid.as_deref(), header.alg);
            keys.candidates(named, url, &self.directory.calls, now)
                .await?
        };
        let expected = Expected {
            issuers: &self.endpoints.issuers,
            client_id: &self.provider.client_id,
            nonce: &round_trip.nonce(),
        };
        let claims = id_token::verify(token, header.alg, &keys, &expected, now)?;
        known.claims.read(&claims)
    }
}
