//! Sessions of the console (SES, OPN): how they begin, how long they live, and where they lead.

use linkgate::admin::AdminRole::{Operator, Owner, Viewer};
use sqlx::PgPool;

use crate::harness::{Answer, Browser, Form, PASSWORD, TestApp, hours, minutes};

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/admin").await.status == 200
}

#[sqlx::test]
async fn ses_01_a_sign_in_makes_a_new_session_and_ends_the_one_before(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let attackers = app.console(Operator).await;
    app.admin("owner@example.com", Owner).await;
    let planted = attackers.cookie("adm").unwrap();

    let browser = app.browser();
    browser.set_cookie("adm", &planted);
    // Already signed in as the attacker; the form is only shown without a session.
    browser.forget_cookie("adm");
    let form = browser.get("/admin/login").await.form("/admin/login");
    browser.set_cookie("adm", &planted);
    let form = form
        .with("email", "owner@example.com")
        .with("password", PASSWORD);
    browser.submit(&form).await;
    assert_ne!(browser.cookie("adm"), Some(planted));
    let page = browser.get("/admin").await.text();
    assert!(page.contains("owner@example.com"), "{page}");
    assert!(!is_signed_in(&attackers).await);
}

#[sqlx::test]
async fn ses_01_an_invented_session_id_is_not_taken_over(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    let browser = app.browser();
    let invented = format!("lg_as_{}", "A".repeat(43));
    browser.set_cookie("adm", &invented);
    browser.sign_in("owner@example.com").await;
    let id = browser.cookie("adm").unwrap();
    assert_ne!(id, invented);
    let stored = app.count_hashes("admin_session", "session_hash", &id);
    assert_eq!(stored.await, 1);
}

#[sqlx::test]
async fn ses_02_over_https_the_cookie_is_strict_and_host_only(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.test")];
    let app = TestApp::spawn_with(db, &settings).await;
    app.admin("owner@example.com", Owner).await;
    let answer = app.browser().sign_in("owner@example.com").await;
    let cookies = answer.cookies();
    let [session, device] = cookies.as_slice() else {
        panic!("two cookies were expected: {cookies:?}");
    };
    assert!(session.starts_with("__Host-adm=lg_as_"), "{session}");
    assert!(device.starts_with("__Host-admdev=lg_dv_"), "{device}");
    for cookie in [session, device] {
        for attribute in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.to_lowercase().contains("domain"), "{cookie}");
    }
}

#[sqlx::test]
async fn ses_04_signing_out_ends_the_session_on_the_server(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    let id = browser.cookie("adm").unwrap();
    let page = browser.get("/admin").await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let answer = browser.submit(&page.form("/admin/logout")).await;
    assert_eq!(answer.location(), "/admin/login?signed_out=1");
    assert_eq!(browser.cookie("adm"), None);
    browser.set_cookie("adm", &id);
    assert!(!is_signed_in(&browser).await);
}

#[sqlx::test]
async fn ses_05_a_session_ends_after_15_minutes_without_use(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    app.clock.advance(minutes(14));
    assert!(is_signed_in(&browser).await);
    app.clock.advance(minutes(14));
    assert!(is_signed_in(&browser).await);
    app.clock.advance(minutes(15));
    assert!(!is_signed_in(&browser).await);
}

#[sqlx::test]
async fn a_sign_in_after_a_timeout_leads_to_a_page_that_is_there(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = app.client().await;
    let browser = app.console(Owner).await;
    let here = format!("/admin/clients/{}", client.id());
    let shown = browser.get(&here).await.form(&format!("{here}/disable"));
    for (form, page) in [
        (format!("{here}/disable"), here.clone()),
        (format!("{here}/enable"), here.clone()),
        (format!("{here}/actions/delete"), format!("{here}/actions")),
    ] {
        app.clock.advance(minutes(16));
        let stale = Form {
            action: form.clone(),
            ..shown.clone()
        };
        let refused = browser.submit(&stale).await;
        refused.assert_page(403);
        let next: String = url::form_urlencoded::byte_serialize(form.as_bytes()).collect();
        assert!(refused.body.contains(&next), "{refused:?}");
        let sign_in = browser.get(&format!("/admin/login?next={next}")).await;
        let sign_in = sign_in
            .form("/admin/login")
            .with("email", "owner@example.com");
        let answer = browser.submit(&sign_in.with("password", PASSWORD)).await;
        assert_eq!(answer.location(), form);
        assert_eq!(browser.get(&form).await.location(), page);
        browser.get(&page).await.assert_page(200);
    }
}

