//! Limits of everything but people's logins: the console's, clients that fail to authenticate
//! (CLI-12), authorization requests, the alarm, and what is left of them.

use linkgate::admin::AdminRole::{Owner, Viewer};
use sqlx::PgPool;

use crate::harness::{Answer, PASSWORD, Platform, Stage, TestApp, basic, minutes, seconds};

const WRONG: &str = "wrong horse battery";
const PROXY: (&str, &str) = ("LINKGATE_TRUSTED_PROXIES", "127.0.0.1");

/// A platform's call with that secret, from that address.
async fn call(platform: &Platform, path: &str, secret: &str, address: &str) -> Answer {
    let basic = basic(&platform.client_id, secret);
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-forwarded-for", address),
    ];
    let body = "grant_type=refresh_token&refresh_token=x&token=x";
    platform.send("POST", path, body, &headers).await
}

async fn token(platform: &Platform, secret: &str, address: &str) -> Answer {
    call(platform, "/oauth/token", secret, address).await
}

#[track_caller]
fn assert_waits(answer: &Answer, wait: i64) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (429, "invalid_client"),
        "{answer:?}"
    );
    assert_eq!(
        answer.header("retry-after"),
        Some(wait.to_string().as_str())
    );
    assert_eq!(answer.header("www-authenticate"), None);
}

#[sqlx::test]
async fn cli_12_the_eleventh_wrong_secret_of_a_minute_is_429_and_waits_double(db: PgPool) {
    let app = TestApp::spawn_with(db, &[PROXY]).await;
    let platform = app.platform(&app.client().await);
    let here = "198.51.100.7";
    for _ in 0..10 {
        token(&platform, WRONG, here)
            .await
            .assert_refused(401, "invalid_client");
    }
    for wait in [10, 20, 40, 80, 160, 300, 300] {
        assert_waits(&token(&platform, WRONG, here).await, wait);
        app.clock.advance(seconds(wait - 1));
        assert_waits(&token(&platform, WRONG, here).await, 1);
        app.clock.advance(seconds(1));
        token(&platform, WRONG, here)
            .await
            .assert_refused(401, "invalid_client");
    }
    app.clock.advance(minutes(5) + minutes(2));
    for _ in 0..10 {
        token(&platform, WRONG, here)
            .await
            .assert_refused(401, "invalid_client");
    }
}

#[sqlx::test]
async fn cli_12_others_are_not_affected_and_the_right_secret_always_passes(db: PgPool) {
    let app = TestApp::spawn_with(db, &[PROXY]).await;
    let client = app.client().await;
    let platform = app.platform(&client);
    let other = app.platform(&app.client().await);
    let here = "198.51.100.7";
    for _ in 0..30 {
        token(&platform, WRONG, here).await;
    }
    assert_eq!(token(&platform, WRONG, here).await.status, 429);
    let secret = client.secret.unwrap();
    let right = token(&platform, &secret, here).await;
    right.assert_refused(400, "invalid_grant");
    let elsewhere = token(&platform, WRONG, "198.51.100.8").await;
    elsewhere.assert_refused(401, "invalid_client");
    let another = token(&other, WRONG, here).await;
    another.assert_refused(401, "invalid_client");
}

#[sqlx::test]
async fn cli_12_a_link_outlives_an_attacker_at_the_platforms_own_address(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for _ in 0..30 {
        token(&stage.platform, WRONG, "").await;
    }
    let refreshed = stage.platform.refresh_with(&link.refresh, &[]).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert!(stage.resolves(&link).await);
}

#[sqlx::test]
async fn cli_12_all_nodes_and_all_endpoints_count_together(db: PgPool) {
    let app = TestApp::spawn_with(db, &[PROXY]).await;
    let second = app.node_with(&[PROXY]).await;
    let client = app.client().await;
    let nodes = [app.platform(&client), second.platform(&client)];
    let here = "198.51.100.7";
    for number in 0..10 {
        let path = ["/oauth/token", "/oauth/revoke", "/oauth/introspect"][number % 3];
        let answer = call(&nodes[number % 2], path, WRONG, here).await;
        answer.assert_refused(401, "invalid_client");
    }
    for node in &nodes {
        for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
            assert_waits(&call(node, path, WRONG, here).await, 10);
        }
    }
}

