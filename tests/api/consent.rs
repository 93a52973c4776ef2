//! Consent: asked every time, about everything, and answered once.

use sqlx::PgPool;

use crate::harness::{PASSWORD, Redirect, Stage};

#[sqlx::test]
async fn the_page_names_the_client_each_scope_the_account_and_the_time_left(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[("user_locale", "en")]).await;
    let text = page.text();
    for part in [
        "Link your Linkgate account to Speaker?",
        "A number that stands for you",
        "Your e-mail address",
        "Your name and language",
        "Your details at Linkgate",
        "김하늘",
        "haneul@example.com",
        "Not you?",
        "10 minutes",
        "platform.test",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let way_out = r#"You can unlink at any time under <a href="/account">Linked apps</a>."#;
    assert!(page.body.contains(way_out), "{}", page.body);
}

#[sqlx::test]
async fn the_page_lists_only_what_is_asked_for(db: PgPool) {
    let stage = Stage::set(db).await;
    let text = stage
        .consent_page(&[("scope", "account:profile")])
        .await
        .text();
    assert!(text.contains("A number that stands for you"));
    assert!(text.contains("Your name and language"));
    assert!(!text.contains("Your e-mail address") && !text.contains("Your details"));
}

#[sqlx::test]
async fn the_page_speaks_the_language_the_platform_names(db: PgPool) {
    let stage = Stage::set(db).await;
    for (locale, lang) in [("ko-KR", "ko"), ("ja", "ja"), ("en-US", "en"), ("xx", "en")] {
        let page = stage.consent_page(&[("user_locale", locale)]).await;
        assert!(
            page.body.contains(&format!("<html lang=\"{lang}\">")),
            "{locale}"
        );
    }
    let page = stage.consent_page(&[("ui_locales", "ja ko")]).await;
    assert!(page.body.contains("<html lang=\"ja\">"));
}

#[sqlx::test]
async fn csr_04_consent_is_asked_again_with_a_live_session_and_an_earlier_link(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.link().await;
    for _ in 0..2 {
        let page = stage.open(&[]).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Speaker"));
        assert_eq!(stage.app.count("link", "true").await, 1);
    }
    stage.link().await;
    // Linking again never ends another: a family may have several speakers.
    assert_eq!(stage.app.count("link", "state = 'active'").await, 2);
}

#[sqlx::test]
async fn the_form_may_lead_to_the_clients_origin_and_on_from_there_over_tls_alone(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let policy = page.header("content-security-policy").unwrap();
    let form_action = "form-action 'self' https://platform.test https:;";
    assert!(policy.contains(form_action), "{policy}");
    let login = stage.app.browser().get("/login").await;
    let policy = login.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self';"), "{policy}");
}

#[sqlx::test]
async fn a_refusal_goes_back_as_access_denied_and_writes_no_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[("state", "s")]).await;
    let answer = stage.browser.decide(&page, "deny").await;
    assert_eq!(answer.status, 303);
    let redirect = Redirect::of(&answer);
    redirect.assert_error("access_denied", Some("s"));
    assert_eq!(redirect.target, stage.platform.redirect_uri);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn an_answer_that_is_neither_yes_nor_no_does_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    for decision in ["", "maybe", "APPROVE", "approve deny"] {
        stage.browser.decide(&page, decision).await.assert_page(400);
    }
    let form = page.form("/consent");
    stage.browser.submit(&form).await.assert_page(400);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_double_tap_gives_the_same_redirect_and_one_link(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[("state", "s")]).await;
    let first = Redirect::of(&stage.browser.decide(&page, "approve").await);
    for _ in 0..3 {
        let again = Redirect::of(&stage.browser.decide(&page, "approve").await);
        assert_eq!(again, first);
    }
    let reloaded = format!("/consent?flow={}", page.form("/consent").value("flow"));
    let page = stage.browser.get(&reloaded).await;
    let again = Redirect::of(&stage.browser.decide(&page, "approve").await);
    assert_eq!(again, first);
    assert_eq!(stage.app.count("link", "true").await, 1);
}

#[sqlx::test]
async fn a_form_posted_again_after_the_redemption_gets_a_page_and_changes_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    let tokens = crate::harness::tokens(&stage.redeem(redirect.code()).await);
    let again = stage.browser.decide(&page, "approve").await;
    again.assert_page(409);
    assert!(again.text().contains("already linked"));
    assert!(stage.resolves(&tokens).await);
    assert_eq!(stage.app.count("link", "true").await, 1);
}

