//! What a passkey leads to.

use sqlx::PgPool;

use super::{Keyed, NEW, assert_refused, knock, log_in, step};
use crate::{
    harness::{MailServer, PASSWORD, Redirect, Stage, question},
    second_factor::{assert_from_the_start, is_logged_in},
};

#[sqlx::test]
async fn a_passkey_alone_leads_in_and_on_to_the_link(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let browser = &keyed.browser;
    let login = browser.get(&keyed.stage.platform.url_with(&[])).await;
    let page = browser.get(login.location()).await;
    let (form, options) = question(&page, "/login/passkey");
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    let signed = keyed.device.sign(&options);
    let entered = browser.submit(&form.with("credential", &signed)).await;
    assert!(
        entered.location().starts_with("/consent?flow="),
        "{entered:?}"
    );
    let consent = browser.get(entered.location()).await;
    let redirect = Redirect::of(&browser.decide(&consent, "approve").await);
    assert!(!redirect.code().is_empty());
}

#[sqlx::test]
async fn a_passkey_is_a_second_step_after_the_password(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let browser = &keyed.browser;
    let page = knock(browser, &keyed.stage.person).await;
    assert_eq!(browser.cookie("sid"), None);
    let (_, options) = question(&page, "/login/factor");
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
    let entered = step(browser, &page, &mut keyed.device).await;
    assert_eq!(entered.location(), "/account");
    assert!(is_logged_in(browser).await);
}

#[sqlx::test]
async fn without_its_device_a_recovery_code_stands_in_for_a_passkey(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let browser = &keyed.browser;
    let page = knock(browser, &keyed.stage.person).await;
    // A form of its own, which works where there is no script.
    let form = page.form_with("/login/factor", "code");
    assert_eq!(form.value("recovery"), "1");
    let entered = browser.type_code(&page, &keyed.recovery[0]).await;
    assert_eq!(entered.location(), "/account");
}

#[sqlx::test]
async fn a_device_that_was_not_known_is_told_of(db: PgPool) {
    let mail = MailServer::open().await;
    let mut keyed = Keyed::set_with(db, &[("LINKGATE_SMTP_URL", &mail.url)]).await;
    let email = keyed.stage.person.email.clone();
    let told = mail.letter_to(&email).await.text;
    assert!(told.contains("패스키"), "{told}");
    log_in(&keyed.browser, &mut keyed.device).await.location();
    let told = mail.letter_to(&email).await.text;
    assert!(told.contains("기기"), "{told}");
}

#[sqlx::test]
async fn when_a_passkey_last_led_in_is_shown_and_exported(db: PgPool) {
    let mut keyed = Keyed::set(db).await;
    let own = &keyed.browser;
    log_in(own, &mut keyed.device).await.location();
    let listed = own.get("/account/factors?lang=en").await;
    assert!(listed.text().contains("used just now"), "{listed:?}");
    let export = own.get("/account/export").await.json();
    let passkey = &export["second_factors"]["passkeys"][0];
    assert!(passkey["last_used_at"].is_string(), "{export}");
}

#[sqlx::test]
async fn where_browsers_make_no_passkeys_none_is_offered(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.app.browser().get("/login").await;
    assert!(!page.body.contains("passkey"), "{page:?}");
    stage.browser.log_in(&stage.person).await;
    let all = stage.browser.get("/account/factors").await;
    assert!(!all.body.contains("passkeys"), "{all:?}");
    assert_eq!(stage.browser.get(NEW).await.location(), "/account/factors");
    let stranger = stage.app.browser();
    let own = stranger.get("/login").await.form("/login");
    let mut own = own.with("credential", "{}").with("challenge", "x");
    own.action = "/login/passkey".to_owned();
    assert_refused(&stranger.submit(&own).await);
    assert_from_the_start(&stranger.get("/login/factor?ticket=x").await);
    let asked = stranger
        .log_in_at("/login", &stage.person.email, PASSWORD)
        .await;
    assert_eq!(asked.location(), "/account");
}

#[sqlx::test]
async fn the_script_is_there_only_where_a_passkey_is_asked_for(db: PgPool) {
    let keyed = Keyed::set(db).await;
    let own = &keyed.stage.browser;
    let script = "<script src=\"/static/passkey.js?v=";
    let step = knock(&keyed.browser, &keyed.stage.person).await;
    let login = keyed.browser.get("/login").await;
    for page in [&step, &login, &own.get(NEW).await] {
        assert!(page.body.contains(script), "{page:?}");
        // Nothing of it works without: the form is hidden until the script has looked.
        let form = page.body.split("data-passkey=").nth(1).unwrap();
        assert!(
            form.split('>').next().unwrap().ends_with(" hidden"),
            "{page:?}"
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("data:"),
            "{policy}"
        );
    }
    for path in ["/account", "/account/factors", "/password/forgot"] {
        assert!(!own.get(path).await.body.contains(script), "{path}");
    }
}
