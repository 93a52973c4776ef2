//! An authenticator app, and who sets one up.

use chrono::{DateTime, Utc};
use linkgate::factor::totp::Seed;

use super::{Answer, Browser, PASSWORD, TestApp};

/// An authenticator app with one account in it, and the recovery codes that came with it.
#[derive(Debug, Clone)]
pub struct Authenticator {
    seed: Seed,
    pub recovery: Vec<String>,
}

impl Authenticator {
    /// What a page shows to be typed into an app.
    pub fn of_page(page: &Answer) -> Self {
        let shown = page.body.split("<code class=\"seed\">").nth(1).unwrap();
        let shown = shown.split('<').next().unwrap().replace(' ', "");
        let bytes = data_encoding::BASE32_NOPAD.decode(shown.as_bytes());
        Self {
            seed: Seed::from_bytes(&bytes.unwrap()).unwrap(),
            recovery: Vec::new(),
        }
    }

    /// The code of then.
    pub fn code(&self, now: DateTime<Utc>) -> String {
        self.seed.code(now.timestamp() / 30)
    }

    /// Six digits that are the code of no step near then.
    pub fn wrong_code(&self, now: DateTime<Utc>) -> String {
        let step = now.timestamp() / 30;
        let near: Vec<_> = (step - 3..step + 4)
            .map(|step| self.seed.code(step))
            .collect();
        let mut others = (0..).map(|number| format!("{number:06}"));
        others.find(|code| !near.contains(code)).unwrap()
    }
}

/// The recovery codes a page shows.
pub fn recovery_codes(page: &Answer) -> Vec<String> {
    let shown = page.body.split("<li><code>").skip(1);
    shown
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

impl TestApp {
    /// Has a person who is logged in in that browser add an app.
    pub async fn add_app(&self, browser: &Browser) -> Authenticator {
        let page = browser.get("/account/factors/app").await;
        page.assert_page(200);
        let mut app = Authenticator::of_page(&page);
        let form = page.form("/account/factors/app");
        let form = form.with("code", &app.code(self.now()));
        let shown = browser.submit(&form.with("current", PASSWORD)).await;
        shown.assert_page(200);
        app.recovery = recovery_codes(&shown);
        assert_eq!(app.recovery.len(), 10, "{shown:?}");
        app
    }
}

impl Browser {
    /// Types a code at the second step that `answer` leads to, or shows again.
    pub async fn type_code(&self, answer: &Answer, code: &str) -> Answer {
        let page = if answer.status == 303 {
            self.get(answer.location()).await
        } else {
            answer.clone()
        };
        let form = page.form_with("/login/factor", "code");
        self.submit(&form.with("code", code)).await
    }
}
