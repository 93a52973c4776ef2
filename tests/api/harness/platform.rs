//! An assistant platform: well-behaved through the `oauth2` crate, and raw where it misbehaves.

use base64::{Engine, engine::general_purpose::STANDARD};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    Scope, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
};
use reqwest::{Client, redirect::Policy};
use url::form_urlencoded;

use super::{
    Answer, Registered,
    canary::{self, Kind},
};

type OAuth = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The platform's servers.
pub struct Platform {
    pub client_id: String,
    pub secret: Option<String>,
    pub redirect_uri: String,
    base: String,
    http: Client,
    oauth: OAuth,
}

/// An authorization request that was begun.
pub struct Asked {
    pub url: String,
    pub state: String,
    verifier: PkceCodeVerifier,
}

/// What a platform keeps of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub expires_in: u64,
    pub scope: String,
}

impl Platform {
    pub fn new(base: &str, client: &Registered) -> Self {
        let secret = client.secret.clone();
        let redirect_uri = client.client.redirect_uris.first().unwrap().clone();
        let oauth = BasicClient::new(ClientId::new(client.id()))
            .set_auth_uri(AuthUrl::new(format!("{base}/oauth/authorize")).unwrap())
            .set_token_uri(TokenUrl::new(format!("{base}/oauth/token")).unwrap())
            .set_redirect_uri(RedirectUrl::new(redirect_uri.clone()).unwrap());
        let oauth = match secret.clone() {
            Some(secret) => oauth.set_client_secret(ClientSecret::new(secret)),
            None => oauth,
        };
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            client_id: client.id(),
            secret,
            redirect_uri,
            base: base.to_owned(),
            http: http.build().unwrap(),
            oauth,
        }
    }

    /// A well-formed authorization request with PKCE.
    pub fn ask(&self, scopes: &[&str]) -> Asked {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = scopes.iter().map(|scope| Scope::new((*scope).to_owned()));
        let request = self.oauth.authorize_url(CsrfToken::new_random);
        let (url, state) = request
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        canary::note(Kind::State, state.secret());
        canary::note(Kind::Verifier, verifier.secret());
        Asked {
            url: url.into(),
            state: state.into_secret(),
            verifier,
        }
    }

    /// Exchanges the code as the request demands.
    pub async fn exchange(&self, asked: Asked, code: &str) -> Tokens {
        let code = AuthorizationCode::new(code.to_owned());
        let exchange = self
            .oauth
            .exchange_code(code)
            .set_pkce_verifier(asked.verifier);
        let answer = exchange.request_async(&|request| self.carry(request)).await;
        Tokens::of(&answer.unwrap())
    }

    /// Refreshes as the crate does.
    pub async fn refresh(&self, tokens: &Tokens) -> Tokens {
        let token = RefreshToken::new(tokens.refresh.clone());
        let refresh = self.oauth.exchange_refresh_token(&token);
        Tokens::of(
            &refresh
                .request_async(&|request| self.carry(request))
                .await
                .unwrap(),
        )
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
        let response = self.http.execute(request.try_into()?).await?;
        let mut carried = oauth2::http::Response::builder().status(response.status());
        carried
            .headers_mut()
            .unwrap()
            .clone_from(response.headers());
        let body = response.bytes().await?.to_vec();
        Ok(carried.body(body).unwrap())
    }

    /// The authorization request with exactly these parameters beside `client_id`, `redirect_uri`
    /// and `response_type=code`; one that is given replaces ours, an empty one removes it.
    pub fn url_with(&self, parameters: &[(&str, &str)]) -> String {
        let ours = [
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
        ];
        let given = |name: &str| parameters.iter().any(|(known, _)| *known == name);
        let kept = ours.into_iter().filter(|(name, _)| !given(name));
        let given = parameters
            .iter()
            .copied()
            .filter(|(_, value)| !value.is_empty());
        let all: Vec<_> = kept.chain(given).collect();
        if let Some((_, state)) = all.iter().find(|(name, _)| *name == "state") {
            canary::note(Kind::State, state);
        }
        self.raw_url(&encoded(&all))
    }

    /// The authorization endpoint with that very query.
    pub fn raw_url(&self, query: &str) -> String {
        format!("{}/oauth/authorize?{query}", self.base)
    }

    /// A token request of exactly these fields, with Basic credentials where there is a secret.
    pub async fn post(&self, fields: &[(&str, &str)]) -> Answer {
        self.post_to("/oauth/token", fields).await
    }

    /// The same at another endpoint where clients authenticate.
    pub async fn post_to(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        if let Some(secret) = &self.secret {
            let basic = basic(&self.client_id, secret);
            let headers = [("authorization", basic.as_str()), FORM];
            return self.send("POST", path, &encoded(fields), &headers).await;
        }
        let named = fields
            .iter()
            .copied()
            .chain([("client_id", self.client_id.as_str())]);
        let body = encoded(&named.collect::<Vec<_>>());
        self.send("POST", path, &body, &[FORM]).await
    }

    /// A form of exactly these fields, without credentials.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, &encoded(fields), &[FORM]).await
    }

    /// A token request of exactly these fields and nothing else.
    pub async fn post_bare(&self, fields: &[(&str, &str)]) -> Answer {
        self.post_raw(&encoded(fields), &[]).await
    }

    /// A token request of exactly that form body and these headers.
    pub async fn post_raw(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([FORM]).collect();
        self.send("POST", "/oauth/token", body, &headers).await
    }

    /// Any request, without cookies.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_owned());
        Answer::read(request.send().await.unwrap()).await
    }

    /// Redeems a code, with these fields too; one that is given replaces ours.
    pub async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let ours = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
        ];
        self.post(&overlaid(&ours, more)).await
    }

    /// Refreshes with a token, with these fields too.
    pub async fn refresh_with(&self, refresh_token: &str, more: &[(&str, &str)]) -> Answer {
        let ours = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.post(&overlaid(&ours, more)).await
    }

    /// Revokes a token.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.post_to("/oauth/revoke", &[("token", token)]).await
    }

    /// Asks what a token is good for.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.post_to("/oauth/introspect", &[("token", token)]).await
    }

    /// Asks whose account an access token stands for.
    pub async fn resolve(&self, access_token: &str) -> Answer {
        let bearer = format!("Bearer {access_token}");
        self.send("GET", "/resolve", "", &[("authorization", &bearer)])
            .await
    }
}

