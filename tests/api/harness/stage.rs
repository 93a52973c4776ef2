//! What most tests begin with: a server, a client, a person and their browser.

use sqlx::PgPool;

use super::{
    Answer, Browser, Person, Pkce, Platform, Redirect, Registered, TestApp, Tokens, tokens,
};
use linkgate::client::registration::Draft;

/// A person in front of a platform, ready to link.
pub struct Stage {
    pub app: TestApp,
    pub client: Registered,
    pub platform: Platform,
    pub person: Person,
    pub browser: Browser,
}

impl Stage {
    /// With a client without quirks.
    pub async fn set(db: PgPool) -> Self {
        Self::set_for(db, super::draft()).await
    }

    /// With a client that can't keep a secret.
    pub async fn set_public(db: PgPool) -> Self {
        Self::set_for(db, super::public_draft()).await
    }

    /// With that client.
    pub async fn set_for(db: PgPool, draft: Draft) -> Self {
        Self::on(TestApp::spawn(db).await, draft).await
    }

    /// On that server.
    pub async fn on(app: TestApp, draft: Draft) -> Self {
        let client = app.register(draft).await;
        let person = app.person("haneul@example.com").await;
        Self {
            platform: app.platform(&client),
            browser: app.browser(),
            client,
            person,
            app,
        }
    }

    /// Opens the authorization request with these parameters.
    pub async fn open(&self, parameters: &[(&str, &str)]) -> Answer {
        self.browser.get(&self.platform.url_with(parameters)).await
    }

    /// The consent page for these parameters, after a login where there was none.
    pub async fn consent_page(&self, parameters: &[(&str, &str)]) -> Answer {
        let url = self.platform.url_with(parameters);
        self.browser.consent_page(&self.person, &url).await
    }

    /// The redirect after the person approved.
    pub async fn approve(&self, parameters: &[(&str, &str)]) -> Redirect {
        let page = self.consent_page(parameters).await;
        Redirect::of(&self.browser.decide(&page, "approve").await)
    }

    /// A code, bound to PKCE where the client needs that.
    pub async fn code(&self) -> String {
        let pkce = Pkce::default();
        let with_pkce = pkce.parameters();
        let parameters: &[_] = if self.client.client.confidential {
            &[]
        } else {
            &with_pkce
        };
        self.approve(parameters).await.code().to_owned()
    }

    /// Redeems a code of [`Self::code`].
    pub async fn redeem(&self, code: &str) -> Answer {
        let pkce = Pkce::default();
        let more: &[_] = if self.client.client.confidential {
            &[]
        } else {
            &[("code_verifier", pkce.verifier.as_str())]
        };
        self.platform.redeem(code, more).await
    }

    /// A link, and its first tokens.
    pub async fn link(&self) -> Tokens {
        let code = self.code().await;
        tokens(&self.redeem(&code).await)
    }

    /// Whether the access token is good.
    pub async fn resolves(&self, tokens: &Tokens) -> bool {
        self.platform.resolve(&tokens.access).await.status == 200
    }
}
