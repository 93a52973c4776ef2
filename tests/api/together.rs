//! Links that are made or resolved at once share statements, and nothing else.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sqlx::PgPool;

use crate::harness::{Browser, Person, Redirect, Stage, tokens};

/// Many people of one platform, each in front of the consent page.
async fn in_front_of_consent(stage: &Stage, count: usize) -> Vec<(Person, Browser)> {
    let arriving = (0..count).map(|number| async move {
        let person = stage.app.person(&format!("p{number}@example.com")).await;
        (person, stage.app.browser())
    });
    join_all(arriving).await
}

#[sqlx::test]
async fn people_who_link_at_once_each_get_their_own_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let people = in_front_of_consent(&stage, 16).await;
    let linking = people.iter().map(|(person, browser)| {
        let stage = &stage;
        async move {
            let state = format!("state of {}", person.email);
            let url = stage.platform.url_with(&[("state", &state)]);
            let page = browser.consent_page(person, &url).await;
            let redirect = Redirect::of(&browser.decide(&page, "approve").await);
            let pair = tokens(&stage.platform.redeem(redirect.code(), &[]).await);
            let resolved = stage.platform.resolve(&pair.access).await.json();
            assert_eq!(resolved["account"]["id"], person.id.to_string());
            resolved["link"]["id"].as_str().unwrap().to_owned()
        }
    });
    let links: BTreeSet<_> = join_all(linking).await.into_iter().collect();
    assert_eq!(links.len(), 16);
    assert_eq!(stage.app.count("link", "state = 'active'").await, 16);
}

#[sqlx::test]
async fn one_whose_account_is_deleted_meanwhile_fails_alone(db: PgPool) {
    let stage = Stage::set(db).await;
    let people = in_front_of_consent(&stage, 12).await;
    let mut pages = Vec::new();
    for (person, browser) in &people {
        let page = browser
            .consent_page(person, &stage.platform.url_with(&[]))
            .await;
        pages.push((browser, page));
    }
    // The row stays for sessions to find, and no link can name it: what is left between the two
    // statements of an approval when somebody deletes the account.
    stage
        .app
        .change_schema(
            "create function refuse() returns trigger language plpgsql as $$
             begin
                 if new.account_id = (select account_id from account where email = 'p5@example.com') then
                     raise foreign_key_violation;
                 end if;
                 return new;
             end $$;",
        )
        .await;
    stage
        .app
        .change_schema(
            "create trigger refuse before insert on link for each row execute function refuse()",
        )
        .await;
    let approving = pages
        .iter()
        .map(|(browser, page)| browser.decide(page, "approve"));
    let answers = join_all(approving).await;
    let failed = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.status != 303);
    let failed: Vec<_> = failed.map(|(number, _)| number).collect();
    assert_eq!(failed, [5]);
    assert_eq!(stage.app.count("link", "state = 'pending'").await, 11);
}

#[sqlx::test]
async fn tokens_that_are_resolved_at_once_each_get_the_answer_they_get_alone(db: PgPool) {
    let stage = Stage::set(db).await;
    let elsewhere = stage.app.client().await;
    let elsewhere = stage.app.platform(&elsewhere);
    let mut tokens = vec!["x".to_owned()];
    for number in 0..4 {
        let person = stage.app.person(&format!("p{number}@example.com")).await;
        for (platform, scopes) in [
            (&stage.platform, &[][..]),
            (&elsewhere, &["account:id"][..]),
        ] {
            let asked = platform.ask(scopes);
            let redirect = stage.app.browser().approve(&person, &asked.url).await;
            let pair = platform.exchange(asked, redirect.code()).await;
            tokens.push(pair.access);
        }
    }
    for change in [
        "update link set access_epoch = access_epoch + 1
         where account_id = (select account_id from account where email = 'p0@example.com')",
        "update account set disabled_at = now() where email = 'p1@example.com'",
    ] {
        stage.app.change(change).await;
    }
    let resolve = async |token: &String| {
        let answer = stage.platform.resolve(token).await;
        (answer.status, answer.body)
    };
    let mut alone = Vec::new();
    for token in &tokens {
        alone.push(resolve(token).await);
    }
    assert_eq!(alone.iter().filter(|answer| answer.0 == 200).count(), 4);
    for _ in 0..5 {
        let many = tokens.iter().cycle().take(60);
        let answers = join_all(many.map(&resolve)).await;
        assert!(answers.iter().eq(alone.iter().cycle().take(60)));
    }
}

#[sqlx::test]
async fn clients_that_refresh_at_once_are_each_taken_for_themselves(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.client().await;
    let other = stage.app.platform(&other);
    let mut held = Vec::new();
    for _ in 0..6 {
        // Alternating, so that a statement serves both clients.
        for (platform, stranger) in [(&stage.platform, &other), (&other, &stage.platform)] {
            let asked = platform.ask(&[]);
            let redirect = stage.browser.approve(&stage.person, &asked.url).await;
            let pair = platform.exchange(asked, redirect.code()).await;
            held.push((platform, stranger, pair.refresh));
        }
    }
    let refreshes = held
        .iter()
        .map(|(platform, _, token)| platform.refresh_with(token, &[]));
    for answer in join_all(refreshes).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let refreshes = held
        .iter()
        .map(|(_, stranger, token)| stranger.refresh_with(token, &[]));
    for answer in join_all(refreshes).await {
        answer.assert_refused(400, "invalid_grant");
    }
}
