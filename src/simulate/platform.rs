//! The assistant platform's own part: the metadata, the authorization request, the token endpoint.

use std::{future::Future, pin::Pin};

use anyhow::{Context, anyhow, bail, ensure};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
};
use serde::Deserialize;
use url::{Url, form_urlencoded::byte_serialize};

use super::browser::unreachable;
use crate::{
    client::{
        Client,
        preset::{ClientAuthMethod, Pkce, Preset},
    },
    foundation::{
        random::Random,
        secret::{ClientSecretKind, Plain},
    },
};

/// How long CLOVA's `state` is about.
const STATE_CHARACTERS: usize = 300;

type OAuthClient =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// A server as its metadata describes it, reached at another address than its public one if asked.
pub struct Server {
    /// The issuer, as it calls itself.
    pub issuer: String,
    authorization: Url,
    token: Url,
    revocation: Url,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
}

/// One platform with one request under way.
pub struct Platform {
    http: reqwest::Client,
    oauth: OAuthClient,
    scopes: Vec<Scope>,
    redirect_uri: String,
    state: String,
    verifier: Option<PkceCodeVerifier>,
    revocation: Url,
    in_body: bool,
}

/// The tokens of an answer, in the clear.
pub struct Tokens {
    /// To be shown to the server.
    pub access: String,
    /// For the next access token.
    pub refresh: String,
    /// How long the access token is good, seconds.
    pub expires_in: u64,
}

impl Server {
    /// Reads the metadata (RFC 8414 §3) of the server at `base`.
    pub async fn discover(http: &reqwest::Client, base: &Url) -> anyhow::Result<Self> {
        let address = base.join("/.well-known/oauth-authorization-server")?;
        let response = http.get(address).send().await.map_err(unreachable)?;
        ensure!(
            response.status().is_success(),
            "the server answered {}",
            response.status()
        );
        let metadata: Metadata = response
            .json()
            .await
            .context("the answer is no server metadata; is this a Linkgate?")?;
        let reach = |endpoint: &str| -> anyhow::Result<Url> {
            let path = endpoint.strip_prefix(&metadata.issuer);
            Ok(base.join(path.with_context(|| format!("{endpoint} is not below the issuer"))?)?)
        };
        Ok(Self {
            authorization: reach(&metadata.authorization_endpoint)?,
            token: reach(&metadata.token_endpoint)?,
            revocation: reach(&metadata.revocation_endpoint)?,
            issuer: metadata.issuer,
        })
    }
}

impl Platform {
    /// The platform that client is the registration of.
    pub fn of(
        client: &Client,
        secret: Option<&Plain<ClientSecretKind>>,
        server: &Server,
        http: reqwest::Client,
        random: &dyn Random,
    ) -> anyhow::Result<Self> {
        let preset = Preset::find(&client.preset);
        let redirect_uri = client.redirect_uris.first();
        let redirect_uri = redirect_uri.context("the client has no redirect URI")?;
        let in_body = preset.is_some_and(|preset| preset.client_auth == ClientAuthMethod::Body);
        let mut oauth = BasicClient::new(ClientId::new(client.id.to_string()))
            .set_auth_uri(AuthUrl::from_url(server.authorization.clone()))
            .set_token_uri(TokenUrl::from_url(server.token.clone()))
            .set_redirect_uri(RedirectUrl::new(redirect_uri.clone())?)
            .set_auth_type(if in_body {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            });
        if let Some(secret) = secret {
            oauth = oauth.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
        }
        let sends_pkce = preset.is_none_or(|preset| preset.pkce != Pkce::NotSent);
        let verifier = (sends_pkce || !client.confidential)
            .then(|| PkceCodeVerifier::new(URL_SAFE_NO_PAD.encode(random.bytes::<32>())));
        let state = STANDARD.encode(random.bytes::<{ STATE_CHARACTERS / 4 * 3 }>());
        Ok(Self {
            http,
            oauth,
            scopes: client
                .scopes
                .iter()
                .map(|scope| Scope::new(scope.as_str().to_owned()))
                .collect(),
            redirect_uri: redirect_uri.clone(),
            state,
            verifier,
            revocation: server.revocation.clone(),
            in_body,
        })
    }

    /// Where the platform's app sends the person's browser.
    pub fn authorization_address(&self) -> String {
        let request = self
            .oauth
            .authorize_url(|| CsrfToken::new(self.state.clone()))
            .add_scopes(self.scopes.iter().cloned());
        let (url, _) = match &self.verifier {
            Some(verifier) => {
                let challenge = PkceCodeChallenge::from_code_verifier_sha256(verifier);
                request.set_pkce_challenge(challenge).url()
            }
            None => request.url(),
        };
        url.into()
    }

