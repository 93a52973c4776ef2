//! An admin in front of the console.

use std::sync::Arc;

use linkgate::{
    account::password::Hasher,
    admin::{Admin, AdminRole, store},
    foundation::{clock::Clock, ids::AdminId, random::SystemRandom},
};

use super::{Answer, Browser, COST, Form, PASSWORD, TestApp};

/// An admin who is signed in.
pub struct Desk {
    pub browser: Browser,
}

impl TestApp {
    /// A new admin of that role, signed in.
    pub async fn desk(&self, role: AdminRole) -> Desk {
        let admin = Admin {
            id: AdminId::random(&SystemRandom),
            email: format!("{}@console.test", role.as_str()),
            role,
            disabled_at: None,
            created_at: self.clock.now(),
        };
        let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
        let hash = hasher.hash(PASSWORD.into()).await.unwrap();
        let stored = store::insert_admin(&self.db, &admin, &hash).await;
        stored.unwrap();
        let browser = self.browser();
        let form = browser.get("/admin/login").await.form("/admin/login");
        let form = form.with("email", &admin.email).with("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.location(), "/admin");
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
