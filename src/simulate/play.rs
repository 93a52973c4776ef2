//! The play itself: what the platform, the person and the chatbot do, in their order.

use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use super::{
    Options, Steps, Surroundings,
    browser::{Browser, Landing, Refused, unreachable},
    cek::Cek,
    chatbot::{self, Chatbot},
    page::{self, Form},
    platform::{Platform, Server, Tokens},
};
use crate::{
    chatbot::action::Action,
    client::{Client, Rotation},
    foundation::{
        clock::Clock,
        secret::{ClientSecretKind, Plain},
    },
};

/// A simulation under way.
pub(super) struct Play<'a> {
    options: &'a Options,
    client: &'a Client,
    actions: &'a [Action],
    http: reqwest::Client,
    /// Where the client's platform signs its requests.
    cek: Option<Cek<'a>>,
    /// The code, once there is one: what the link can be found by.
    pub(super) code: Option<String>,
}

/// The part of `/resolve`'s answer that is looked at.
#[derive(Deserialize)]
struct Resolved {
    account: ResolvedAccount,
    link: ResolvedLink,
}

#[derive(Deserialize)]
struct ResolvedAccount {
    id: String,
    email: Option<String>,
}

#[derive(Deserialize)]
struct ResolvedLink {
    client_id: String,
    scope: Vec<String>,
}

type Done<T> = anyhow::Result<(T, String)>;

impl<'a> Play<'a> {
    pub(super) fn new(
        options: &'a Options,
        client: &'a Client,
        actions: &'a [Action],
        http: reqwest::Client,
        cek: Option<Cek<'a>>,
    ) -> Self {
        Self {
            options,
            client,
            actions,
            http,
            cek,
            code: None,
        }
    }

    /// Everything, up to the first step that fails.
    pub(super) async fn run(
        &mut self,
        secret: Option<&Plain<ClientSecretKind>>,
        surroundings: Surroundings<'_>,
        steps: &mut Steps<'_>,
    ) -> Option<()> {
        let Surroundings { random, clock, .. } = surroundings;
        let server = steps.step("metadata", self.discover()).await?;
        let base = self.options.base_url.clone();
        let mut browser = Browser::new(self.http.clone(), base, server.issuer.clone());
        let platform = Platform::of(self.client, secret, &server, self.http.clone(), random);
        let (mut platform, login) = steps
            .step("authorize", authorize(platform, &mut browser))
            .await?;
        let consent = steps
            .step("login", self.log_in(&login, &mut browser))
            .await?;
        let location = steps
            .step("consent", approve(&consent, &mut browser))
            .await?;
        let code = steps
            .step("redirect", async {
                self.read_redirect(&location, &platform, &server)
            })
            .await?;
        self.code = Some(code.clone());
        let first = steps.step("token", exchange(&mut platform, code)).await?;
        let second = steps
            .step("refresh", self.refresh(&platform, &first))
            .await?;
        let third = steps
            .step(
                "lost_answer",
                self.refresh_again(&platform, &first, &second),
            )
            .await?;
        steps.step("resolve", self.resolve(&third.access)).await?;
        let chatbot = Chatbot {
            client: self.client,
            base_url: &self.options.base_url,
            http: &self.http,
            token: &third.access,
        };
        for call in chatbot::calls(self.actions) {
            steps.step(call.to_string(), chatbot.call(&call)).await?;
        }
        if let Some(cek) = &self.cek {
            cek.converse(&third.access, steps).await?;
        }
        steps
            .step("revoke", self.end(&platform, &third, secret))
            .await?;
        let again = Platform::of(self.client, secret, &server, self.http.clone(), random);
        self.leave(again, (&server, &mut browser), clock, steps)
            .await
    }