#[sqlx::test]
async fn a_form_posted_again_after_the_link_ended_makes_no_new_code(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    crate::harness::tokens(&stage.redeem(redirect.code()).await);
    let account = stage.browser.get("/account").await;
    stage.browser.submit(&account.form("/account/unlink")).await;
    stage
        .browser
        .decide(&page, "approve")
        .await
        .assert_page(409);
    assert_eq!(stage.app.only_link().await, "ended by account");
}

#[sqlx::test]
async fn if_another_is_signed_in_by_then_the_page_is_shown_again_with_their_name(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.person("other@example.com").await;
    let page = stage.consent_page(&[]).await;
    stage.browser.log_in(&other).await;
    let shown = stage.browser.decide(&page, "approve").await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("other@example.com"));
    assert!(!shown.text().contains(&stage.person.email));
    assert_eq!(stage.app.count("link", "true").await, 0);

    stage.browser.decide(&shown, "approve").await;
    let owner = stage.app.value("select account_id from link").await;
    assert_eq!(owner, Some(other.id.to_string()));
}

#[sqlx::test]
async fn a_flow_answered_by_one_account_is_not_answered_by_another(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.person("other@example.com").await;
    let page = stage.consent_page(&[]).await;
    stage.browser.decide(&page, "approve").await;
    stage.browser.log_in(&other).await;
    let shown = stage.browser.decide(&page, "approve").await;
    let answer = stage.browser.decide(&shown, "approve").await;
    answer.assert_page(409);
    assert!(answer.text().contains("Another account has answered"));
    let owner = stage.app.value("select account_id from link").await;
    assert_eq!(owner, Some(stage.person.id.to_string()));
}

#[sqlx::test]
async fn without_a_session_the_form_leads_back_through_the_login(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[("state", "s")]).await;
    stage.browser.forget_cookie("sid");
    for decision in ["approve", "deny"] {
        let answer = stage.browser.decide(&page, decision).await;
        assert!(answer.location().starts_with("/login?flow="), "{answer:?}");
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn not_you_logs_out_and_goes_on_with_another_account(db: PgPool) {
    let stage = Stage::set(db).await;
    let other = stage.app.person("other@example.com").await;
    let page = stage.consent_page(&[("state", "s")]).await;
    let session = stage.browser.cookie("sid").unwrap();
    let answer = stage.browser.submit(&page.form("/logout")).await;
    assert!(answer.location().starts_with("/login?flow="));
    assert_eq!(stage.browser.cookie("sid"), None);

    let login = stage.browser.get(answer.location()).await;
    assert!(login.text().contains("the account you want to link"));
    let logged_in = stage
        .browser
        .log_in_at(answer.location(), &other.email, PASSWORD)
        .await;
    let page = stage.browser.get(logged_in.location()).await;
    assert!(page.text().contains("other@example.com"));
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    assert_eq!(redirect.get("state"), Some("s"));

    stage.browser.set_cookie("sid", &session);
    assert_eq!(stage.browser.get("/account").await.location(), "/login");
}

#[sqlx::test]
async fn an_account_disabled_meanwhile_can_approve_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    stage.app.disable(&stage.person).await;
    let answer = stage.browser.decide(&page, "approve").await;
    assert!(answer.location().starts_with("/login?flow="));
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn xss_01_names_written_by_others_stay_text(db: PgPool) {
    let stage = Stage::set(db).await;
    let hostile = "\"><svg onload=alert(1)>'</title><script>alert(1)</script>";
    let rename = |client: &mut linkgate::client::Client| client.name = hostile.to_owned();
    stage.app.change_client(&stage.client, rename).await;
    let rename = |account: &mut linkgate::account::Account| account.name = hostile.to_owned();
    stage.app.change_account(&stage.person, rename).await;
    let page = stage.consent_page(&[]).await;
    assert!(
        page.text().contains("<svg onload=alert(1)>"),
        "{}",
        page.text()
    );
    let redirect = Redirect::of(&stage.browser.decide(&page, "approve").await);
    stage.redeem(redirect.code()).await;
    let account = stage.browser.get("/account").await;
    let login = stage.app.browser();
    let login = login
        .get(login.get(&stage.platform.url_with(&[])).await.location())
        .await;
    for page in [page, account, login] {
        assert!(
            !page.body.contains("<svg") && !page.body.contains("<script>"),
            "{}",
            page.body
        );
    }
}