    /// What is peculiar about the request, for people.
    pub fn describe_request(&self) -> String {
        let pkce = if self.verifier.is_some() {
            "with"
        } else {
            "without"
        };
        format!("{STATE_CHARACTERS} characters of state, {pkce} PKCE")
    }

    /// Checks the redirect back, which is never followed, and gives its code.
    pub fn read_redirect(&self, location: &str, issuer: Option<&str>) -> anyhow::Result<String> {
        ensure!(
            location.starts_with(&self.redirect_uri),
            "the redirect goes to {location} and not to the registered {}",
            self.redirect_uri
        );
        let url = Url::parse(location)?;
        let all = |name: &str| -> Vec<String> {
            let pairs = url.query_pairs();
            let found = pairs.filter(|(found, _)| found == name);
            found.map(|(_, value)| value.into_owned()).collect()
        };
        if let [error] = &all("error")[..] {
            let description = all("error_description").join(" ");
            bail!("the server sent the person back with the error {error} {description}");
        }
        ensure!(
            all("state") == [self.state.clone()],
            "the state did not come back as it was sent"
        );
        let iss: Vec<_> = issuer.map(str::to_owned).into_iter().collect();
        ensure!(
            all("iss") == iss,
            "iss is {:?} instead of {iss:?}",
            all("iss")
        );
        match &all("code")[..] {
            [code] => Ok(code.clone()),
            _ => bail!("the redirect carries no single code"),
        }
    }

    /// Exchanges the code (RFC 6749 §4.1.3).
    pub async fn exchange(&mut self, code: String) -> anyhow::Result<Tokens> {
        let mut request = self.oauth.exchange_code(AuthorizationCode::new(code));
        if let Some(verifier) = self.verifier.take() {
            request = request.set_pkce_verifier(verifier);
        }
        let answer = request.request_async(&transport(&self.http)).await;
        Tokens::read(&answer.map_err(refused)?)
    }

    /// Refreshes (RFC 6749 §6).
    pub async fn refresh(&self, token: &str) -> anyhow::Result<Tokens> {
        let token = RefreshToken::new(token.to_owned());
        let request = self.oauth.exchange_refresh_token(&token);
        let answer = request.request_async(&transport(&self.http)).await;
        Tokens::read(&answer.map_err(refused)?)
    }

    /// Revokes the link by its refresh token (RFC 7009). Not with the crate, which does so over TLS
    /// only, and a server on loopback may be without.
    pub async fn revoke(
        &self,
        token: &str,
        secret: Option<&Plain<ClientSecretKind>>,
    ) -> anyhow::Result<()> {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let id = self.oauth.client_id().as_str();
        let mut form = vec![("token", token), ("token_type_hint", "refresh_token")];
        let request = self.http.post(self.revocation.clone());
        let request = match secret.map(Plain::expose) {
            Some(secret) if self.in_body => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                request
            }
            Some(secret) => request.basic_auth(encode(id), Some(encode(secret))),
            None => {
                form.push(("client_id", id));
                request
            }
        };
        let answer = request.form(&form).send().await.map_err(unreachable)?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "the revocation endpoint answered {status}"
        );
        Ok(())
    }
}

impl Tokens {
    fn read(answer: &BasicTokenResponse) -> anyhow::Result<Self> {
        let refresh = answer.refresh_token();
        let refresh = refresh.context("the answer has no refresh token")?;
        let expires_in = answer.expires_in();
        Ok(Self {
            access: answer.access_token().secret().clone(),
            refresh: refresh.secret().clone(),
            expires_in: expires_in
                .context("the answer has no expires_in")?
                .as_secs(),
        })
    }
}

fn refused(error: RequestTokenError<reqwest::Error, BasicErrorResponse>) -> anyhow::Error {
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            anyhow!("the token endpoint refused: {refusal}")
        }
        RequestTokenError::Request(error) => unreachable(error),
        RequestTokenError::Parse(error, _) => {
            anyhow!("the token endpoint's answer can't be read: {error}")
        }
        RequestTokenError::Other(error) => anyhow!("the token endpoint answered wrongly: {error}"),
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send>>;

/// Sends the requests of the `oauth2` crate.
fn transport(http: &reqwest::Client) -> impl Fn(HttpRequest) -> Answering {
    let http = http.clone();
    move |request| {
        let http = http.clone();
        Box::pin(async move {
            let mut response = http.execute(request.try_into()?).await?;
            let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
            let mut answer = HttpResponse::new(response.bytes().await?.into());
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}
