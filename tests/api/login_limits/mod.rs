//! Limits of logging in (AUTH-01 to AUTH-05): failures are counted by address and by account, on all
//! nodes together, and ease by themselves; nobody is locked out because somebody else wants it.

mod account;
mod address;
mod device;

use sqlx::PgPool;

use crate::harness::{Answer, Browser, TestApp};

const WRONG: &str = "wrong horse battery";

/// Proxies are trusted in these tests, so that requests can come from anywhere.
const PROXY: (&str, &str) = ("LINKGATE_TRUSTED_PROXIES", "127.0.0.1");

async fn app(db: PgPool) -> TestApp {
    TestApp::spawn_with(db, &[PROXY]).await
}

/// A browser that comes from somewhere.
struct Visitor<'a>(Browser, &'a str);

impl Visitor<'_> {
    async fn log_in(&self, email: &str, password: &str) -> Answer {
        let form = self.0.get("/login").await.form("/login");
        let form = form.with("email", email).with("password", password);
        let headers = [("x-forwarded-for", self.1)];
        self.0.submit_with(&form, &headers).await
    }
}

fn is_in(answer: &Answer) -> bool {
    answer.status == 303
}