    /// Where the platform tells of it: the person links again, and disables the extension.
    async fn leave(
        &mut self,
        platform: anyhow::Result<Platform>,
        (server, browser): (&Server, &mut Browser),
        clock: &dyn Clock,
        steps: &mut Steps<'_>,
    ) -> Option<()> {
        let Some(cek) = &self.cek else {
            return Some(());
        };
        if !cek.takes_events() {
            let why = "the client has no extension id, and without it no event is taken";
            steps.skip("cek:disabled", why);
            return Some(());
        }
        let again = self.link_again(platform, browser, server);
        let again = steps.step("relink", again).await?;
        steps
            .step("cek:disabled", self.disable(&again, clock.now()))
            .await
    }

    async fn discover(&self) -> Done<Server> {
        let server = Server::discover(&self.http, &self.options.base_url).await?;
        let detail = format!("issuer {}", server.issuer);
        Ok((server, detail))
    }

    async fn log_in(&self, form: &Form, browser: &mut Browser) -> Done<Form> {
        let email = self.options.email.as_str();
        let password = self.options.password.expose_secret();
        let filled = [("email", email), ("password", password)];
        let landing = browser.post(form, &filled).await.map_err(|error| {
            match error.downcast_ref::<Refused>() {
                Some(Refused { status: 422, .. }) => {
                    anyhow!("the e-mail address or the password is wrong")
                }
                _ => error,
            }
        })?;
        let page = browser.land(landing).await?;
        let form = with_field(&page, "decision").context("this is not the consent page")?;
        Ok((form, format!("as {email}; the consent page")))
    }

    fn read_redirect(&self, location: &str, platform: &Platform, server: &Server) -> Done<String> {
        let issuer = self.client.settings.send_iss.then_some(&*server.issuer);
        let code = platform.read_redirect(location, issuer)?;
        let host = Url::parse(location)?
            .host_str()
            .unwrap_or_default()
            .to_owned();
        let iss = if issuer.is_some() { " and iss" } else { "" };
        Ok((
            code,
            format!("to {host} (not followed): code, the same state{iss}"),
        ))
    }

    async fn refresh(&self, platform: &Platform, first: &Tokens) -> Done<Tokens> {
        let second = platform.refresh(&first.refresh).await?;
        ensure!(
            second.access != first.access,
            "the access token is the same as before"
        );
        let rotates = self.client.settings.rotation == Rotation::Deferred;
        ensure!(
            (second.refresh != first.refresh) == rotates,
            "the refresh token does not change as the client's rotation says"
        );
        let what = if rotates {
            "a new refresh token"
        } else {
            "the same refresh token, as set"
        };
        Ok((second, format!("a new access token, {what}")))
    }

    /// The answer of the first refresh was lost: the platform asks again with the token it has.
    async fn refresh_again(
        &self,
        platform: &Platform,
        first: &Tokens,
        lost: &Tokens,
    ) -> Done<Tokens> {
        let again = platform.refresh(&first.refresh).await?;
        ensure!(
            again.refresh == lost.refresh,
            "the repeated refresh gave another refresh token than the lost answer"
        );
        ensure!(
            again.access != lost.access,
            "the access token is the same as in the lost answer"
        );
        let detail = "the same refresh token as in the lost answer, a new access token";
        Ok((again, detail.to_owned()))
    }

    /// Gives the link's id.
    async fn resolve(&self, token: &str) -> Done<()> {
        let request = self.http.get(self.address("/resolve")?).bearer_auth(token);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        ensure!(
            status.is_success(),
            "the access token was refused with {status}"
        );
        let resolved: Resolved = response.json().await.context("the answer can't be read")?;
        ensure!(
            resolved.link.client_id == self.client.id.as_str(),
            "the token stands for a link of another client"
        );
        let wanted = self.options.email.to_lowercase();
        if let Some(email) = &resolved.account.email {
            ensure!(
                email.to_lowercase() == wanted.trim(),
                "the token stands for {email}"
            );
        }
        let whose = resolved.account.email.unwrap_or(resolved.account.id);
        let scopes = resolved.link.scope.join(" ");
        Ok(((), format!("{whose}; {scopes}")))
    }

