//! Another e-mail address for one's account.

mod codes;
mod guessing;
mod others;

use sqlx::PgPool;

use crate::harness::{Answer, Browser, Letter, MailServer, PASSWORD, Stage, TestApp, draft};

/// The address of before.
pub const OLD: &str = "haneul@example.com";
/// What it is to be.
pub const NEW: &str = "new.home@example.com";
const ASK: &str = "/account/email";
const TYPE: &str = "/account/email/code";
pub const DONE: &str = "/account/you?moved=1";

/// A person who is signed in, and the mail they get.
pub struct Scene {
    pub stage: Stage,
    pub mail: MailServer,
}

impl Scene {
    pub async fn set(db: PgPool) -> Self {
        Self::set_with(db, &[]).await
    }

    pub async fn set_with(db: PgPool, settings: &[(&str, &str)]) -> Self {
        let mail = MailServer::open().await;
        let ours = [
            ("LINKGATE_SMTP_URL", mail.url.as_str()),
            ("LINKGATE_SIGNUP", "open"),
        ];
        let app = TestApp::spawn_with(db, &[&ours, settings].concat()).await;
        let stage = Stage::on(app, draft()).await;
        stage.browser.log_in(&stage.person).await;
        Self { stage, mail }
    }

    pub fn app(&self) -> &TestApp {
        &self.stage.app
    }

    /// The code that came to that address.
    pub async fn code_for(&self, email: &str) -> String {
        let letter = self.mail.letter_to(email).await;
        letter.code().unwrap_or_else(|| panic!("{letter:?}"))
    }

    /// Waits until all mail is delivered, and gives what came and was not taken out.
    pub async fn letters(&self) -> Vec<Letter> {
        while self.app().count("mail", "true").await > 0 {
            tokio::task::yield_now().await;
        }
        self.mail.letters()
    }

    /// All the way, in the stage's browser.
    pub async fn change_to(&self, email: &str) {
        let page = ask(&self.stage.browser, email).await;
        let code = self.code_for(email).await;
        let answer = type_code(&self.stage.browser, &page, &code).await;
        assert_eq!(answer.location(), DONE, "{answer:?}");
    }

    pub async fn address(&self) -> Option<String> {
        let id = self.stage.person.id;
        let asking = format!("select email from account where account_id = '{id}'");
        self.app().value(&asking).await
    }
}

/// Asks for an address; gives what the form answered.
pub async fn ask_with(browser: &Browser, email: &str, password: &str) -> Answer {
    let form = browser.get(ASK).await.form(ASK).with("email", email);
    browser.submit(&form.with("current", password)).await
}

/// Asks for an address; gives the page that asks for the code.
pub async fn ask(browser: &Browser, email: &str) -> Answer {
    let answer = ask_with(browser, email, PASSWORD).await;
    let location = answer.location();
    assert!(
        location.starts_with("/account/email/code?ticket="),
        "{answer:?}"
    );
    let page = browser.get(location).await;
    page.assert_page(200);
    page
}

pub async fn type_code(browser: &Browser, page: &Answer, code: &str) -> Answer {
    let form = page.form(TYPE).with("code", code);
    browser.submit(&form).await
}

pub async fn is_logged_in(browser: &Browser) -> bool {
    browser.get("/account/security").await.status == 200
}