#[sqlx::test]
async fn ses_05_a_session_ends_after_8_hours_whatever_happens(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    for _ in 0..47 {
        app.clock.advance(minutes(10));
        assert!(is_signed_in(&browser).await);
    }
    app.clock.advance(minutes(10));
    assert!(!is_signed_in(&browser).await);
    app.clock.advance(hours(1));
    let answer = browser.sign_in("owner@example.com").await;
    assert_eq!(answer.location(), "/admin");
}

#[sqlx::test]
async fn an_unknown_a_disabled_and_a_mistaken_sign_in_look_the_same(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    app.admin("gone@example.com", Viewer).await;
    app.change("update admin set disabled_at = now() where email = 'gone@example.com'")
        .await;
    app.person("person@example.com").await;
    let tried = |email: &'static str, password: &'static str| {
        let browser = app.browser();
        async move { browser.sign_in_with(email, password).await }
    };
    let without_typed = |answer: &Answer| {
        let text = answer.text();
        assert!(
            text.contains("The e-mail address or the password is wrong."),
            "{text}"
        );
        text
    };
    let mistaken = tried("owner@example.com", "wrong horse battery").await;
    mistaken.assert_page(422);
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("person@example.com", PASSWORD),
        ("owner@example.com", ""),
    ] {
        let answer = tried(email, password).await;
        answer.assert_page(422);
        assert_eq!(without_typed(&answer), without_typed(&mistaken));
        assert_eq!(answer.form("/admin/login").value("email"), email);
    }
    assert_eq!(app.count("admin_session", "true").await, 0);
}

#[sqlx::test]
async fn a_sign_in_leads_back_to_the_page_that_was_asked_for(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    let browser = app.browser();
    let asked = "/admin/links?client=x%26y&state=active";
    let login = browser.get(asked).await.location().to_owned();
    let form = browser.get(&login).await.form("/admin/login");
    let form = form
        .with("email", "owner@example.com")
        .with("password", PASSWORD);
    assert_eq!(browser.submit(&form).await.location(), asked);
    assert_eq!(browser.get(&login).await.location(), asked);
}

#[sqlx::test]
async fn opn_01_a_sign_in_never_leads_out_of_the_console(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    for next in [
        "//evil.test",
        "/\\evil.test",
        "https:evil",
        "/%09/evil",
        "@evil",
        "/admin/../account",
        "javascript:x",
    ] {
        let browser = app.browser();
        let form = browser.get("/admin/login").await.form("/admin/login");
        let form = form
            .with("email", "owner@example.com")
            .with("password", PASSWORD);
        let answer = browser.submit(&form.with("next", next)).await;
        assert_eq!(answer.location(), "/admin", "{next}");
    }
}

#[sqlx::test]
async fn a_link_from_elsewhere_finds_the_way_in_again(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.console(Owner).await;
    // As a browser does with a Strict cookie when another site leads here.
    let stranger = app.browser();
    let login = stranger
        .get("/admin/accounts?q=x")
        .await
        .location()
        .to_owned();
    let request = stranger.request("GET", &login);
    let page = stranger
        .send(request.header("sec-fetch-site", "cross-site"))
        .await;
    assert!(
        page.body.contains("<a href=\"/admin/accounts?q=x\">"),
        "{page:?}"
    );
    assert_eq!(browser.get("/admin/accounts?q=x").await.status, 200);
}

#[sqlx::test]
async fn adm_12_a_disabled_or_demoted_admin_is_out_at_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let node = app.second_node().await;
    let operator = app.console(Operator).await.at(&node.url);
    operator.get("/admin/accounts/new").await.assert_page(200);
    app.change("update admin set role = 'viewer'").await;
    operator.get("/admin/accounts/new").await.assert_page(403);
    app.change("update admin set disabled_at = now()").await;
    assert!(!is_signed_in(&operator).await);
}