impl Tokens {
    fn of(answer: &BasicTokenResponse) -> Self {
        let scopes = answer.scopes().unwrap().iter().map(|scope| scope.as_str());
        let (access, refresh) = (answer.access_token(), answer.refresh_token().unwrap());
        canary::note(Kind::AccessToken, access.secret());
        canary::note(Kind::RefreshToken, refresh.secret());
        Self {
            access: access.secret().clone(),
            refresh: refresh.secret().clone(),
            expires_in: answer.expires_in().unwrap().as_secs(),
            scope: scopes.collect::<Vec<_>>().join(" "),
        }
    }
}

/// The tokens of a raw answer; anything but a success fails the test.
#[track_caller]
pub fn tokens(answer: &Answer) -> Tokens {
    assert_eq!(answer.status, 200, "{answer:?}");
    Tokens::of(&serde_json::from_str(&answer.body).unwrap())
}

/// An `Authorization: Basic` value, encoded as RFC 6749 §2.3.1 wants it.
pub fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// Fields as a form or a query.
fn encoded(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

fn overlaid<'a>(
    ours: &[(&'a str, &'a str)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let replaced = |name: &str| more.iter().any(|(given, _)| *given == name);
    let kept = ours.iter().filter(|(name, _)| !replaced(name));
    kept.chain(more).copied().collect()
}
