//! By account (AUTH-01, AUTH-03, AUTH-05): a soft lock that is told to nobody and never lasts.

use std::collections::BTreeSet;

use sqlx::PgPool;

use super::{Visitor, WRONG, app, is_in};
use crate::harness::{Answer, PASSWORD, TestApp, minutes, seconds};

/// The tallies of accounts, as opposed to those of addresses.
const OF_ACCOUNTS: &str = "forgotten_at - eases_from >= interval '15 minutes'";

/// As if the one account that failed had done so a hundred times.
async fn after_an_attack(app: &TestApp) {
    let sql = format!(
        "update failure_tally set failures = 100, forgotten_at = eases_from + interval '1500 minutes'
         where {OF_ACCOUNTS}"
    );
    app.change(&sql).await;
}

/// An answer without what differs between any two.
fn shape(answer: &Answer, email: &str) -> (u16, BTreeSet<String>, String) {
    let told = |name: &str| ["date", "content-length"].contains(&name);
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !told(name.as_str()));
    let headers = headers.map(|(name, value)| format!("{name}: {value:?}"));
    (
        answer.status,
        headers.collect(),
        answer.body.replace(email, "…"),
    )
}

#[sqlx::test]
async fn auth_01_an_account_waits_longer_the_more_often_it_failed(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    for (failures, wait) in [
        (1, 1),
        (2, 1),
        (3, 3),
        (8, 3),
        (9, 5),
        (24, 5),
        (25, 10),
        (99, 10),
        (100, 900),
    ] {
        // As many addresses as failures: nobody waits because of where they are.
        app.change_schema("truncate failure_tally").await;
        for number in 0..failures {
            let address = format!("198.51.{}.{number}", 100 + failures);
            let attacker = Visitor(app.browser(), &address);
            assert_eq!(attacker.log_in(&owner.email, WRONG).await.status, 422);
            if number + 1 < failures {
                app.change(
                    "update failure_tally set blocked_until = eases_from - interval '1 hour'",
                )
                .await;
            }
        }
        app.clock.advance(seconds(wait) - seconds(1));
        let early = Visitor(app.browser(), "203.0.113.1");
        assert!(
            !is_in(&early.log_in(&owner.email, PASSWORD).await),
            "{failures}"
        );
        app.clock.advance(seconds(1));
        let later = Visitor(app.browser(), "203.0.113.2");
        assert!(
            is_in(&later.log_in(&owner.email, PASSWORD).await),
            "{failures}"
        );
    }
}

#[sqlx::test]
async fn auth_05_no_lock_is_longer_than_fifteen_minutes_however_long_the_attack(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    Visitor(app.browser(), "198.51.100.1")
        .log_in(&owner.email, WRONG)
        .await;
    after_an_attack(&app).await;
    for number in 0..20 {
        app.clock.advance(minutes(15));
        let address = format!("198.51.101.{number}");
        Visitor(app.browser(), &address)
            .log_in(&owner.email, WRONG)
            .await;
    }
    app.clock.advance(minutes(15));
    let owner_elsewhere = Visitor(app.browser(), "203.0.113.1");
    assert!(is_in(&owner_elsewhere.log_in(&owner.email, PASSWORD).await));
    let left = app.count("failure_tally", OF_ACCOUNTS).await;
    assert_eq!(left, 0, "the right password forgets the rest");
}

#[sqlx::test]
async fn auth_05_what_failed_is_forgotten_by_and_by(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    Visitor(app.browser(), "198.51.100.1")
        .log_in(&owner.email, WRONG)
        .await;
    after_an_attack(&app).await;
    // An hour later the owner mistypes: 96 are left, and this one.
    app.clock.advance(minutes(60) + seconds(1));
    Visitor(app.browser(), "203.0.113.1")
        .log_in(&owner.email, WRONG)
        .await;
    app.clock.advance(seconds(10));
    let owner_elsewhere = Visitor(app.browser(), "203.0.113.1");
    assert!(is_in(&owner_elsewhere.log_in(&owner.email, PASSWORD).await));
}

#[sqlx::test]
async fn auth_03_locked_unlocked_known_unknown_and_disabled_look_alike(db: PgPool) {
    let app = app(db).await;
    app.person("known@example.com").await;
    let disabled = app.person("disabled@example.com").await;
    app.disable(&disabled).await;
    let browser = app.browser();
    let mut shapes = Vec::new();
    for email in [
        "known@example.com",
        "unknown@example.com",
        "disabled@example.com",
    ] {
        for number in 0..30 {
            let address = format!("198.51.100.{number}");
            let visitor = Visitor(browser.clone(), &address);
            shapes.push(shape(&visitor.log_in(email, WRONG).await, email));
        }
        let visitor = Visitor(browser.clone(), "203.0.113.1");
        shapes.push(shape(&visitor.log_in(email, PASSWORD).await, email));
    }
    for pair in shapes.windows(2) {
        assert_eq!(pair[0], pair[1]);
    }
    let locked = "blocked_until > eases_from - interval '1 second' and failures > 0";
    assert!(
        app.count("failure_tally", locked).await >= 3,
        "unknown ones wait, too"
    );
}

#[sqlx::test]
async fn auth_01_many_guesses_at_once_are_not_looked_at_together(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    Visitor(app.browser(), "198.51.100.1")
        .log_in(&owner.email, WRONG)
        .await;
    app.clock.advance(seconds(1));
    let guesses = (0..12).map(|number| {
        let browser = app.browser();
        let email = owner.email.clone();
        async move {
            let address = format!("198.51.101.{number}");
            Visitor(browser, &address).log_in(&email, WRONG).await
        }
    });
    futures_util::future::join_all(guesses).await;
    let counted = "select max(failures) from failure_tally where failures > 1";
    assert_eq!(
        app.value(counted).await.as_deref(),
        Some("2"),
        "one of them was"
    );
}

#[sqlx::test]
async fn with_limits_off_an_account_still_waits(db: PgPool) {
    let app = TestApp::spawn_with(db, &[("LINKGATE_RATE_LIMITS", "off")]).await;
    let owner = app.person("haneul@example.com").await;
    let browser = app.browser();
    for number in 0..15 {
        let email = format!("a{number}@example.com");
        assert_eq!(browser.log_in_at("/login", &email, WRONG).await.status, 422);
    }
    browser.log_in_at("/login", &owner.email, WRONG).await;
    let early = browser.log_in_at("/login", &owner.email, PASSWORD).await;
    assert_eq!(early.status, 422);
    app.clock.advance(seconds(1));
    assert!(is_in(
        &browser.log_in_at("/login", &owner.email, PASSWORD).await
    ));
}
