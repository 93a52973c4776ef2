//! Devices that logged in before: past a lock that others made, with a tally of their own.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sqlx::PgPool;

use super::{Visitor, WRONG, app, is_in};
use crate::harness::{PASSWORD, days, seconds};

#[sqlx::test]
async fn auth_01_the_owners_device_goes_past_a_lock_that_others_made(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    let home = Visitor(app.browser(), "203.0.113.1");
    assert!(is_in(&home.log_in(&owner.email, PASSWORD).await));
    for number in 0..50 {
        let address = format!("198.51.100.{number}");
        Visitor(app.browser(), &address)
            .log_in(&owner.email, WRONG)
            .await;
    }
    // The attacker sits behind the owner's own address, too.
    for number in 0..11 {
        Visitor(app.browser(), "203.0.113.1")
            .log_in(&format!("a{number}@example.com"), WRONG)
            .await;
    }
    let stranger = Visitor(app.browser(), "192.0.2.9");
    assert!(!is_in(&stranger.log_in(&owner.email, PASSWORD).await));
    home.0.forget_cookie("sid");
    assert!(is_in(&home.log_in(&owner.email, PASSWORD).await));
    assert!(
        !is_in(&stranger.log_in(&owner.email, PASSWORD).await),
        "the lock of others stays"
    );
}

/// A device's cookie with the earliest time that can be written, which no difference may overflow.
fn from_the_dawn_of_time(genuine: &str) -> String {
    let text = genuine.strip_prefix("lg_dv_").unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    // After the key's id, the account and the device.
    bytes[34..42].copy_from_slice(&i64::MIN.to_be_bytes());
    format!("lg_dv_{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[sqlx::test]
async fn auth_01_a_device_of_another_account_or_a_forged_one_goes_past_nothing(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    let other = app.person("other@example.com").await;
    let home = Visitor(app.browser(), "203.0.113.1");
    home.log_in(&owner.email, PASSWORD).await;
    let attacker = Visitor(app.browser(), "198.51.100.7");
    assert!(is_in(&attacker.log_in(&other.email, PASSWORD).await));
    let own = attacker.0.cookie("dev").unwrap();
    attacker.log_in(&owner.email, WRONG).await;
    assert!(!is_in(&attacker.log_in(&owner.email, PASSWORD).await));

    let genuine = home.0.cookie("dev").unwrap();
    let flipped = |at: usize| {
        let mut forged: Vec<char> = genuine.chars().collect();
        forged[at] = if forged[at] == 'A' { 'B' } else { 'A' };
        forged.into_iter().collect::<String>()
    };
    let mut forged = vec![
        own,
        String::new(),
        "lg_dv_".to_owned(),
        genuine.replace("lg_dv_", ""),
    ];
    forged.extend([8, 20, 40, 60, 90].map(flipped));
    forged.push(from_the_dawn_of_time(&genuine));
    for cookie in forged {
        let attacker = Visitor(app.browser(), "198.51.100.8");
        attacker.0.set_cookie("dev", &cookie);
        assert!(
            !is_in(&attacker.log_in(&owner.email, PASSWORD).await),
            "{cookie}"
        );
        app.change("delete from failure_tally where failures > 1")
            .await;
        attacker.log_in(&owner.email, WRONG).await;
    }
    let attacker = Visitor(app.browser(), "198.51.100.9");
    attacker.0.set_cookie("dev", &genuine);
    assert!(
        is_in(&attacker.log_in(&owner.email, PASSWORD).await),
        "the genuine one does"
    );
}

#[sqlx::test]
async fn auth_01_a_device_that_fails_waits_by_itself_and_locks_nobody_else(db: PgPool) {
    let app = app(db).await;
    let owner = app.person("haneul@example.com").await;
    let home = Visitor(app.browser(), "203.0.113.1");
    home.log_in(&owner.email, PASSWORD).await;
    home.log_in(&owner.email, WRONG).await;
    assert!(!is_in(&home.log_in(&owner.email, PASSWORD).await));
    let elsewhere = Visitor(app.browser(), "203.0.113.2");
    assert!(is_in(&elsewhere.log_in(&owner.email, PASSWORD).await));
    app.clock.advance(seconds(1));
    assert!(is_in(&home.log_in(&owner.email, PASSWORD).await));
}

#[sqlx::test]
async fn a_device_is_known_for_400_days_and_for_a_familys_accounts(db: PgPool) {
    let app = app(db).await;
    let tablet = Visitor(app.browser(), "203.0.113.1");
    let mut family = Vec::new();
    for number in 0..4 {
        let person = app.person(&format!("person{number}@example.com")).await;
        assert!(is_in(&tablet.log_in(&person.email, PASSWORD).await));
        family.push(person);
    }
    for (day, expected) in [(399, true), (2, false)] {
        app.clock.advance(days(day));
        for person in &family {
            Visitor(app.browser(), "198.51.100.1")
                .log_in(&person.email, WRONG)
                .await;
        }
        let one = family.first().unwrap();
        let before = tablet.0.cookie("dev").unwrap();
        assert_eq!(
            is_in(&tablet.log_in(&one.email, PASSWORD).await),
            expected,
            "{day}"
        );
        tablet.0.set_cookie("dev", &before);
    }
}
