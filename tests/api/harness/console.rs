//! An admin in front of the console.

use linkgate::admin::AdminRole;

use super::{Answer, Browser, Form, TestApp};

/// An admin who is signed in.
pub struct Desk {
    pub browser: Browser,
}

impl TestApp {
    /// A new admin of that role, signed in.
    pub async fn desk(&self, role: AdminRole) -> Desk {
        let email = format!("{}@console.test", role.as_str());
        self.admin(&email, role).await;
        let browser = self.browser();
        assert_eq!(browser.sign_in(&email).await.location(), "/admin");
        Desk { browser }
    }
}

impl Desk {
    /// The form at `page` that is posted to `action`.
    pub async fn form(&self, page: &str, action: &str) -> Form {
        let answer = self.browser.get(page).await;
        answer.assert_page(200);
        answer.form(action)
    }

    /// Presses the one button of a form at `page`.
    pub async fn press(&self, page: &str, action: &str) -> Answer {
        let form = self.form(page, action).await;
        self.browser.submit(&form).await
    }

    /// Registers a client with what the form suggests, and these fields.
    pub async fn register(&self, preset: &str, fields: &[(&str, &str)]) -> Answer {
        let page = format!("/admin/clients/new?preset={preset}");
        let form = self.form(&page, "/admin/clients/new").await;
        let form = fields
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.browser.submit(&form).await
    }
}
