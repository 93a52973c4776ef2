//! A chat outside CLOVA: the chatbot asks whether it knows its user, and sends them here to log in.

use anyhow::{Context, anyhow, bail, ensure};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::{
    Options, Steps, Surroundings,
    browser::{Browser, Landing, Refused, unreachable},
    page::{self, Form},
    platform::Server,
    play::{first_line, with_field},
};
use crate::{
    client::Client,
    link::{
        self, EndReason,
        chat_user::{ChatUser, store::find_connected},
    },
};

const MESSENGER: &str = "simulation";

/// A chat with a user that nobody else is.
pub(super) struct Chat<'a> {
    options: &'a Options,
    client: &'a Client,
    http: &'a reqwest::Client,
    user: ChatUser,
}

type Done<T> = anyhow::Result<(T, String)>;

impl<'a> Chat<'a> {
    /// With a client that connects chat users.
    pub(super) fn of(
        client: &'a Client,
        options: &'a Options,
        http: &'a reqwest::Client,
        surroundings: Surroundings<'_>,
    ) -> Option<Self> {
        let user = ChatUser {
            domain_code: client.domain_code()?.to_owned(),
            platform: MESSENGER.to_owned(),
            user_id: surroundings.random.uuid().to_string(),
        };
        Some(Self {
            options,
            client,
            http,
            user,
        })
    }

    /// From a stranger to a connected chat, and back.
    pub(super) async fn play(
        &self,
        surroundings: Surroundings<'_>,
        steps: &mut Steps<'_>,
    ) -> Option<()> {
        steps.step("chat:unknown", self.confirm(false)).await?;
        let (form, mut browser) = steps.step("chat:login", self.log_in()).await?;
        let connected = self.connect(&form, &mut browser);
        steps.step("chat:connect", connected).await?;
        steps.step("chat:confirm", self.confirm(true)).await?;
        let unlinked = self.unlink(&mut browser, surroundings);
        steps.step("chat:unlink", unlinked).await?;
        steps.step("chat:gone", self.confirm(false)).await
    }

    /// Whatever step it came to, the link it made must not stay.
    pub(super) async fn end(&self, surroundings: Surroundings<'_>) -> sqlx::Result<()> {
        let Surroundings { db, clock, .. } = surroundings;
        let now = clock.now();
        if let Some(known) = find_connected(db, &self.client.id, &self.user, now).await? {
            link::store::end(db, known.link_id, EndReason::Account, now).await?;
        }
        Ok(())
    }

    async fn confirm(&self, expected: bool) -> Done<()> {
        let ChatUser {
            domain_code,
            platform,
            user_id,
        } = &self.user;
        let body = json!({ "userId": user_id, "platform": platform, "domainCode": domain_code });
        let call = self.http.post(self.address("confirm")?).json(&body);
        let response = call.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(
            status.is_success(),
            "answered {status}: {}",
            first_line(&text)
        );
        let answer: Value = serde_json::from_str(&text).context("the answer is no JSON")?;
        ensure!(
            answer == json!({ "valid": expected }),
            "answered {answer} instead of valid = {expected}"
        );
        Ok(((), answer.to_string()))
    }

    /// Follows the chatbot's button; gives the form that asks.
    async fn log_in(&self) -> Done<(Form, Browser)> {
        let base = &self.options.base_url;
        let issuer = Server::discover(self.http, base).await?.issuer;
        let mut browser = Browser::new(self.http.clone(), base.clone(), issuer);
        let mut address = self.address("login")?;
        address.query_pairs_mut().extend_pairs([
            ("userId", &self.user.user_id),
            ("platform", &self.user.platform),
            ("domainCode", &self.user.domain_code),
        ]);
        let landing = browser.open(address.as_str()).await?;
        let page = browser.land(landing).await?;
        let login = with_field(&page, "password").context("this is not the login page")?;
        let email = self.options.email.as_str();
        let password = self.options.password.expose_secret();
        let filled = [("email", email), ("password", password)];
        let landing = browser.post(&login, &filled).await.map_err(|error| {
            match error.downcast_ref::<Refused>() {
                Some(Refused { status: 422, .. }) => {
                    anyhow!("the e-mail address or the password is wrong")
                }
                _ => error,
            }
        })?;
        let page = browser.land(landing).await?;
        let form = with_field(&page, "decision").context("this is not the page that asks")?;
        ensure!(
            page.contains(&self.user.user_id),
            "the page does not name the chat"
        );
        let detail = format!("as {email}; the page that names the chat");
        Ok(((form, browser), detail))
    }

    async fn connect(&self, form: &Form, browser: &mut Browser) -> Done<()> {
        match browser.post(form, &[("decision", "approve")]).await? {
            Landing::Page(page) => {
                let heading = page::heading(&page).unwrap_or_default();
                let told = if self.client.settings.chatbot.invoke_url.is_some() {
                    "; the chatbot is told of it"
                } else {
                    ""
                };
                Ok(((), format!("the page “{heading}”{told}")))
            }
            Landing::Redirect(to) => bail!("approving led to {to} instead of to a page"),
        }
    }

    /// On the page of linked apps, as the person would.
    async fn unlink(&self, browser: &mut Browser, surroundings: Surroundings<'_>) -> Done<()> {
        let Surroundings { db, clock, .. } = surroundings;
        let known = find_connected(db, &self.client.id, &self.user, clock.now()).await?;
        let link = known
            .context("there is no link to end")?
            .link_id
            .to_string();
        let landing = browser.open("/account").await?;
        let page = browser.land(landing).await?;
        let named = ("link_id".to_owned(), link);
        let mut forms = page::forms(&page).into_iter();
        let form = forms.find(|form| form.hidden.contains(&named));
        let form = form.context("the page of linked apps does not list it")?;
        let landing = browser.post(&form, &[]).await?;
        browser.land(landing).await?;
        Ok(((), "on the page of linked apps".to_owned()))
    }

    fn address(&self, end: &str) -> anyhow::Result<Url> {
        let mut address = self.options.base_url.clone();
        let Ok(mut path) = address.path_segments_mut() else {
            bail!("{} can't have a path", self.options.base_url);
        };
        path.clear()
            .extend(["chatbot", self.client.id.as_str(), end]);
        drop(path);
        Ok(address)
    }
}
