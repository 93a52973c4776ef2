//! Sessions: whose they are, how long they live, and what their cookies look like.

use linkgate::account;
use sqlx::PgPool;

use crate::harness::{Browser, PASSWORD, TestApp, hours, minutes, seconds};

async fn is_logged_in(browser: &Browser) -> bool {
    let answer = browser.get("/account").await;
    assert!(
        answer.status == 200 || answer.location() == "/login",
        "{answer:?}"
    );
    answer.status == 200
}

#[sqlx::test]
async fn ses_01_a_login_makes_a_new_session_and_ends_the_one_before(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let victim = app.person("victim@example.com").await;
    let attacker = app.person("attacker@example.com").await;
    let attackers = app.browser();
    attackers.log_in(&attacker).await;
    let planted = attackers.cookie("sid").unwrap();

    let browser = app.browser();
    browser.set_cookie("sid", &planted);
    browser.log_in(&victim).await;
    assert_ne!(browser.cookie("sid"), Some(planted));
    assert!(browser.get("/account").await.text().contains(&victim.email));
    assert!(!is_logged_in(&attackers).await);
    assert_eq!(app.count("session", "true").await, 1);
}

#[sqlx::test]
async fn ses_01_an_invented_session_id_is_not_taken_over(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    let invented = format!("lg_se_{}", "A".repeat(43));
    browser.set_cookie("sid", &invented);
    browser.log_in(&person).await;
    assert_ne!(browser.cookie("sid"), Some(invented));
}

#[sqlx::test]
async fn a_session_id_is_stored_as_its_hash_alone(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    let id = browser.cookie("sid").unwrap();
    let stored = app.count_hashes("session", "session_hash", &id);
    assert_eq!(stored.await, 1);
}

#[sqlx::test]
async fn ses_02_over_https_cookies_are_host_only_and_secure(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.test")];
    let app = TestApp::spawn_with(db, &settings).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    let page = browser.get("/login?lang=ko").await;
    let form = page.form("/login");
    let login = browser
        .submit(&form.with("email", &person.email).with("password", PASSWORD))
        .await;
    let cookies: Vec<_> = page.cookies().into_iter().chain(login.cookies()).collect();
    assert_eq!(cookies.len(), 4, "{cookies:?}");
    for cookie in &cookies {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.to_lowercase().contains("domain"), "{cookie}");
    }
    assert!(is_logged_in(&browser).await);
    let transport = login.header("strict-transport-security");
    assert_eq!(transport, Some("max-age=31536000; includeSubDomains"));
}

#[sqlx::test]
async fn ses_02_on_loopback_cookies_have_plain_names_and_all_else(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let answer = app
        .browser()
        .log_in_at("/login", &person.email, PASSWORD)
        .await;
    let cookies = answer.cookies();
    let [session, device] = cookies.as_slice() else {
        panic!("{cookies:?}")
    };
    assert!(session.starts_with("sid=lg_se_"), "{session}");
    assert!(device.starts_with("dev=lg_dv_"), "{device}");
    for cookie in [session, device] {
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
            "{cookie}"
        );
        assert!(
            !cookie.contains("Secure") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    assert_eq!(answer.header("strict-transport-security"), None);
}

#[sqlx::test]
async fn ses_03_a_tampered_or_oversized_cookie_logs_nobody_in(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    let good = browser.cookie("sid").unwrap();
    for bad in [
        format!("{good}x"),
        good.replace("lg_se_", "lg_as_"),
        good.get(..good.len() - 1).unwrap().to_owned(),
        good.to_uppercase(),
        "x".repeat(8_000),
        "' or true --".to_owned(),
        format!("lg_se_{}", "한".repeat(14) + "x"),
    ] {
        browser.set_cookie("sid", &bad);
        let answer = browser.get("/account").await;
        assert!(
            answer.status == 400 || answer.location() == "/login",
            "{bad}: {answer:?}"
        );
    }
    browser.set_cookie("sid", &good);
    assert!(is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_03_two_session_cookies_count_as_none(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    let planted = app.browser();
    planted.log_in(&person).await;
    // What a sibling domain can do: put another cookie of the same name in front.
    browser.set_cookie("a", &format!("b; sid={}", planted.cookie("sid").unwrap()));
    assert!(!is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_03_over_https_a_cookie_without_its_prefix_counts_for_nothing(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.test")];
    let app = TestApp::spawn_with(db, &settings).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    // Another host of the domain can set `sid` for ours, but not `__Host-sid`.
    let id = browser.cookie("__Host-sid").unwrap();
    browser.forget_cookie("__Host-sid");
    for name in ["sid", "__host-sid", "__Secure-sid"] {
        browser.set_cookie(name, &id);
        assert!(!is_logged_in(&browser).await, "{name}");
    }
    browser.set_cookie("__Host-sid", &id);
    assert!(is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_04_after_a_logout_the_old_cookie_is_worth_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    let old = browser.cookie("sid").unwrap();
    let page = browser.get("/account").await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let answer = browser.submit(&page.form("/logout")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("You are logged out"));
    assert_eq!(browser.cookie("sid"), None);
    assert_eq!(app.count("session", "true").await, 0);
    browser.set_cookie("sid", &old);
    assert!(!is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_05_a_session_ends_after_thirty_idle_minutes(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    app.clock.advance(minutes(29));
    assert!(is_logged_in(&browser).await);
    app.clock.advance(minutes(29));
    assert!(is_logged_in(&browser).await);
    app.clock.advance(minutes(30));
    assert!(!is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_05_a_session_ends_after_twelve_hours_however_busy(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    for _ in 0..29 {
        app.clock.advance(minutes(24));
        assert!(is_logged_in(&browser).await);
    }
    app.clock.advance(hours(12) - minutes(24) * 29 - seconds(1));
    assert!(is_logged_in(&browser).await);
    app.clock.advance(seconds(1));
    assert!(!is_logged_in(&browser).await);
}

#[sqlx::test]
async fn ses_06_disabling_an_account_ends_its_sessions_at_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    app.disable(&person).await;
    assert!(!is_logged_in(&browser).await);
}

#[sqlx::test]
async fn a_deleted_account_leaves_no_session_and_no_link(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    assert!(
        account::store::delete_account(&app.db, person.id)
            .await
            .unwrap()
    );
    assert!(!is_logged_in(&browser).await);
    assert_eq!(app.count("session", "true").await, 0);
}

#[sqlx::test]
async fn a_session_is_good_on_every_node_and_so_is_its_end(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let second = app.second_node().await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in(&person).await;
    let elsewhere = browser.at(&second.url);
    assert!(is_logged_in(&elsewhere).await);
    let page = elsewhere.get("/account").await;
    elsewhere.submit(&page.form("/logout")).await;
    assert!(!is_logged_in(&browser).await);
}
