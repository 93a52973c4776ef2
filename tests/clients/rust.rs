//! The client from crates.io.

use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IntrospectionUrl, PkceCodeChallenge, RedirectUrl, RequestTokenError,
    RevocationUrl, Scope, TokenIntrospectionResponse, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponseType},
};
use reqwest::{Client, redirect::Policy};
use sqlx::PgPool;

use crate::harness::{Person, REDIRECT_URI, TestApp};

/// The crate revokes over TLS alone, so this is what it is told; a proxy would end the TLS.
const PUBLIC_URL: &str = "https://linkgate.test";

#[sqlx::test]
async fn oauth2_links_refreshes_and_revokes(db: PgPool) {
    let app = TestApp::spawn_with(db, &[("LINKGATE_PUBLIC_URL", PUBLIC_URL)]).await;
    let (client, person) = (app.client().await, app.person("haneul@example.com").await);
    for place in [AuthType::BasicAuth, AuthType::RequestBody] {
        let secret = ClientSecret::new(client.secret.clone().unwrap());
        let url = |path: &str| format!("{PUBLIC_URL}{path}");
        let oauth = BasicClient::new(ClientId::new(client.id()))
            .set_client_secret(secret)
            .set_auth_type(place)
            .set_auth_uri(AuthUrl::new(url("/oauth/authorize")).unwrap())
            .set_token_uri(TokenUrl::new(url("/oauth/token")).unwrap())
            .set_introspection_url(IntrospectionUrl::new(url("/oauth/introspect")).unwrap())
            .set_revocation_url(RevocationUrl::new(url("/oauth/revoke")).unwrap())
            .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).unwrap());
        let http = |request| send(&app, request);

        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asking = oauth.authorize_url(CsrfToken::new_random);
        let asking = asking.add_scope(Scope::new("account:email".to_owned()));
        let (asked, state) = asking.set_pkce_challenge(challenge).url();
        let code = approve(&app, &person, asked.as_str(), state.secret()).await;
        let exchange = oauth.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.set_pkce_verifier(verifier).request_async(&http);
        let linked = exchange.await.unwrap();
        assert!(is_active(&app, linked.access_token()).await);

        let token = linked.refresh_token().unwrap();
        let refreshed = oauth.exchange_refresh_token(token).request_async(&http);
        let refreshed = refreshed.await.unwrap();
        let asking = oauth.introspect(refreshed.access_token());
        let known = asking.request_async(&http).await.unwrap();
        assert!(known.active());
        assert_eq!(known.client_id(), Some(&ClientId::new(client.id())));

        let token = refreshed.refresh_token().unwrap().clone();
        let revoking = oauth.revoke_token(token.clone().into()).unwrap();
        revoking.request_async(&http).await.unwrap();
        assert!(!is_active(&app, refreshed.access_token()).await);
        let again = oauth.exchange_refresh_token(&token).request_async(&http);
        let RequestTokenError::ServerResponse(refusal) = again.await.unwrap_err() else {
            panic!("a refusal that the crate can't read");
        };
        assert_eq!(refusal.error(), &BasicErrorResponseType::InvalidGrant);
    }
}

/// Through the proxy that there would be.
async fn send(app: &TestApp, mut request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let behind = request.uri().to_string().replace(PUBLIC_URL, &app.url);
    *request.uri_mut() = behind.parse().unwrap();
    let http = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()?;
    let response = http.execute(request.try_into()?).await?;
    let mut carried = oauth2::http::Response::builder().status(response.status());
    let headers = carried.headers_mut().unwrap();
    headers.clone_from(response.headers());
    Ok(carried.body(response.bytes().await?.to_vec()).unwrap())
}

/// Approves, and does what the crate leaves to its users: checks the state and the issuer.
async fn approve(app: &TestApp, person: &Person, asked: &str, state: &str) -> String {
    let behind = asked.replace(PUBLIC_URL, &app.url);
    let back = app.browser().approve(person, &behind).await;
    assert_eq!(back.target, REDIRECT_URI);
    assert_eq!(back.get("state"), Some(state));
    assert_eq!(back.get("iss"), Some(PUBLIC_URL));
    back.code().to_owned()
}

async fn is_active(app: &TestApp, token: &AccessToken) -> bool {
    let http = Client::builder().no_proxy().build().unwrap();
    let asking = http.get(format!("{}/resolve", app.url));
    let answer = asking.bearer_auth(token.secret()).send().await.unwrap();
    match answer.status().as_u16() {
        200 => true,
        401 => false,
        other => panic!("neither a yes nor a no: {other}"),
    }
}