#[sqlx::test]
async fn cli_12_unknown_clients_wait_like_known_ones(db: PgPool) {
    let app = TestApp::spawn_with(db, &[PROXY]).await;
    let mut platform = app.platform(&app.client().await);
    let mut answers = Vec::new();
    for id in [platform.client_id.clone(), "unknown".to_owned()] {
        platform.client_id = id;
        for _ in 0..12 {
            let answer = token(&platform, WRONG, "198.51.100.7").await;
            answers.push((answer.status, answer.body));
        }
    }
    let (known, unknown) = answers.split_at(12);
    assert_eq!(known, unknown);
}

#[sqlx::test]
async fn the_console_bears_half_as_many_failures(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    let browser = app.browser();
    for number in 0..5 {
        let email = format!("admin{number}@example.com");
        assert_eq!(browser.sign_in_with(&email, WRONG).await.status, 422);
    }
    let refused = browser.sign_in("owner@example.com").await;
    refused.assert_page(429);
    assert_eq!(refused.header("retry-after"), Some("20"));
    assert!(refused.text().contains("Please wait 20 s"), "{refused:?}");
    // People's logins from there are another matter.
    let person = app.person("haneul@example.com").await;
    app.browser().log_in(&person).await;
    app.clock.advance(seconds(20));
    assert_eq!(
        browser.sign_in("owner@example.com").await.location(),
        "/admin"
    );
}

#[sqlx::test]
async fn an_admin_waits_as_after_twice_the_failures_but_not_at_a_known_device(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.admin("owner@example.com", Owner).await;
    let desk = app.browser();
    assert_eq!(desk.sign_in("owner@example.com").await.location(), "/admin");
    desk.forget_cookie("adm");
    let attacker = app.browser();
    attacker.sign_in_with("owner@example.com", WRONG).await;
    app.clock.advance(seconds(1));
    attacker.sign_in_with("owner@example.com", WRONG).await;
    app.clock.advance(seconds(2));
    assert_eq!(
        attacker.sign_in("owner@example.com").await.status,
        422,
        "four: 3 s"
    );
    assert_eq!(desk.sign_in("owner@example.com").await.location(), "/admin");
    app.clock.advance(seconds(1));
    assert_eq!(
        attacker.sign_in("owner@example.com").await.location(),
        "/admin"
    );
}

#[sqlx::test]
async fn a_persons_device_is_no_admins(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let admin = app.admin("owner@example.com", Owner).await;
    let browser = app.browser();
    browser.sign_in("owner@example.com").await;
    let device = browser.cookie("admdev").unwrap();
    let person = app.person("haneul@example.com").await;
    let same_id = format!("update account set account_id = '{}'", admin.id);
    app.change(&same_id).await;
    app.browser()
        .log_in_at("/login", &person.email, WRONG)
        .await;
    let other = app.browser();
    other.set_cookie("dev", &device);
    let refused = other.log_in_at("/login", &person.email, PASSWORD).await;
    assert_eq!(refused.status, 422);
}

#[sqlx::test]
async fn too_many_authorization_requests_of_an_address_are_a_429_page(db: PgPool) {
    let app = TestApp::spawn_with(db, &[PROXY, ("LINKGATE_LIMIT_AUTHORIZE", "20")]).await;
    let platform = app.platform(&app.client().await);
    let url = platform.url_with(&[]);
    let browser = app.browser();
    let ask = async |address: &str| {
        let request = browser
            .request("GET", &url)
            .header("x-forwarded-for", address);
        browser.send(request).await
    };
    for _ in 0..20 {
        assert_eq!(ask("198.51.100.7").await.status, 303);
    }
    let refused = ask("198.51.100.7").await;
    refused.assert_page(429);
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(ask("198.51.100.8").await.status, 303);
    app.clock.advance(seconds(60));
    assert_eq!(ask("198.51.100.7").await.status, 303);
}

