//! Second factors of people: what is asked for, when, and how often it counts.

mod admins;
mod changing;
mod entering;
mod guessing;
mod passkeys;
mod recovering;

use sqlx::PgPool;

use crate::harness::{Answer, Authenticator, Browser, PASSWORD, Stage, hours};

/// Somebody with an app, and a browser that knows nothing of them.
pub struct Guarded {
    pub stage: Stage,
    pub app: Authenticator,
    pub browser: Browser,
}

impl Guarded {
    /// Long after the app was added, so that no code of then counts and no login lasts; what it is told of
    /// still goes out.
    pub async fn set(db: PgPool) -> Self {
        Self::on(Stage::set(db).await).await
    }

    pub async fn on(stage: Stage) -> Self {
        stage.browser.log_in(&stage.person).await;
        let app = stage.app.add_app(&stage.browser).await;
        stage.app.clock.advance(hours(23));
        let browser = stage.app.browser();
        Self {
            stage,
            app,
            browser,
        }
    }

    /// The right password; gives what leads to the second step.
    pub async fn knock(&self, browser: &Browser) -> Answer {
        self.knock_at(browser, "/login").await
    }

    pub async fn knock_at(&self, browser: &Browser, address: &str) -> Answer {
        let email = &self.stage.person.email;
        let answer = browser.log_in_at(address, email, PASSWORD).await;
        assert!(
            answer.location().starts_with("/login/factor?ticket="),
            "{answer:?}"
        );
        answer
    }

    /// The app's code of now.
    pub fn code(&self) -> String {
        self.app.code(self.stage.app.now())
    }

    /// A code of six digits that is not.
    pub fn wrong(&self) -> String {
        self.app.wrong_code(self.stage.app.now())
    }

    pub async fn sessions(&self) -> i64 {
        let (id, now) = (self.stage.person.id, self.stage.app.now());
        let alive = format!("account_id = '{id}' and expires_at > '{now}'");
        self.stage.app.count("session", &alive).await
    }
}

pub async fn is_logged_in(browser: &Browser) -> bool {
    browser.get("/account/security").await.status == 200
}

/// Where who is too late, or not who they say, goes.
#[track_caller]
pub fn assert_from_the_start(answer: &Answer) {
    assert!(
        answer.location().starts_with("/login?again=1"),
        "{answer:?}"
    );
}