    /// The person links once more, and is still logged in.
    async fn link_again(
        &mut self,
        platform: anyhow::Result<Platform>,
        browser: &mut Browser,
        server: &Server,
    ) -> Done<Tokens> {
        let mut platform = platform?;
        let landing = browser.open(&platform.authorization_address()).await?;
        let page = browser.land(landing).await?;
        let form = with_field(&page, "decision").context("this is not the consent page")?;
        let (location, _) = approve(&form, browser).await?;
        let (code, _) = self.read_redirect(&location, &platform, server)?;
        self.code = Some(code.clone());
        let (tokens, _) = exchange(&mut platform, code).await?;
        Ok((tokens, "still logged in: approved, new tokens".to_owned()))
    }

    /// The person disables the extension in the platform's store; then the token must be dead.
    async fn disable(&self, tokens: &Tokens, now: DateTime<Utc>) -> Done<()> {
        let cek = self.cek.as_ref().context("there is no CEK")?;
        cek.disable(&tokens.access, now).await?;
        self.ensure_dead(&tokens.access, "the extension was disabled")
            .await?;
        Ok(((), "the store's event; the token is dead".to_owned()))
    }

    /// Ends the link as the platform would; then the token must be dead.
    async fn end(
        &self,
        platform: &Platform,
        tokens: &Tokens,
        secret: Option<&Plain<ClientSecretKind>>,
    ) -> Done<()> {
        platform.revoke(&tokens.refresh, secret).await?;
        self.ensure_dead(&tokens.access, "the link was revoked")
            .await?;
        Ok(((), "revoked; the token is dead".to_owned()))
    }

    async fn ensure_dead(&self, token: &str, since: &str) -> anyhow::Result<()> {
        let request = self.http.get(self.address("/resolve")?).bearer_auth(token);
        let status = request.send().await.map_err(unreachable)?.status();
        ensure!(
            status == StatusCode::UNAUTHORIZED,
            "{since}, yet its access token is answered with {status}"
        );
        Ok(())
    }

    fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.options.base_url.join(path)?)
    }
}

/// Opens the authorization request in the person's browser; gives the login form.
async fn authorize(
    platform: anyhow::Result<Platform>,
    browser: &mut Browser,
) -> Done<(Platform, Form)> {
    let platform = platform?;
    let page = match browser.open(&platform.authorization_address()).await? {
        Landing::Redirect(to) if !to.starts_with('/') => {
            bail!("the server refused the request and sent the person back to {to}")
        }
        landing => browser.land(landing).await?,
    };
    let form = with_field(&page, "password").context("this is not the login page")?;
    let detail = format!("{}; the login page", platform.describe_request());
    Ok(((platform, form), detail))
}

/// Taps "approve"; gives where the person is sent.
async fn approve(form: &Form, browser: &mut Browser) -> Done<String> {
    match browser.post(form, &[("decision", "approve")]).await? {
        Landing::Redirect(location) => Ok((location, "approved".to_owned())),
        Landing::Page(page) => {
            let heading = page::heading(&page).unwrap_or_default();
            bail!("approving led to the page “{heading}” instead of back to the platform")
        }
    }
}

async fn exchange(platform: &mut Platform, code: String) -> Done<Tokens> {
    let tokens = platform.exchange(code).await?;
    let detail = format!(
        "an access token for {} s, a refresh token",
        tokens.expires_in
    );
    Ok((tokens, detail))
}

pub(super) fn with_field(page: &str, field: &str) -> anyhow::Result<Form> {
    let mut forms = page::forms(page).into_iter();
    forms
        .find(|form| form.fields.iter().any(|name| name == field))
        .with_context(|| format!("the page is “{}”", page::heading(page).unwrap_or_default()))
}

pub(super) fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}
