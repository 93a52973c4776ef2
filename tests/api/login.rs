//! Logging in: one answer to everything that is wrong, and hashes that grow stronger.

use std::sync::Arc;

use linkgate::{
    account::password::{Cost, Hasher},
    foundation::random::SystemRandom,
};
use sqlx::PgPool;

use crate::harness::{Answer, COST, PASSWORD, Stage, TestApp, seconds};

/// An answer without what differs between any two: the date and the address that was typed.
fn without_what_was_typed(answer: &Answer, email: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date" && *name != "content-length");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (answer.status, headers, answer.body.replace(email, "…"))
}

#[sqlx::test]
async fn auth_03_unknown_wrong_and_disabled_are_answered_alike(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.person("known@example.com").await;
    let disabled = app.person("disabled@example.com").await;
    app.disable(&disabled).await;
    app.person_with_hash("without@example.com", None).await;
    let browser = app.browser();
    let mut answers = Vec::new();
    for (email, password) in [
        ("unknown@example.com", PASSWORD),
        ("known@example.com", "wrong horse battery"),
        ("known@example.com", ""),
        ("disabled@example.com", PASSWORD),
        ("without@example.com", PASSWORD),
        ("", ""),
        ("not an address", "x"),
    ] {
        let answer = browser.log_in_at("/login", email, password).await;
        assert_eq!(answer.status, 422, "{email}: {answer:?}");
        assert_eq!(answer.cookies().len(), 0);
        assert!(
            answer
                .text()
                .contains("That e-mail or password isn’t right")
        );
        if !email.is_empty() {
            answers.push(without_what_was_typed(&answer, email));
        }
    }
    assert!(
        answers.windows(2).all(|pair| pair.first() == pair.last()),
        "{answers:#?}"
    );
    assert_eq!(app.count("session", "true").await, 0);
}

#[sqlx::test]
async fn an_address_is_the_same_in_any_case(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.person("Haneul@Example.com").await;
    for email in [
        "haneul@example.com",
        "HANEUL@EXAMPLE.COM",
        " haneul@example.com ",
    ] {
        let answer = app.browser().log_in_at("/login", email, PASSWORD).await;
        assert_eq!(answer.location(), "/account", "{email}");
    }
}

#[sqlx::test]
async fn a_password_is_taken_as_it_is_typed(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let hasher = Hasher::new(COST, 1, Arc::new(SystemRandom)).unwrap();
    let password = " 비밀 번호 & + % 🍕 ";
    let hash = hasher.hash(password.into()).await.unwrap();
    app.person_with_hash("haneul@example.com", Some(&hash))
        .await;
    let answer = app
        .browser()
        .log_in_at("/login", "haneul@example.com", password)
        .await;
    assert_eq!(answer.location(), "/account");
    let trimmed = app
        .browser()
        .log_in_at("/login", "haneul@example.com", password.trim())
        .await;
    assert_eq!(trimmed.status, 422);
}

#[sqlx::test]
async fn an_overlong_password_is_wrong_and_an_overlong_form_is_refused(db: PgPool) {
    let app = TestApp::spawn(db).await;
    app.person("haneul@example.com").await;
    let browser = app.browser();
    for length in [129, 513, 10_000] {
        let answer = browser
            .log_in_at("/login", "haneul@example.com", &"x".repeat(length))
            .await;
        assert_eq!(answer.status, 422, "{length}");
    }
    let answer = browser
        .log_in_at("/login", "haneul@example.com", &"x".repeat(40_000))
        .await;
    answer.assert_page(413);
    let answer = browser.log_in_at("/login", &"x".repeat(5_000), "x").await;
    assert_eq!(answer.status, 422);
}

#[sqlx::test]
async fn a_nul_in_a_form_is_refused_and_breaks_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for (email, password) in [("a\0@example.com", "x"), ("a@example.com", "x\0")] {
        let answer = app.browser().log_in_at("/login", email, password).await;
        answer.assert_page(400);
    }
}

#[sqlx::test]
async fn a_weaker_hash_is_replaced_at_login(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let weak = Cost { passes: 1, ..COST };
    let hasher = Hasher::new(weak, 1, Arc::new(SystemRandom)).unwrap();
    let weak = hasher.hash(PASSWORD.into()).await.unwrap();
    let person = app
        .person_with_hash("haneul@example.com", Some(&weak))
        .await;
    let refused = app
        .browser()
        .log_in_at("/login", &person.email, "wrong horse battery")
        .await;
    assert_eq!(refused.status, 422);
    let hash = "select password_hash from account";
    assert_eq!(app.value(hash).await, Some(weak.clone()));
    app.clock.advance(seconds(1));
    app.browser().log_in(&person).await;
    let stored = app.value(hash).await.unwrap();
    assert!(
        stored.starts_with("$argon2id$v=19$m=64,t=2,p=1$"),
        "{stored}"
    );
    app.browser().log_in(&person).await;
    assert_eq!(app.value(hash).await, Some(stored));
}

#[sqlx::test]
async fn an_imported_hash_of_bcrypt_works_and_becomes_argon2(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let person = app
        .person_with_hash("haneul@example.com", Some(&hash))
        .await;
    app.browser().log_in(&person).await;
    let stored = app
        .value("select password_hash from account")
        .await
        .unwrap();
    assert!(stored.starts_with("$argon2id$"), "{stored}");
}

#[sqlx::test]
async fn a_failed_login_keeps_the_flow(db: PgPool) {
    let stage = Stage::set(db).await;
    let login = stage.open(&[("state", "s")]).await.location().to_owned();
    let failed = stage
        .browser
        .log_in_at(&login, &stage.person.email, "wrong")
        .await;
    assert_eq!(failed.status, 422);
    stage.app.clock.advance(seconds(1));
    let form = failed.form("/login").with("password", PASSWORD);
    assert_eq!(form.value("email"), stage.person.email);
    let answer = stage.browser.submit(&form).await;
    let page = stage.browser.get(answer.location()).await;
    let redirect = crate::harness::Redirect::of(&stage.browser.decide(&page, "approve").await);
    assert_eq!(redirect.get("state"), Some("s"));
}

#[sqlx::test]
async fn opn_01_a_login_leads_only_to_our_own_pages(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    for target in [
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "https://evil.test/",
        "/%09/evil.test",
        "@evil.test",
        "a\r\nSet-Cookie: x=y",
        "한",
        "a&b=c#d",
    ] {
        let browser = app.browser();
        let form = browser.get("/login").await.form("/login");
        let form = form.with("email", &person.email).with("password", PASSWORD);
        for name in ["next", "return_to", "redirect_uri", "url", "continue"] {
            let answer = browser.submit(&form.clone().with(name, target)).await;
            assert_eq!(answer.location(), "/account", "{name}={target}");
        }
        let answer = browser.submit(&form.with("flow", target)).await;
        assert!(
            answer.location().starts_with("/login?flow="),
            "{target}: {answer:?}"
        );
        browser.get(answer.location()).await.assert_page(400);
    }
}
