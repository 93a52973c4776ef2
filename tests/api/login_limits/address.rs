//! By address (AUTH-02): many accounts tried from one place.

use sqlx::PgPool;

use super::{PROXY, Visitor, WRONG, app, is_in};
use crate::harness::{Answer, PASSWORD, TestApp, seconds};

/// How long it says to wait.
#[track_caller]
fn waits(answer: &Answer) -> i64 {
    answer.assert_page(429);
    let said = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(
        answer.text().contains("That was too many tries"),
        "{answer:?}"
    );
    said
}

#[sqlx::test]
async fn auth_02_after_ten_failures_an_address_waits_whatever_account_it_tries(db: PgPool) {
    let app = app(db).await;
    app.person("known@example.com").await;
    let attacker = Visitor(app.browser(), "198.51.100.7");
    for number in 0..10 {
        let email = format!("person{number}@example.com");
        assert_eq!(attacker.log_in(&email, WRONG).await.status, 422);
    }
    assert_eq!(waits(&attacker.log_in("new@example.com", WRONG).await), 10);
    let right = attacker.log_in("known@example.com", PASSWORD).await;
    assert_eq!(waits(&right), 10, "else it would go on guessing");
    app.clock.advance(seconds(9));
    assert_eq!(waits(&attacker.log_in("new@example.com", WRONG).await), 1);
    app.clock.advance(seconds(1));
    assert_eq!(attacker.log_in("new@example.com", WRONG).await.status, 422);
    assert_eq!(waits(&attacker.log_in("new2@example.com", WRONG).await), 10);

    let other = Visitor(app.browser(), "198.51.100.8");
    assert!(is_in(&other.log_in("known@example.com", PASSWORD).await));
}

#[sqlx::test]
async fn auth_02_a_wait_is_forgotten_one_failure_every_ten_seconds(db: PgPool) {
    let app = app(db).await;
    let attacker = Visitor(app.browser(), "198.51.100.7");
    for number in 0..10 {
        attacker
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    // Its wait is over after ten seconds, and three are forgotten in the thirty after that.
    app.clock.advance(seconds(10 + 30));
    for number in 0..3 {
        let answer = attacker
            .log_in(&format!("b{number}@example.com"), WRONG)
            .await;
        assert_eq!(answer.status, 422, "{number}");
    }
    waits(&attacker.log_in("c@example.com", WRONG).await);
}

#[sqlx::test]
async fn logins_that_succeed_are_never_counted(db: PgPool) {
    let app = app(db).await;
    let mut people = Vec::new();
    for number in 0..15 {
        people.push(app.person(&format!("person{number}@example.com")).await);
    }
    for person in &people {
        let carrier = Visitor(app.browser(), "198.51.100.7");
        assert!(is_in(&carrier.log_in(&person.email, PASSWORD).await));
    }
    assert_eq!(
        app.count("failure_tally", "true").await,
        0,
        "nothing is written"
    );
}

#[sqlx::test]
async fn auth_02_an_ipv6_household_is_one_address(db: PgPool) {
    let app = app(db).await;
    for number in 0..10 {
        let address = format!("2001:db8:1:2:{number}::1");
        let attacker = Visitor(app.browser(), &address);
        attacker
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    let same = Visitor(app.browser(), "2001:db8:1:2:ffff::9");
    waits(&same.log_in("b@example.com", WRONG).await);
    let other = Visitor(app.browser(), "2001:db8:1:3::1");
    assert_eq!(other.log_in("b@example.com", WRONG).await.status, 422);
}

#[sqlx::test]
async fn auth_02_without_trusted_proxies_no_header_gives_another_address(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for number in 0..10 {
        let address = format!("198.51.100.{number}");
        let attacker = Visitor(app.browser(), &address);
        attacker
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    let attacker = Visitor(app.browser(), "198.51.100.200");
    waits(&attacker.log_in("b@example.com", WRONG).await);
}

#[sqlx::test]
async fn auth_02_an_invented_hop_before_the_proxys_own_gives_no_other_address(db: PgPool) {
    let app = app(db).await;
    for number in 0..10 {
        let forwarded = format!("192.0.2.{number}, 198.51.100.7");
        let attacker = Visitor(app.browser(), &forwarded);
        attacker
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    let attacker = Visitor(app.browser(), "192.0.2.200, 198.51.100.7");
    waits(&attacker.log_in("b@example.com", WRONG).await);
}

#[sqlx::test]
async fn auth_02_every_node_knows_of_failures_at_the_others(db: PgPool) {
    let app = app(db).await;
    let second = app.node_with(&[PROXY]).await;
    for number in 0..10 {
        let browser = if number % 2 == 0 {
            app.browser()
        } else {
            second.browser()
        };
        let attacker = Visitor(browser, "198.51.100.7");
        attacker
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    for node in [&app, &second] {
        let attacker = Visitor(node.browser(), "198.51.100.7");
        waits(&attacker.log_in("b@example.com", WRONG).await);
    }
    let owner = app.person("known@example.com").await;
    let far = Visitor(app.browser(), "203.0.113.1");
    far.log_in(&owner.email, WRONG).await;
    let near = Visitor(second.browser(), "203.0.113.2");
    assert!(
        !is_in(&near.log_in(&owner.email, PASSWORD).await),
        "the soft lock holds here, too"
    );
}

#[sqlx::test]
async fn limits_are_what_is_set(db: PgPool) {
    let settings = [
        ("LINKGATE_LIMIT_LOGIN_BURST", "2"),
        ("LINKGATE_LIMIT_LOGIN_INTERVAL", "1m"),
        ("LINKGATE_LIMIT_LOGIN_LOCKS", "2:30s"),
    ];
    let app = TestApp::spawn_with(db, &settings).await;
    let owner = app.person("haneul@example.com").await;
    let browser = app.browser();
    browser.log_in_at("/login", &owner.email, WRONG).await;
    browser.log_in_at("/login", &owner.email, WRONG).await;
    let refused = browser.log_in_at("/login", &owner.email, PASSWORD).await;
    assert_eq!(waits(&refused), 60);
    app.clock.advance(seconds(60));
    assert!(is_in(
        &browser.log_in_at("/login", &owner.email, PASSWORD).await
    ));
}

#[sqlx::test]
async fn addresses_and_emails_are_not_in_the_counters(db: PgPool) {
    let app = app(db).await;
    let visitor = Visitor(app.browser(), "198.51.100.7");
    visitor.log_in("haneul@example.com", WRONG).await;
    let rows = "select string_agg(failure_tally::text, ',') from failure_tally";
    let rows = app.value(rows).await.unwrap();
    for plain in ["haneul@example.com", "198.51.100.7"] {
        let hashed = format!("subject in (sha256('{plain}'), '{plain}'::bytea)");
        assert_eq!(app.count("failure_tally", &hashed).await, 0);
        assert!(!rows.contains(plain), "{rows}");
    }
}