#[sqlx::test]
async fn authorization_requests_are_counted_on_all_nodes_together(db: PgPool) {
    let limit = ("LINKGATE_LIMIT_AUTHORIZE", "20");
    let app = TestApp::spawn_with(db, &[limit]).await;
    let second = app.node_with(&[limit]).await;
    let client = app.client().await;
    let mut answered = 0;
    for number in 0..30 {
        let node = if number % 2 == 0 { &app } else { &second };
        let url = node.platform(&client).url_with(&[]);
        answered += usize::from(node.browser().get(&url).await.status == 303);
    }
    assert!((20..=22).contains(&answered), "{answered}");
}

#[sqlx::test]
async fn few_authorization_requests_write_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let platform = app.platform(&app.client().await);
    for _ in 0..29 {
        app.browser().get(&platform.url_with(&[])).await;
    }
    assert_eq!(app.count("request_count", "true").await, 0);
}

#[sqlx::test]
async fn with_limits_off_neither_address_nor_client_waits(db: PgPool) {
    let settings = [
        ("LINKGATE_RATE_LIMITS", "off"),
        ("LINKGATE_LIMIT_AUTHORIZE", "1"),
    ];
    let app = TestApp::spawn_with(db, &settings).await;
    let platform = app.platform(&app.client().await);
    for _ in 0..15 {
        token(&platform, WRONG, "")
            .await
            .assert_refused(401, "invalid_client");
        assert_eq!(app.browser().get(&platform.url_with(&[])).await.status, 303);
    }
}

async fn is_alarmed(app: &TestApp) -> bool {
    let metrics = app.browser().at(&app.ops_url).get("/metrics").await.body;
    assert!(
        metrics.contains("\nlinkgate_logins_failed_total "),
        "{metrics}"
    );
    metrics.contains("\nlinkgate_logins_failing 1\n")
}

#[sqlx::test]
async fn more_failed_logins_than_the_alarm_bears_for_a_minute_are_told_to_admins(db: PgPool) {
    let settings = [
        ("LINKGATE_LIMIT_LOGIN_ALARM", "1"),
        ("LINKGATE_RATE_LIMITS", "off"),
    ];
    let app = TestApp::spawn_with(db, &settings).await;
    let second = app.node_with(&settings).await;
    let person = app.person("haneul@example.com").await;
    let console = app.console(Viewer).await;
    // Six at each node in ten seconds: neither alone is over the limit.
    let fail = async |round: usize| {
        for number in 0..6 {
            for node in [&app, &second] {
                let email = format!("a{round}-{number}@example.com");
                node.browser().log_in_at("/login", &email, WRONG).await;
            }
        }
        app.clock.advance(seconds(10));
    };
    for round in 0..6 {
        fail(round).await;
        assert!(!is_alarmed(&app).await, "{round}");
    }
    fail(6).await;
    fail(7).await;
    assert!(is_alarmed(&app).await && is_alarmed(&second).await);
    let home = console.get("/admin").await;
    assert!(
        home.text().contains("Unusually many logins are failing"),
        "{home:?}"
    );
    app.browser().log_in(&person).await;

    app.clock.advance(minutes(1));
    assert!(!is_alarmed(&app).await);
    let home = console.get("/admin").await;
    assert!(!home.text().contains("Unusually many"), "{home:?}");
}

#[sqlx::test]
async fn what_counts_for_nothing_any_more_is_deleted(db: PgPool) {
    let app = TestApp::spawn_with(db, &[("LINKGATE_LIMIT_AUTHORIZE", "20")]).await;
    let platform = app.platform(&app.client().await);
    app.browser().get(&platform.url_with(&[])).await;
    app.browser()
        .log_in_at("/login", "a@example.com", WRONG)
        .await;
    assert_eq!(app.count("failure_tally", "true").await, 2);
    assert_eq!(app.count("request_count", "true").await, 1);
    app.clean().await;
    assert_eq!(app.count("failure_tally", "true").await, 2);
    app.clock.advance(minutes(16));
    app.clean().await;
    assert_eq!(app.count("failure_tally", "true").await, 0);
    assert_eq!(app.count("request_count", "true").await, 0);
}
