//! What somebody learns who types others' addresses: nothing (AUTH-04 in the abuse cases).

use sqlx::PgPool;

use super::{EMAIL, Scene, Way, another, ask, type_code};
use crate::harness::{Answer, Browser};

/// Everything an address is answered with, up to the last guess at its code; without the address itself
/// and what is random anyway.
async fn seen(browser: &Browser, way: Way, email: &str) -> Vec<(u16, String)> {
    let plain = |answer: &Answer| (answer.status, answer.text().replace(email, "ADDRESS"));
    let page = browser.get(way.start()).await;
    let posted = page.form(way.start()).with("email", email);
    let posted = browser.submit(&posted).await;
    let (path, query) = posted.location().split_once('?').unwrap();
    let mut all = vec![(
        posted.status,
        format!("{path} {}", query.matches('=').count()),
    )];
    let mut headers: Vec<_> = posted.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    all.push((0, headers.join(" ")));
    let page = browser.get(posted.location()).await;
    all.push(plain(&page));
    for _ in 0..7 {
        all.push(plain(&type_code(browser, &page, "000000").await));
    }
    all
}

#[sqlx::test]
async fn auth_04_a_sign_up_answers_alike_whoever_has_the_address(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person("haneul@example.com").await;
    let blocked = scene.app.person("blocked@example.com").await;
    scene.app.disable(&blocked).await;
    let unknown = seen(&scene.app.browser(), Way::SignUp, EMAIL).await;
    for known in [&person.email, &blocked.email] {
        let answers = seen(&scene.app.browser(), Way::SignUp, known).await;
        assert_eq!(answers, unknown);
        // Only who reads its mail is told.
        let letter = scene.mail.letter_to(known).await;
        assert_eq!(letter.code(), None, "{letter:?}");
    }
    assert_eq!(scene.app.count("account", "true").await, 2);
}

#[sqlx::test]
async fn auth_04_a_forgotten_password_is_answered_alike_whoever_has_the_address(db: PgPool) {
    let scene = Scene::set(db).await;
    let person = scene.app.person("haneul@example.com").await;
    let blocked = scene.app.person("blocked@example.com").await;
    scene.app.disable(&blocked).await;
    let known = seen(&scene.app.browser(), Way::Recovery, &person.email).await;
    assert!(scene.mail.letter_to(&person.email).await.code().is_some());
    for other in [EMAIL, &blocked.email] {
        let answers = seen(&scene.app.browser(), Way::Recovery, other).await;
        assert_eq!(answers, known);
        let letter = scene.mail.letter_to(other).await;
        assert_eq!(letter.code(), None, "{letter:?}");
    }
}

#[sqlx::test]
async fn auth_04_an_uninvited_address_is_answered_like_an_invited_one(db: PgPool) {
    let scene = Scene::set_with(db, &[("LINKGATE_SIGNUP", "invited")]).await;
    scene
        .app
        .change("insert into invitation (email_key, email, invited_at, expires_at) select 'guest@example.com', 'guest@example.com', '2020-01-01', '2100-01-01'")
        .await;
    let invited = seen(&scene.app.browser(), Way::SignUp, "guest@example.com").await;
    let uninvited = seen(&scene.app.browser(), Way::SignUp, EMAIL).await;
    assert_eq!(uninvited, invited);
    assert!(scene.code_for("guest@example.com").await.len() == 6);
    assert_eq!(scene.mail.letter_to(EMAIL).await.code(), None);
}

#[sqlx::test]
async fn no_code_is_right_where_none_was_mailed(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let page = ask("/password/forgot", &browser, EMAIL).await;
    let row = scene
        .app
        .value("select encode(code_mac, 'hex') from mailed_code where account_id is null")
        .await;
    assert!(row.is_some());
    for code in ["000000", another("000000"), ""] {
        assert_eq!(type_code(&browser, &page, code).await.status, 422);
    }
}

#[sqlx::test]
async fn csr_01_another_site_can_neither_ask_for_codes_nor_type_them(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = scene.app.browser();
    let start = browser.get("/signup").await.form("/signup");
    let page = ask("/signup", &browser, EMAIL).await;
    let code = scene.code_for(EMAIL).await;
    let forms = [
        start.with("email", "other@example.com"),
        page.form("/verify").with("code", &code),
    ];
    for form in forms {
        for header in [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let answer = browser.submit_with(&form, &[header]).await;
            assert_eq!(answer.status, 403, "{answer:?}");
        }
        let answer = browser.submit(&form.without("csrf")).await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    assert_eq!(
        scene.app.count("mailed_code", "typed_at is not null").await,
        0
    );
    assert_eq!(scene.app.count("mailed_code", "true").await, 1);
}
