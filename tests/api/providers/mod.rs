//! Signing in with others, against a stand-in that plays them.

mod accounts;
mod connecting;
mod console;
mod faults;
mod quirks;
mod stand_in;
mod tokens;

use linkgate::admin::AdminRole::Owner;
use serde_json::json;
use sqlx::PgPool;

use self::stand_in::{CLIENT_ID, CLIENT_SECRET, StandIn};
use crate::harness::{Answer, Browser, Form, MailServer, TestApp};

/// A server, the stand-in, and an owner who sets providers up.
pub struct Scene {
    pub app: TestApp,
    pub mail: MailServer,
    pub there: StandIn,
    pub owner: Browser,
}

impl Scene {
    /// With sign-up open, and a provider of the generic kind called `company`.
    pub async fn set(db: PgPool) -> Self {
        let scene = Self::bare(db, &[("LINKGATE_SIGNUP", "open")]).await;
        scene.set_up("oidc").await;
        scene
    }

    /// Without any.
    pub async fn bare(db: PgPool, settings: &[(&str, &str)]) -> Self {
        let (mail, there) = (MailServer::open().await, StandIn::open());
        let ours = [
            ("LINKGATE_SMTP_URL", mail.url.as_str()),
            ("LINKGATE_OUTBOUND_PRIVATE", "allow"),
            ("LINKGATE_PROVIDER_STAND_IN", there.url.as_str()),
        ];
        let app = TestApp::spawn_with(db, &[&ours, settings].concat()).await;
        there.with(|playing| playing.person["now"] = json!(app.now().timestamp()));
        let owner = app.console(Owner).await;
        Self {
            app,
            mail,
            there,
            owner,
        }
    }

    /// Sets a provider of that kind up; gives its id.
    pub async fn set_up(&self, kind: &str) -> String {
        let page = format!("/admin/providers/new?kind={kind}");
        let mut fields = vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
        if kind == "oidc" {
            fields.extend([
                ("id", "company"),
                ("issuer", &self.there.url),
                ("name_en", "Company"),
            ]);
        }
        let answer = self
            .owner
            .fill_in(&page, "/admin/providers/new", &fields)
            .await;
        assert!(
            answer.location().contains("done=provider-saved"),
            "{answer:?}"
        );
        if kind == "oidc" { "company" } else { kind }.to_owned()
    }

    /// Who comes, under the standard names.
    pub fn person(&self, subject: &str, email: Option<(&str, bool)>) {
        self.there.with(|playing| {
            let mut person =
                json!({ "sub": subject, "name": "이소라", "now": playing.person["now"] });
            if let Some((email, verified)) = email {
                person["email"] = json!(email);
                person["email_verified"] = json!(verified);
            }
            playing.person = person;
        });
    }

    /// Taps the button at a page; gives the address of the provider.
    pub async fn leave(&self, browser: &Browser, page: &str, id: &str) -> String {
        let answer = self.tap(browser, page, id).await;
        answer.location().to_owned()
    }

    pub async fn tap(&self, browser: &Browser, page: &str, id: &str) -> Answer {
        let page = browser.get(page).await;
        browser.submit(&button(&page, id)).await
    }

    /// Comes back from the provider with that query.
    pub async fn come_back(
        &self,
        browser: &Browser,
        id: &str,
        query: &[(String, String)],
    ) -> Answer {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let query = pairs.extend_pairs(query).finish();
        let address = format!("/login/with/{id}/callback?{query}");
        browser.get(&address).await
    }

    /// All the way to the provider and back.
    pub async fn round_trip(&self, browser: &Browser, page: &str, id: &str) -> Answer {
        let there = self.leave(browser, page, id).await;
        let query = self.there.sign_in(&there);
        self.come_back(browser, id, &query).await
    }

    /// An account of that person at the provider, made by themselves; the browser is signed in.
    pub async fn newcomer(&self, id: &str) -> Browser {
        let browser = self.app.browser();
        let back = self.round_trip(&browser, "/login", id).await;
        assert_eq!(back.location(), "/signup/with", "{back:?}");
        let page = browser.get("/signup/with").await;
        let done = browser.submit(&page.form("/signup/with")).await;
        assert_eq!(done.location(), "/account", "{done:?}");
        browser
    }
}

/// The form of the buttons, posted by that one.
pub fn button(page: &Answer, id: &str) -> Form {
    let action = format!("/login/with/{id}");
    assert!(
        page.body.contains(&format!("formaction=\"{action}\"")),
        "{page:?}"
    );
    let first = page.body.split("action=\"/login/with/").nth(1).unwrap();
    let first = first.split('"').next().unwrap();
    Form {
        action,
        ..page.form(&format!("/login/with/{first}"))
    }
}
