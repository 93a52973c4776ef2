//! How often a code may be guessed at, and that the owner always gets in.

use futures_util::future::join_all;
use sqlx::PgPool;

use super::{Guarded, assert_from_the_start, is_logged_in};
use crate::harness::{hours, minutes};

#[sqlx::test]
async fn a_step_takes_five_codes(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let browser = &guarded.browser;
    let asked = guarded.knock(browser).await;
    let page = browser.get(asked.location()).await;
    for _ in 0..4 {
        let answer = browser.type_code(&page, &guarded.wrong()).await;
        answer.assert_page(422);
    }
    assert_from_the_start(&browser.type_code(&page, &guarded.wrong()).await);
    assert_from_the_start(&browser.type_code(&page, &guarded.code()).await);
    assert_eq!(browser.cookie("sid"), None);
    // The password leads to another step.
    let asked = guarded.knock(browser).await;
    let entered = browser.type_code(&asked, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
}

#[sqlx::test]
async fn many_codes_at_once_are_no_more_than_five(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let asked = guarded.knock(&guarded.browser).await;
    let page = guarded.browser.get(asked.location()).await;
    let wrong = guarded.wrong();
    join_all((0..12).map(|_| guarded.browser.type_code(&page, &wrong))).await;
    assert_eq!(
        guarded.stage.app.count("factor_ticket", "tries = 5").await,
        1
    );
    assert_from_the_start(&guarded.browser.type_code(&page, &guarded.code()).await);
}

/// Types so many wrong codes, with a new step for each; gives the answers' statuses.
async fn guess(guarded: &Guarded, nodes: &[&str], guesses: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for guess in 0..guesses {
        let browser = guarded.stage.app.browser().at(nodes[guess % nodes.len()]);
        let asked = guarded.knock(&browser).await;
        statuses.push(browser.type_code(&asked, &guarded.wrong()).await.status);
    }
    statuses
}

#[sqlx::test]
async fn new_steps_give_no_more_than_ten_guesses_an_hour_on_all_nodes(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let app = &guarded.stage.app;
    let other = app.second_node().await;
    let nodes = [app.url.as_str(), other.url.as_str()];
    assert_eq!(guess(&guarded, &nodes, 10).await, [422; 10]);
    assert_eq!(guess(&guarded, &nodes, 2).await, [429; 2]);
    // The right code is not looked at either: else it could be guessed all the same.
    let browser = app.browser();
    let asked = guarded.knock(&browser).await;
    let refused = browser.type_code(&asked, &guarded.code()).await;
    refused.assert_page(429);
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=360).contains(&wait), "{wait}");
    assert!(!is_logged_in(&browser).await);
    let mut looked_at = 0;
    for _ in 0..30 {
        app.clock.advance(minutes(2));
        let statuses = guess(&guarded, &nodes, 1).await;
        looked_at += statuses.iter().filter(|status| **status == 422).count();
    }
    assert!(looked_at <= 10, "{looked_at}");
}

#[sqlx::test]
async fn auth_05_who_guesses_locks_nobody_out(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let app = &guarded.stage.app;
    guess(&guarded, &[&app.url], 12).await;
    // Their own device has a tally of its own,
    let own = &guarded.stage.browser;
    let asked = guarded.knock(own).await;
    let entered = own.type_code(&asked, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
    // a recovery code is looked at anywhere,
    let browser = app.browser();
    let asked = guarded.knock(&browser).await;
    let waits = browser.type_code(&asked, &guarded.code()).await;
    waits.assert_page(429);
    let entered = browser.type_code(&waits, &guarded.app.recovery[3]).await;
    assert_eq!(entered.location(), "/account");
    // and it eases by itself.
    app.clock.advance(hours(1));
    let browser = app.browser();
    let asked = guarded.knock(&browser).await;
    let entered = browser.type_code(&asked, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
}
