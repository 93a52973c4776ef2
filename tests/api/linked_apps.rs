//! The person's own page of linked apps.

use sqlx::PgPool;

use crate::harness::{Stage, days};

#[sqlx::test]
async fn it_needs_a_login(db: PgPool) {
    let stage = Stage::set(db).await;
    assert_eq!(stage.browser.get("/account").await.location(), "/login");
    let login = stage.browser.get("/login").await;
    let token = login.form("/login").value("csrf").to_owned();
    let form = crate::harness::Form {
        action: "/account/unlink".to_owned(),
        fields: vec![("csrf".to_owned(), token)],
    };
    let answer = stage.browser.submit(&form).await;
    assert!(
        answer.status == 403 || answer.location() == "/login",
        "{answer:?}"
    );
}

#[sqlx::test]
async fn it_lists_what_is_linked_and_what_it_may_see(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let empty = stage.browser.get("/account?lang=en").await;
    assert!(empty.text().contains("Nothing is linked yet"));
    stage.link().await;
    let text = stage.browser.get("/account").await.text();
    for part in [
        "Speaker",
        "since 4 May 2026",
        "working",
        "Your e-mail address",
        "haneul@example.com",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[sqlx::test]
async fn unlinking_ends_the_link_at_once_and_is_told(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let page = stage.browser.get("/account?lang=en").await;
    let answer = stage.browser.submit(&page.form("/account/unlink")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("Speaker is unlinked."));
    assert!(answer.text().contains("Nothing is linked yet"));
    assert!(!stage.resolves(&link).await);
    // A second tap on a stale page does no harm.
    let again = stage.browser.submit(&page.form("/account/unlink")).await;
    assert_eq!(again.status, 200);
    assert_eq!(stage.app.only_link().await, "ended by account");
}

#[sqlx::test]
async fn an_unreadable_link_id_is_a_page(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let form = stage.browser.get("/account").await.form("/account/unlink");
    for id in [
        "",
        "x",
        "00000000-0000-0000-0000-000000000000",
        "' or true --",
    ] {
        let answer = stage
            .browser
            .submit(&form.clone().with("link_id", id))
            .await;
        answer.assert_page(404);
    }
    assert_eq!(stage.app.only_link().await, "active");
}

#[sqlx::test]
async fn a_paused_and_a_forgotten_link_say_so(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    stage.app.clock.advance(days(61));
    stage.browser.log_in(&stage.person).await;
    let text = stage.browser.get("/account?lang=en").await.text();
    assert!(text.contains("quiet"), "{text}");
    stage.app.disable_client(&stage.client).await;
    let text = stage.browser.get("/account").await.text();
    assert!(text.contains("paused"), "{text}");
}

#[sqlx::test]
async fn adm_02_nobody_ends_a_link_of_another(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    let foreign = stage.app.value("select link_id from link").await.unwrap();
    let owner = stage.person.id.to_string();
    let other = stage.app.person("other@example.com").await;
    let others = stage.app.browser();
    others.approve(&other, &stage.platform.url_with(&[])).await;
    let own = others.get("/account").await.form("/account/unlink");
    let form = own.clone().with("link_id", &foreign);
    for form in [
        form.clone(),
        form.clone().with("account_id", &owner),
        form.clone().with("account", &stage.person.email),
        form.and("link_id", own.value("link_id")),
    ] {
        others.submit(&form).await.assert_page(404);
    }
    // Naming both ends at most one's own.
    others.submit(&own.and("link_id", &foreign)).await;
    assert!(stage.resolves(&tokens).await);
}

#[sqlx::test]
async fn adm_02_nobody_sees_what_another_has_linked(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    let link = stage.app.value("select link_id from link").await.unwrap();
    let other = stage.app.person("other@example.com").await;
    let others = stage.app.browser();
    others.log_in(&other).await;
    let owner = stage.person.id;
    for query in [
        "lang=en".to_owned(),
        format!("account={owner}&account_id={owner}"),
        format!("link_id={link}"),
        format!("email={}", stage.person.email),
    ] {
        let page = others.get(&format!("/account?{query}")).await;
        page.assert_page(200);
        assert!(page.text().contains("Nothing is linked yet"), "{page:?}");
        assert!(!page.body.contains("Speaker") && !page.body.contains(&link));
    }
}

#[sqlx::test]
async fn two_hundred_ended_links_hide_no_living_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let tokens = stage.link().await;
    let living = stage.app.value("select link_id from link").await.unwrap();
    let ended = "insert into link (link_id, client_id, account_id, state, scopes, approved_at, ended_at, end_reason)
                 select gen_random_uuid(), client_id, account_id, 'ended', scopes,
                        approved_at + n * interval '1 minute', approved_at + interval '1 day', 'account'
                 from link, generate_series(1, 200) n";
    stage.app.change(ended).await;
    let page = stage.browser.get("/account?lang=en").await;
    assert!(page.text().contains("working"), "{}", page.text());
    let form = page.form("/account/unlink");
    assert_eq!(form.value("link_id"), living);
    stage.browser.submit(&form).await.assert_page(200);
    assert!(!stage.resolves(&tokens).await);
}
