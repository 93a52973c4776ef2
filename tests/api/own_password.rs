//! Changing one's password: who may, what it ends, and what it leaves alone.

use sqlx::PgPool;

use crate::harness::{Answer, Browser, PASSWORD, Stage, minutes};

const NEW: &str = "seventeen purple herons";

async fn change(browser: &Browser, current: &str, new: &str, links: &str) -> Answer {
    let form = browser.get("/account/password?lang=en").await;
    let form = form.form("/account/password");
    let form = form.with("current", current).with("password", new);
    browser.submit(&form.with("links", links)).await
}

async fn is_logged_in(browser: &Browser) -> bool {
    browser.get("/account/security").await.status == 200
}

#[sqlx::test]
async fn ses_06_a_changed_password_ends_every_other_login_and_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let other = stage.app.browser();
    other.log_in(&stage.person).await;
    let session = stage.browser.cookie("sid");
    let page = stage.browser.get("/account/password?lang=en").await;
    assert!(page.text().contains("They stay linked"), "{page:?}");

    let answer = change(&stage.browser, PASSWORD, NEW, "keep").await;
    assert_eq!(answer.location(), "/account/security?changed=1");
    let told = stage.browser.get(answer.location()).await.text();
    assert!(told.contains("Your password is changed"), "{told}");
    // This browser goes on, under a new id (SES-01).
    assert_ne!(stage.browser.cookie("sid"), session);
    assert!(!is_logged_in(&other).await);
    assert!(stage.resolves(&link).await);
    assert!(stage.resolves(&stage.platform.refresh(&link).await).await);

    let again = stage.app.browser();
    let new = again.log_in_at("/login", &stage.person.email, NEW).await;
    assert_eq!(new.location(), "/account");
    let old = stage.app.browser();
    let old = old.log_in_at("/login", &stage.person.email, PASSWORD).await;
    assert_eq!(old.status, 422);
}

#[sqlx::test]
async fn ref_07_a_changed_password_ends_every_link_where_that_was_chosen(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    let answer = change(&stage.browser, PASSWORD, NEW, "end").await;
    assert_eq!(answer.location(), "/account/security?changed=1");
    assert!(!stage.resolves(&link).await);
    let refused = stage.platform.refresh_with(&link.refresh, &[]).await;
    refused.assert_refused(400, "invalid_grant");
    assert_eq!(stage.app.only_link().await, "ended by password_change");
    let told = "select detail from event where kind = 'link_ended'";
    assert_eq!(
        stage.app.value(told).await.as_deref(),
        Some("password_change")
    );
}

#[sqlx::test]
async fn cod_08_a_code_that_waits_dies_with_the_links_when_the_password_changes(db: PgPool) {
    let stage = Stage::set(db).await;
    let code = stage.code().await;
    change(&stage.browser, PASSWORD, NEW, "end").await;
    let refused = stage.redeem(&code).await;
    refused.assert_refused(400, "invalid_grant");
}

#[sqlx::test]
async fn nothing_changes_without_the_current_password_which_can_t_be_guessed(db: PgPool) {
    let stage = Stage::set(db).await;
    let link = stage.link().await;
    for _ in 0..20 {
        let answer = change(&stage.browser, "wrong horse", NEW, "end").await;
        answer.assert_page(422);
        assert!(
            answer.text().contains("That password isn’t right"),
            "{answer:?}"
        );
    }
    // Whoever sits at a browser that was left open doesn't get it by guessing.
    let answer = change(&stage.browser, PASSWORD, NEW, "end").await;
    assert_eq!(answer.status, 422);
    assert!(stage.resolves(&link).await);
    stage.app.clock.advance(minutes(16));
    let answer = change(&stage.browser, PASSWORD, NEW, "keep").await;
    assert_eq!(answer.location(), "/account/security?changed=1");
}

#[sqlx::test]
async fn a_new_password_that_is_easy_to_guess_is_refused_with_advice(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let own = format!("{}!", stage.person.email);
    for weak in ["short", "password1", "qwertyuiop", own.as_str()] {
        let answer = change(&stage.browser, PASSWORD, weak, "keep").await;
        answer.assert_page(422);
        assert!(answer.body.contains("id=\"weak\""), "{weak}: {answer:?}");
    }
    let other = stage.app.browser();
    other.log_in(&stage.person).await;
}
