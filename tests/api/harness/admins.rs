//! Admins, and how they sign in to the console.

use std::sync::Arc;

use linkgate::{
    account::password::Hasher,
    admin::{self, Admin, AdminRole},
    foundation::{clock::Clock, ids::AdminId, random::SystemRandom},
};

use super::{Answer, Browser, COST, PASSWORD, TestApp};

impl TestApp {
    /// An admin whose password is [`PASSWORD`].
    pub async fn admin(&self, email: &str, role: AdminRole) -> Admin {
        let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
        let hash = hasher.hash(PASSWORD.into()).await.unwrap();
        let admin = Admin {
            id: AdminId::random(&SystemRandom),
            email: email.to_owned(),
            role,
            disabled_at: None,
            created_at: self.clock.now(),
        };
        let stored = admin::store::insert_admin(&self.db, &admin, &hash).await;
        stored.unwrap();
        admin
    }

    /// A browser in which a new admin of that role is signed in.
    pub async fn console(&self, role: AdminRole) -> Browser {
        let email = format!("{}@example.com", role.as_str());
        self.admin(&email, role).await;
        let browser = self.browser();
        let answer = browser.sign_in(&email).await;
        assert_eq!(answer.location(), "/admin");
        browser
    }
}

impl Browser {
    /// Signs in to the console; gives what the form answered.
    pub async fn sign_in(&self, email: &str) -> Answer {
        self.sign_in_with(email, PASSWORD).await
    }

    /// The same with another password.
    pub async fn sign_in_with(&self, email: &str, password: &str) -> Answer {
        let form = self.get("/admin/login").await.form("/admin/login");
        let form = form.with("email", email).with("password", password);
        self.submit(&form).await
    }

    /// Opens a page of the console, fills in the form that is posted to `action`, and posts it.
    pub async fn fill_in(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.get(page).await.form(action);
        let filled = fields
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.submit(&filled).await
    }
}
