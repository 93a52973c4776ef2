//! Passkeys: beside a password, and instead of one.

mod admins;
mod entering;
mod own;
mod refused;

use sqlx::PgPool;

use crate::harness::{
    Answer, Browser, Device, PASSWORD, Person, Stage, TestApp, draft, question, recovery_codes,
};

/// Where the browsers of these tests are; requests go to the server itself.
pub const ORIGIN: &str = "http://localhost:8080";
pub const NEW: &str = "/account/factors/passkeys/new";
const NAMED: (&str, &str) = ("LINKGATE_PUBLIC_URL", ORIGIN);

/// Somebody with a passkey, and a browser that knows nothing of them.
struct Keyed {
    stage: Stage,
    device: Device,
    browser: Browser,
    recovery: Vec<String>,
}

impl Keyed {
    async fn set(db: PgPool) -> Self {
        Self::set_with(db, &[]).await
    }

    async fn set_with(db: PgPool, settings: &[(&str, &str)]) -> Self {
        let app = TestApp::spawn_with(db, &[&[NAMED], settings].concat()).await;
        let stage = Stage::on(app, draft()).await;
        stage.browser.log_in(&stage.person).await;
        let mut device = Device::new(ORIGIN);
        let added = add(&stage.browser, &mut device).await;
        let recovery = recovery_codes(&added);
        assert_eq!(recovery.len(), 10, "{added:?}");
        let browser = stage.app.browser();
        Self {
            stage,
            device,
            browser,
            recovery,
        }
    }

    /// Where their passkey is renamed and removed.
    async fn page(&self) -> String {
        let id = self.stage.app.value("select passkey_id::text from passkey");
        format!("/account/factors/passkeys/{}", id.await.unwrap())
    }
}

/// Has a person who is logged in there add a passkey; gives what the form answered.
async fn add(browser: &Browser, device: &mut Device) -> Answer {
    let (form, options) = question(&browser.get(NEW).await, NEW);
    let form = form.with("credential", &device.make(&options));
    browser.submit(&form.with("current", PASSWORD)).await
}

/// Logs in by it; gives what the form answered.
async fn log_in(browser: &Browser, device: &mut Device) -> Answer {
    let (form, options) = question(&browser.get("/login").await, "/login/passkey");
    let signed = device.sign(&options);
    browser.submit(&form.with("credential", &signed)).await
}

/// The right password; gives the page of the second step.
async fn knock(browser: &Browser, person: &Person) -> Answer {
    let asked = browser.log_in_at("/login", &person.email, PASSWORD).await;
    browser.get(asked.location()).await
}

/// Signs at the second step; gives what the form answered.
async fn step(browser: &Browser, page: &Answer, device: &mut Device) -> Answer {
    let (form, options) = question(page, "/login/factor");
    let signed = device.sign(&options);
    browser.submit(&form.with("credential", &signed)).await
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!(answer.location(), "/login?passkey=no", "{answer:?}");
}

/// The challenge was answered before, is over, or is none of that browser's.
#[track_caller]
fn assert_late(answer: &Answer) {
    assert_eq!(answer.location(), "/login?passkey=late", "{answer:?}");
}
