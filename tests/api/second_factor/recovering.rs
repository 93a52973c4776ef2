//! Recovery codes, and forgotten passwords of who has a second factor.

use sqlx::PgPool;

use super::{Guarded, assert_from_the_start, is_logged_in};
use crate::harness::{
    MailServer, PASSWORD, Stage, TestApp, draft, minutes, recovery_codes, seconds,
};

#[sqlx::test]
async fn a_recovery_code_leads_in_once_however_it_is_typed(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let app = &guarded.stage.app;
    for (at, code) in guarded.app.recovery.iter().take(3).enumerate() {
        let typed = [code.clone(), code.to_uppercase(), code.replace('-', " ")][at].clone();
        let browser = app.browser();
        let asked = guarded.knock(&browser).await;
        let page = browser
            .get(&format!("{}&recovery=1", asked.location()))
            .await;
        let entered = browser.type_code(&page, &typed).await;
        assert_eq!(entered.location(), "/account", "{typed}");
        let again = app.browser();
        let asked = guarded.knock(&again).await;
        again.type_code(&asked, &typed).await.assert_page(422);
    }
    assert_eq!(app.count("recovery_code", "true").await, 7);
}

#[sqlx::test]
async fn of_one_recovery_code_typed_on_two_nodes_at_once_one_counts(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let other = guarded.stage.app.second_node().await;
    for code in guarded.app.recovery.iter().take(5) {
        let (one, two) = (guarded.stage.app.browser(), guarded.stage.app.browser());
        let (first, second) = (guarded.knock(&one).await, guarded.knock(&two).await);
        let two = two.at(&other.url);
        let typed = tokio::join!(one.type_code(&first, code), two.type_code(&second, code));
        let mut statuses = [typed.0.status, typed.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
    }
}

#[sqlx::test]
async fn new_recovery_codes_end_the_old_ones(db: PgPool) {
    let guarded = Guarded::set(db).await;
    let (app, own) = (&guarded.stage.app, &guarded.stage.browser);
    let asked = guarded.knock(own).await;
    own.type_code(&asked, &guarded.code()).await;
    let form = own.get("/account/factors/codes").await;
    let form = form.form("/account/factors/codes");
    let refused = own.submit(&form.clone().with("current", "wrong")).await;
    refused.assert_page(422);
    assert!(recovery_codes(&refused).is_empty());
    app.clock.advance(seconds(5));
    let shown = own.submit(&form.clone().with("current", PASSWORD)).await;
    let new = recovery_codes(&shown);
    // A double tap shows the ones that count.
    let again = own.submit(&form.with("current", PASSWORD)).await;
    assert_eq!(recovery_codes(&again), new);
    assert_eq!(app.count("recovery_code", "true").await, 10);
    let browser = app.browser();
    let asked = guarded.knock(&browser).await;
    let old = browser.type_code(&asked, &guarded.app.recovery[0]).await;
    old.assert_page(422);
    assert_eq!(
        browser.type_code(&old, &new[0]).await.location(),
        "/account"
    );
}

#[sqlx::test]
async fn a_mailed_code_alone_gets_nobody_past_the_second_step(db: PgPool) {
    let mail = MailServer::open().await;
    let app = TestApp::spawn_with(db, &[("LINKGATE_SMTP_URL", &mail.url)]).await;
    let guarded = Guarded::on(Stage::on(app, draft()).await).await;
    let (app, person) = (&guarded.stage.app, &guarded.stage.person);
    mail.letter_to(&person.email).await;
    let browser = &guarded.browser;
    let form = browser
        .get("/password/forgot")
        .await
        .form("/password/forgot");
    let asked = browser.submit(&form.with("email", &person.email)).await;
    let page = browser.get(asked.location()).await;
    let letter = mail.letter_to(&person.email).await;
    let typed = browser
        .submit(&page.form("/verify").with("code", &letter.code().unwrap()))
        .await;
    let end = browser.get(typed.location()).await;
    let new = "seventeen purple herons";
    let done = browser
        .submit(&end.form("/password/reset").with("password", new))
        .await;
    assert!(
        done.location().starts_with("/login/factor?ticket="),
        "{done:?}"
    );
    assert_eq!(browser.cookie("sid"), None);
    assert_eq!(guarded.sessions().await, 0);
    let wrong = browser.type_code(&done, &guarded.wrong()).await;
    wrong.assert_page(422);
    let entered = browser.type_code(&wrong, &guarded.code()).await;
    assert_eq!(entered.location(), "/account");
    app.clock.advance(minutes(1));
    let fresh = app.browser();
    let asked = fresh.log_in_at("/login", &person.email, new).await;
    assert!(asked.location().starts_with("/login/factor?"));
    assert!(!is_logged_in(&fresh).await);
    let page = fresh.get(asked.location()).await;
    for _ in 0..4 {
        fresh
            .type_code(&page, "aaaa-aaaa-aaaa-aaaa")
            .await
            .assert_page(422);
    }
    assert_from_the_start(&fresh.type_code(&page, "aaaa-aaaa-aaaa-aaaa").await);
}
