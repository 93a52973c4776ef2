//! An account of one's own, and a new password for one: by a code that is mailed and typed in the page.

mod codes;
mod invited;
mod limits;
mod new_device;
mod passwords;
mod recovery;
mod signing_up;
mod strangers;

use sqlx::PgPool;

use crate::harness::{Answer, Browser, MailServer, TestApp};

/// What nobody else is called.
pub const EMAIL: &str = "newcomer@example.com";
pub const NAME: &str = "이새봄";
/// Good enough for everybody.
pub const NEW_PASSWORD: &str = "ochre tundra lamp";

/// A server that mails, and the mail it sends.
pub struct Scene {
    pub app: TestApp,
    pub mail: MailServer,
}

/// The way to a code: where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    SignUp,
    Recovery,
}

impl Way {
    pub fn start(self) -> &'static str {
        match self {
            Self::SignUp => "/signup",
            Self::Recovery => "/password/forgot",
        }
    }
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
        Self { app, mail }
    }

    /// The code that came to that address.
    pub async fn code_for(&self, email: &str) -> String {
        let letter = self.mail.letter_to(email).await;
        letter.code().unwrap_or_else(|| panic!("{letter:?}"))
    }

    /// The last page of a way: the code has been asked for and typed.
    pub async fn come_to_the_end(&self, way: Way, browser: &Browser, email: &str) -> Answer {
        let page = ask(way.start(), browser, email).await;
        let code = self.code_for(email).await;
        let typed = type_code(browser, &page, &code).await;
        let page = browser.get(typed.location()).await;
        page.assert_page(200);
        page
    }
}

/// Types an address at that page; gives the page that asks for the code.
pub async fn ask(start: &str, browser: &Browser, email: &str) -> Answer {
    let page = browser.get(start).await;
    let action = start.split('?').next().unwrap();
    let answer = browser
        .submit(&page.form(action).with("email", email))
        .await;
    let location = answer.location();
    assert!(location.starts_with("/verify?"), "{answer:?}");
    let page = browser.get(location).await;
    page.assert_page(200);
    page
}

/// Types a code; gives what the form answered.
pub async fn type_code(browser: &Browser, page: &Answer, code: &str) -> Answer {
    browser
        .submit(&page.form("/verify").with("code", code))
        .await
}

/// A code that is not this one.
pub fn another(code: &str) -> &'static str {
    if code == "111111" { "222222" } else { "111111" }
}

/// Types a name and a password at the end of a sign-up.
pub async fn finish(browser: &Browser, page: &Answer, password: &str) -> Answer {
    let form = page.form("/signup/finish").with("name", NAME);
    browser.submit(&form.with("password", password)).await
}

/// Types a new password at the end of a recovery.
pub async fn reset(browser: &Browser, page: &Answer, password: &str) -> Answer {
    let form = page.form("/password/reset");
    browser.submit(&form.with("password", password)).await
}
